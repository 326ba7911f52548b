import { isOfLinks } from '../domain/connection';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { aboutExtension } from '../platform/about';
import { consoleLog } from '../platform/log';
import type { HistoryReader } from '../storage/history';
import { onSettingsChanged, readSettingsWhole } from '../storage/settings';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { useLive } from '../ui/use-live';
import { WholePage } from '../ui/whole-page';
import { t } from '../words/words';
import { Tenants } from './tenants';

/** The tenants that the person's accounts reach, with their own link in each. */
export function TenantsPage({ history }: { readonly history: HistoryReader }) {
  const stored = useLive(readStored, onSettingsChanged, []);
  return (
    <WholePage
      title={t('tenants.title')}
      look="page-whole stack"
      about={aboutExtension()}
      whose={t('tenants.whose')}
      stored={stored}
    >
      {({ connections, own }) => {
        const [first, ...others] = connections;
        if (first === undefined) return <NotConfigured />;
        if (others.length === 0) return <Tenants key={first.id} connection={first} own={own} history={history} />;
        return (
          <>
            {connections.map((connection) => (
              <section key={connection.id} class="stack" aria-label={visibleText(connection.name)}>
                <h2>
                  <bdi>{visibleText(connection.name)}</bdi>
                </h2>
                <Tenants connection={connection} own={own} history={history} />
              </section>
            ))}
          </>
        );
      }}
    </WholePage>
  );
}

async function readStored() {
  const { settings } = await readSettingsWhole();
  return { connections: settings.connections.filter(isOfLinks), own: settings.ownPartnerId };
}

function NotConfigured() {
  const open = () => {
    call('options.open', {}).catch((cause: unknown) => consoleLog.error('The options could not be opened', cause));
  };
  return (
    <Notice
      role="status"
      tone="plain"
      actions={
        <Button kind="primary" onPress={open}>
          {t('pages.openOptions')}
        </Button>
      }
    >
      {t('tenants.notConfigured')}
    </Notice>
  );
}
