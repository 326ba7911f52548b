import { type Connection, isOfLinks } from '../domain/connection';
import type { KindFacts } from '../domain/kind-facts';
import type { KnownPlaces } from '../domain/place';
import { defaultConnectionOf, type PortalSettings } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import { openOptions } from '../messaging/open-options';
import { aboutExtension } from '../platform/about';
import { browser } from '../platform/browser';
import { readPlaces } from '../storage/places';
import { areConnectionsUnread, onSettingsChanged, readSettingsWhole, type SettingsRead } from '../storage/settings';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { WholePage } from '../ui/whole-page';
import { useLive } from '../ui/use-live';
import { t } from '../words/words';
import { Subscriptions, type SubscriptionsPorts } from './subscriptions';
import type { WatchSettingsProps } from './watch-settings';

/** All subscriptions that the connections list, with their partners of record. */
export function SubscriptionsPage(ports: SubscriptionsPorts) {
  const stored = useLive(readStored, onSettingsChanged, []);
  const kinds = useLive(() => call('connections.kinds', {}), onSettingsBroadcast, []);
  return (
    <WholePage title={t('subscriptions.title')} look="page-whole stack" about={aboutExtension()} stored={stored}>
      {(value) => <Listed {...value} kinds={kinds.state === 'here' ? kinds.value : []} ports={ports} />}
    </WholePage>
  );
}

async function readStored() {
  const [read, places] = await Promise.all([readSettingsWhole(), readPlaces()]);
  const { settings } = read;
  return {
    connections: settings.connections,
    defaultId: defaultConnectionOf(settings)?.id ?? null,
    watching: { watch: settings.watch, watched: settings.watched, managed: managedOf(read) },
    unread: areConnectionsUnread(read),
    portals: settings.portals,
    places,
  };
}

function managedOf({ managed }: SettingsRead): WatchSettingsProps['managed'] {
  return { watch: managed.has('watch'), watched: managed.has('watched') };
}

interface ListedProps {
  readonly connections: readonly Connection[];
  readonly defaultId: string | null;
  readonly watching: Pick<WatchSettingsProps, 'watch' | 'watched' | 'managed'>;
  readonly unread: boolean;
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
  readonly kinds: readonly KindFacts[];
  readonly ports: SubscriptionsPorts;
}

function Listed({ connections, unread, kinds, ...rest }: ListedProps) {
  if (connections.length === 0) return <NotConfigured unread={unread} />;
  // While nobody knows, it is tried.
  const isUnlisted = (connection: Connection): boolean =>
    isOfLinks(connection) || kinds.some(({ kind, can }) => kind === connection.kind && !can.list);
  const listed = connections.filter((connection) => !isUnlisted(connection));
  return (
    <>
      {connections.filter(isUnlisted).map((connection) => (
        <Unlisted key={connection.id} connection={connection} />
      ))}
      {listed.length > 0 && (
        <Subscriptions
          connections={listed}
          linksOf={connections.filter(isOfLinks).map(({ id }) => id)}
          kinds={kinds}
          {...rest}
        />
      )}
    </>
  );
}

/** What of a connection is elsewhere. */
function Unlisted({ connection }: { readonly connection: Connection }) {
  const source = visibleText(connection.name);
  if (!isOfLinks(connection)) {
    return (
      <Notice role="status" tone="plain">
        {t('subscriptions.notListed', { source })}
      </Notice>
    );
  }
  return (
    <Notice
      role="status"
      tone="plain"
      actions={
        <a class="button" href={browser.runtime.getURL('src/tenants/index.html')}>
          {t('subscriptions.openTenants')}
        </a>
      }
    >
      {t('subscriptions.linksElsewhere', { source })}
    </Notice>
  );
}

function NotConfigured({ unread }: { readonly unread: boolean }) {
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
      {t(unread ? 'pages.settingsUnread' : 'pages.notConfigured')}
    </Notice>
  );
}
