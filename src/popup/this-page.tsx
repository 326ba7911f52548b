import { useEffect, useState } from 'preact/hooks';
import type { PortalSettings } from '../domain/settings';
import { isOnItsWay } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import { call } from '../messaging/call';
import { onNotice } from '../messaging/notices';
import type { SubscriptionView } from '../messaging/protocol';
import { browser } from '../platform/browser';
import { consoleLog } from '../platform/log';
import { recognise } from '../portals/index';
import { Button } from '../ui/button';
import { formatAge, formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingText } from '../ui/standing-text';
import { useNow } from '../ui/use-now';
import { failureText } from '../words/failure';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import { signIn } from './sign-in';

interface ThisPageProps {
  readonly portals: PortalSettings;
  /** The tab whose page is meant, by its number; null for the one in front of the person. */
  readonly tab: number | null;
}

/** The subscription that the tab shows, first as it is known, then read anew. Nothing when the tab shows none. */
export function ThisPage({ portals, tab }: ThisPageProps) {
  const [view, setView] = useState<SubscriptionView | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const now = useNow();

  useEffect(() => {
    const ended = new AbortController();
    const fail = (cause: unknown) => {
      if (!ended.signal.aborted) setProblem(problemText(cause));
    };
    const show = (next: SubscriptionView) => {
      if (ended.signal.aborted) return;
      setView(next);
      setProblem(null);
    };
    const watch = async (subscriptionId: SubscriptionId) => {
      onNotice((notice) => {
        if (notice.changed === 'subscription' && notice.view.subscriptionId === subscriptionId) show(notice.view);
        // Somebody may have signed in, or chosen another service.
        if (notice.changed === 'settings') call('subscription.read', { subscriptionId, anew: true }).then(show, fail);
      }, ended.signal);
      show(await call('subscription.read', { subscriptionId, anew: false }));
      show(await call('subscription.read', { subscriptionId, anew: true }));
    };
    shownIn(tab, portals)
      .then((subscriptionId) => (subscriptionId === null || ended.signal.aborted ? undefined : watch(subscriptionId)))
      .catch(fail);
    return () => ended.abort();
  }, [portals, tab]);

  if (view === null) return problem === null ? null : <p class="problem">{problem}</p>;
  const { record, readAt, failure, source, standing, subscriptionId } = view;
  return (
    <section class="this-page card" aria-label={t('popup.here')}>
      <p class="small muted">{t('popup.here')}</p>
      <h2 class="one-line">
        <Name text={record?.displayName ?? subscriptionId} />
      </h2>
      <p class="this-page-partner">
        <Partner view={view} />
      </p>
      {standing !== null && isOnItsWay(standing.at) && (
        <p>
          <StandingText standing={standing} now={now} />
        </p>
      )}
      {failure !== null && <p class="problem small">{failureText(failure)}</p>}
      {problem !== null && <p class="problem small">{problem}</p>}
      {source !== null && (
        <div class="row this-page-acts">
          <Acts
            subscriptionId={subscriptionId}
            mayChange={record?.caller.canChangePartner !== false}
            signsIn={failure?.reason === 'signInNeeded'}
          />
          {readAt !== null && (
            <p class="small muted">
              <Sentence
                of="popup.readFrom"
                with={{ source: <Name text={source} />, age: <bdi>{formatAge(readAt, now)}</bdi> }}
              />
            </p>
          )}
        </div>
      )}
    </section>
  );
}

/** Who the partner is. What is not known is never shown as none. */
function Partner({ view: { record, source, failure } }: { readonly view: SubscriptionView }) {
  if (source === null) return <>{t('popup.noService')}</>;
  if (record === null) return <>{failure === null ? t('popup.reading') : t('popup.unknownPartner')}</>;
  const { partnerOfRecord } = record;
  if (partnerOfRecord === null) return <>{t('pages.noPartner')}</>;
  const since = <bdi>{formatDate(partnerOfRecord.assignedAt)}</bdi>;
  return <Sentence of="popup.partnerSince" with={{ partner: <PartnerName partner={partnerOfRecord} />, since }} />;
}

interface ActsProps {
  readonly subscriptionId: SubscriptionId;
  readonly mayChange: boolean;
  readonly signsIn: boolean;
}

/** What can be done from here. “Change” leads to the extension's own window, which stays when the popup closes. */
function Acts({ subscriptionId, mayChange, signsIn }: ActsProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = (work: () => Promise<string | null>) => {
    setBusy(true);
    setProblem(null);
    work()
      .then(setProblem, (cause: unknown) => setProblem(problemText(cause)))
      .finally(() => setBusy(false));
  };
  return (
    <>
      {signsIn && (
        <Button kind="primary" busy={busy} onPress={() => act(signIn)}>
          {t('standing.acts.signIn')}
        </Button>
      )}
      {mayChange && (
        <Button busy={busy} onPress={() => act(() => openWindow(subscriptionId))}>
          {t('popup.change')}
        </Button>
      )}
      {problem !== null && (
        <p class="problem small" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}

/** Answers in words why the window is not before the person; null when it is. */
async function openWindow(subscriptionId: SubscriptionId): Promise<string | null> {
  return (await call('confirm.openFor', { subscriptionId })) === 'busy' ? t('popup.windowBusy') : null;
}

async function shownIn(tab: number | null, portals: PortalSettings): Promise<SubscriptionId | null> {
  const url = tab === null ? (await frontTab())?.url : await addressOf(tab);
  return url === undefined ? null : (recognise(url, portals)?.subscriptionId ?? null);
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
