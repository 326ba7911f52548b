import { type EntraConnection, isOfLinks } from '../domain/connection';
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
  const stored = useLive(readConnections, onSettingsChanged, []);
  return (
    <WholePage
      title={t('tenants.title')}
      look="page-whole stack"
      about={aboutExtension()}
      whose={t('tenants.whose')}
      stored={stored}
    >
      {(connections) =>
        connections.length === 0 ? (
          <NotConfigured />
        ) : (
          <>
            {connections.map((connection) => (
              <Tenants key={connection.id} connection={connection} history={history} />
            ))}
          </>
        )
      }
    </WholePage>
  );
}

async function readConnections(): Promise<readonly EntraConnection[]> {
  const { settings } = await readSettingsWhole();
  return settings.connections.filter(isOfLinks);
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
