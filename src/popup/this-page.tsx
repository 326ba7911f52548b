import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connectionFor } from '../domain/connection';
import { defaultConnectionOf, type Settings } from '../domain/settings';
import { subscriptionName } from '../domain/partner-state';
import { remediesFor } from '../domain/remedies';
import { isOnItsWay } from '../domain/phase';
import type { SubscriptionId } from '../domain/subscription';
import { call } from '../messaging/call';
import { onBroadcast } from '../messaging/broadcasts';
import { afterWorker, newerView } from '../messaging/newer-view';
import type { SubscriptionView } from '../messaging/protocol';
import { watchWorker } from '../messaging/watch-worker';
import { browser } from '../platform/browser';
import { consoleLog } from '../platform/log';
import { recognise } from '../portals/index';
import { Name } from '../ui/partner-name';
import { StandingText } from '../ui/standing-text';
import { Support, SupportContext } from '../ui/support';
import { useNow } from '../ui/use-now';
import { ProblemText } from '../ui/problem-text';
import { failureText } from '../words/failure';
import { t } from '../words/words';
import { type OfConnection, ThisPageActs } from './this-page-acts';
import { ThisPageLink, useLink } from './this-page-link';
import { PartnerSince, ReadFrom } from './this-page-lines';

interface ThisPageProps {
  readonly settings: Settings;
  /** The tab whose page is meant, by its number; null for the one in front of the person. */
  readonly tab: number | null;
}

/** The subscription that the tab shows, first as it is known, then read anew. Nothing when the tab shows none. */
export function ThisPage({ settings, tab }: ThisPageProps) {
  const [view, setView] = useState<SubscriptionView | null>(null);
  const [shown, setShown] = useState<Shown | null>(null);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const now = useNow();
  const link = useLink(shown?.subscriptionId ?? null, settings);

  useEffect(() => {
    const ended = new AbortController();
    const fail = (cause: unknown) => {
      if (!ended.signal.aborted) setProblem(<ProblemText cause={cause} />);
    };
    let newest: SubscriptionView | null = null;
    const show = (next: SubscriptionView) => {
      if (ended.signal.aborted) return;
      newest = newerView(newest, next);
      setView(newest);
      setProblem(null);
    };
    const watch = async (found: Shown) => {
      const { subscriptionId, of } = found;
      setShown(found);
      const read = async (anew: boolean) => {
        worker.asking();
        const answer = await call('subscription.read', { subscriptionId, ...of, anew });
        worker.heard();
        show(answer);
      };
      // What the worker was about to tell is lost with it, and a tab may stay for long.
      const worker = watchWorker((idle) => {
        newest = newest && afterWorker(newest);
        if (!idle || (newest?.standing && isOnItsWay(newest.standing.at))) read(true).catch(fail);
      }, ended.signal);
      onBroadcast((broadcast) => {
        if (broadcast.changed === 'subscription' && broadcast.view.subscriptionId === subscriptionId) {
          worker.heard();
          if (broadcast.connectionId === of.connectionId) show(broadcast.view);
        }
        // Somebody may have signed in, or chosen another service.
        if (broadcast.changed === 'settings') read(true).catch(fail);
      }, ended.signal);
      await read(false);
      await read(true);
    };
    shownIn(tab, settings)
      .then((found) => (found === null || ended.signal.aborted ? undefined : watch(found)))
      .catch(fail);
    return () => ended.abort();
  }, [settings, tab]);

  if (view === null) return problem === null ? null : <div class="problem">{problem}</div>;
  const { state, readAt, failure, source, standing, subscriptionId, can } = view;
  return (
    <section class="this-page card" aria-label={t('popup.here')}>
      <p class="small muted">{t('popup.here')}</p>
      <h2 class="one-line">
        <Name text={subscriptionName(subscriptionId, state)} />
      </h2>
      {/* Without a service the record is nobody's: the link says all that there is to say. */}
      {(link === null || source !== null || view.settingsUnread) && (
        <p class="this-page-partner">
          <Partner view={view} />
        </p>
      )}
      {standing !== null && isOnItsWay(standing.at) && (
        <p>
          <StandingText standing={standing} now={now} />
        </p>
      )}
      {failure !== null && <p class="problem small">{failureText(failure, source)}</p>}
      {failure !== null && (
        <SupportContext.Provider value={view.support}>
          <Support after={failure} />
        </SupportContext.Provider>
      )}
      {problem !== null && <div class="problem small">{problem}</div>}
      {source !== null && (
        <div class="row this-page-acts">
          <ThisPageActs
            subscriptionId={subscriptionId}
            of={shown?.of ?? {}}
            page={shown?.address ?? null}
            service={source}
            mayChange={can !== null && state?.rights.mayChange !== false}
            remedies={failure === null ? [] : remediesFor(failure)}
          />
          {readAt !== null && <ReadFrom source={source} readAt={readAt} />}
        </div>
      )}
      {link !== null && <ThisPageLink view={link} />}
    </section>
  );
}

/** Who the partner is. What is not known is never shown as none. */
function Partner({ view: { state, source, failure, settingsUnread } }: { readonly view: SubscriptionView }) {
  if (source === null) return <>{t(settingsUnread ? 'pages.settingsUnread' : 'popup.noService')}</>;
  if (state === null) return <>{failure === null ? t('popup.reading') : t('popup.unknownPartner')}</>;
  const { partnerOfRecord } = state;
  if (partnerOfRecord === null) return <>{t('pages.noPartner')}</>;
  return <PartnerSince partner={partnerOfRecord} />;
}

interface Shown {
  readonly subscriptionId: SubscriptionId;
  readonly address: string;
  /** Which connection serves it; nothing where that is the default. */
  readonly of: OfConnection;
}

async function shownIn(tab: number | null, settings: Settings): Promise<Shown | null> {
  const { portals, connections, defaultConnection } = settings;
  const address = tab === null ? (await frontTab())?.url : await addressOf(tab);
  const page = address === undefined ? null : recognise(address, portals);
  if (address === undefined || page === null) return null;
  const connection = connectionFor(page, connections, defaultConnection);
  const isDefault = connection?.id === defaultConnectionOf(settings)?.id;
  const of = connection === null || isDefault ? {} : { connectionId: connection.id };
  return { subscriptionId: page.subscriptionId, address, of };
}

async function addressOf(tab: number): Promise<string | undefined> {
  try {
    return (await browser.tabs.get(tab)).url;
  } catch (cause) {
    consoleLog.info('The tab that this page was opened over is gone', { why: String(cause) });
    return undefined;
  }
}

/** The tab in front of the person, over which the popup opens. */
export async function frontTab() {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  return tab;
}
