import { useEffect, useId, useState } from 'preact/hooks';
import type { KnownPlaces } from '../domain/place';
import type { Connection } from '../domain/connection';
import { defaultConnectionOf, type PortalSettings } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import { aboutExtension } from '../platform/about';
import { consoleLog } from '../platform/log';
import { readPlaces } from '../storage/places';
import { areConnectionsUnread, onSettingsChanged, readSettingsWhole } from '../storage/settings';
import { Button } from '../ui/button';
import { formatAge } from '../ui/format';
import { Help } from '../ui/help';
import { Notice } from '../ui/notice';
import { PageFoot } from '../ui/page-foot';
import { Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useLive } from '../ui/use-live';
import { useNow } from '../ui/use-now';
import { Support } from '../ui/support';
import { ProblemText } from '../ui/problem-text';
import { failureText } from '../words/failure';
import { ReadingSettings } from '../ui/reading-settings';
import { t } from '../words/words';
import { Remedies } from './remedies';
import { SubscriptionsTable } from './subscriptions-table';
import { useSubscriptions } from './use-subscriptions';

const TYPING_PAUSE_MS = 250;
const LONGEST_FILTER = 200;

/** All subscriptions that the service shows, with their partners of record. */
export function SubscriptionsPage() {
  const stored = useLive(readStored, onSettingsChanged, []);
  const kinds = useLive(() => call('connections.kinds', {}), onSettingsBroadcast, []);
  // While nobody knows, it is tried.
  const isUnlisted = (connection: Connection): boolean =>
    kinds.state === 'here' && kinds.value.some(({ kind, can }) => kind === connection.kind && !can.list);
  return (
    <>
      <header class="page-head">
        <img src="/icons/icon-48.png" alt="" width="32" height="32" />
        <div>
          <p class="small muted">{t('pages.product')}</p>
          <h1>{t('subscriptions.title')}</h1>
        </div>
      </header>
      <main class="page-main page-wide stack">
        {stored.state === 'reading' && <ReadingSettings />}
        {stored.state === 'failed' && (
          <Notice role="alert" tone="bad">
            <ProblemText cause={stored.cause} />
          </Notice>
        )}
        {stored.state === 'here' &&
          (stored.value.connection === null ? (
            <NotConfigured unread={stored.value.unread} />
          ) : isUnlisted(stored.value.connection) ? (
            <Notice role="status" tone="plain">
              {t('subscriptions.notListed', { source: visibleText(stored.value.connection.name) })}
            </Notice>
          ) : (
            <Subscriptions key={stored.value.connection.id} {...stored.value} connection={stored.value.connection} />
          ))}
      </main>
      <footer class="page-foot muted small">
        <p>{t('pages.whoseRecord')}</p>
        <PageFoot {...aboutExtension()} />
      </footer>
    </>
  );
}

async function readStored() {
  const [read, places] = await Promise.all([readSettingsWhole(), readPlaces()]);
  const { settings } = read;
  const connection = defaultConnectionOf(settings);
  return { connection, unread: areConnectionsUnread(read), portals: settings.portals, places };
}

function NotConfigured({ unread }: { readonly unread: boolean }) {
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
      {t(unread ? 'pages.settingsUnread' : 'pages.notConfigured')}
    </Notice>
  );
}

interface SubscriptionsProps {
  readonly connection: Connection;
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
}

function Subscriptions({ connection, portals, places }: SubscriptionsProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const filter = useSettled(typed.trim());
  const { list, broken, again, more } = useSubscriptions(filter);
  const now = useNow();
  const { subscriptions, next, readAt, state } = list;
  const busy = state === 'reading' && broken === null;
  const failure = typeof state === 'object' ? state.failure : null;
  const problem =
    broken !== null ? <ProblemText cause={broken} /> : failure !== null ? failureText(failure, connection.name) : null;

  return (
    <>
      <div class="subscriptions-tools">
        <div class="field subscriptions-filter">
          <label class="label" for={id}>
            {t('subscriptions.filter')}
          </label>
          <input
            id={id}
            class="input"
            type="search"
            placeholder={t('subscriptions.filterHint')}
            maxLength={LONGEST_FILTER}
            value={typed}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <Button onPress={again} busy={busy}>
          {t('subscriptions.refresh')}
        </Button>
      </div>
      {/* What counts up or grows old stands beside the status: it would be read out again and again. */}
      <p class="muted">
        <span role="status">
          {busy && t('subscriptions.loading')}
          {state === 'here' && resultText(subscriptions.length, next !== null, filter)}
        </span>{' '}
        {state !== 'here' && subscriptions.length > 0 && t('subscriptions.soFar', { count: subscriptions.length })}{' '}
        {readAt !== null && (
          <Sentence
            of="subscriptions.readFrom"
            with={{ source: <Name text={connection.name} />, age: <bdi>{formatAge(readAt, now)}</bdi> }}
          />
        )}
      </p>
      {problem !== null && (
        <Notice role="alert" tone="bad" actions={<Remedies failure={broken === null ? failure : null} again={again} />}>
          {problem}
          {broken === null && failure !== null && <Support after={failure} />}
        </Notice>
      )}
      {problem !== null && <Help about="whom" />}
      {subscriptions.length > 0 && (
        <SubscriptionsTable subscriptions={subscriptions} portals={portals} places={places} />
      )}
      {next !== null && (
        <div class="row">
          <Button onPress={more} busy={busy}>
            {t('subscriptions.showMore')}
          </Button>
        </div>
      )}
    </>
  );
}

function resultText(count: number, areMore: boolean, filter: string): string {
  if (count === 0) return filter === '' ? t('subscriptions.none') : t('subscriptions.nothingFound');
  return areMore ? t('subscriptions.shownMore', { count }) : t('subscriptions.shown', { count });
}

/** The value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
