import { isOfLinks } from '../domain/connection';
import { visibleText } from '../domain/visible-text';
import { openOptions } from '../messaging/open-options';
import { aboutExtension } from '../platform/about';
import type { HistoryReader } from '../storage/history';
import { onSettingsChanged, readSettingsWhole } from '../storage/settings';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { useLive } from '../ui/use-live';
import { WholePage } from '../ui/whole-page';
import { t } from '../words/words';
import { Tenants } from './tenants';
import type { Watching } from './watch-links';

interface TenantsPageProps {
  readonly history: HistoryReader;
  readonly watches: Watching['watches'];
}

/** The tenants that the person's accounts reach, with their own link in each. */
export function TenantsPage({ history, watches }: TenantsPageProps) {
  const stored = useLive(readStored, onSettingsChanged, []);
  return (
    <WholePage
      title={t('tenants.title')}
      look="page-whole stack"
      about={aboutExtension()}
      whose={t('tenants.whose')}
      stored={stored}
    >
      {({ connections, own, watch, managed }) => {
        const shared = { own, history, watching: { watch, managed, watches } };
        const [first, ...others] = connections;
        if (first === undefined) return <NotConfigured />;
        if (others.length === 0) return <Tenants key={first.id} connection={first} {...shared} />;
        return (
          <>
            {connections.map((connection) => (
              <section key={connection.id} class="stack" aria-label={visibleText(connection.name)}>
                <h2>
                  <bdi>{visibleText(connection.name)}</bdi>
                </h2>
                <Tenants connection={connection} {...shared} />
              </section>
            ))}
          </>
        );
      }}
    </WholePage>
  );
}

async function readStored() {
  const { settings, managed } = await readSettingsWhole();
  const { connections, ownPartnerId, watch } = settings;
  return {
    connections: connections.filter(isOfLinks),
    own: ownPartnerId,
    watch,
    managed: { watch: managed.has('watch'), watched: managed.has('watched') },
  };
}

function NotConfigured() {
  return (
    <Notice
      role="status"
      tone="plain"
      actions={
        <Button kind="primary" onPress={openOptions}>
          {t('pages.openOptions')}
        </Button>
      }
    >
      {t('tenants.notConfigured')}
    </Notice>
  );
}
