import { useEffect, useState } from 'preact/hooks';
import type { PortalSettings } from '../domain/settings';
import { isOnItsWay } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import { call } from '../messaging/call';
import { onNotice } from '../messaging/notices';
import type { SubscriptionView } from '../messaging/protocol';
import { browser } from '../platform/browser';
import { recognise } from '../portals/index';
import { Button } from '../ui/button';
import { formatAge, formatDate } from '../ui/format';
import { Name, PartnerName } from '../ui/partner-name';
import { StandingText } from '../ui/standing-text';
import { Support } from '../ui/support';
import { failureText } from '../words/failure';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import { useNow } from '../ui/use-now';

/** The subscription that the current tab shows, first as it is known, then read anew. Nothing when the tab shows none. */
export function ThisPage({ portals }: { readonly portals: PortalSettings }) {
  const [view, setView] = useState<SubscriptionView | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const now = useNow();

  useEffect(() => {
    const ended = new AbortController();
    const show = (next: SubscriptionView) => {
      if (!ended.signal.aborted) setView(next);
    };
    const watch = async (subscriptionId: SubscriptionId) => {
      onNotice((notice) => {
        if (notice.changed === 'subscription' && notice.view.subscriptionId === subscriptionId) show(notice.view);
      }, ended.signal);
      show(await call('subscription.read', { subscriptionId, anew: false }));
      show(await call('subscription.read', { subscriptionId, anew: true }));
    };
    shownInTab(portals)
      .then((subscriptionId) => (subscriptionId === null || ended.signal.aborted ? undefined : watch(subscriptionId)))
      .catch((cause: unknown) => {
        if (!ended.signal.aborted) setProblem(problemText(cause));
      });
    return () => ended.abort();
  }, [portals]);

  if (problem !== null) return <p class="problem">{problem}</p>;
  if (view === null) return null;
  const { record, readAt, failure, source, standing } = view;
  return (
    <section class="this-page card" aria-label={t('popup.here')}>
      <p class="small muted">{t('popup.here')}</p>
      <h2>
        <Name text={record?.displayName ?? view.subscriptionId} />
      </h2>
      {record === null ? (
        <p>{failure === null ? t('popup.reading') : t('popup.unknownPartner')}</p>
      ) : record.partnerOfRecord === null ? (
        <p>{t('pages.noPartner')}</p>
      ) : (
        <p>
          <PartnerName partner={record.partnerOfRecord} />
          <span class="muted">, {t('popup.since', { date: formatDate(record.partnerOfRecord.assignedAt) })}</span>
        </p>
      )}
      {standing !== null && isOnItsWay(standing.at) && (
        <p>
          <StandingText standing={standing} now={now} />
        </p>
      )}
      {source !== null && record?.caller.canChangePartner !== false && <Change subscriptionId={view.subscriptionId} />}
      {failure !== null && <p class="problem small">{failureText(failure)}</p>}
      {failure !== null && <Support after={failure} />}
      {readAt !== null && (
        <p class="small muted">
          {source !== null && <Name text={source} />} {t('pages.read', { age: formatAge(readAt, now) })}
        </p>
      )}
    </section>
  );
}

/** Leads to the extension's own window, which stays when the popup closes. */
function Change({ subscriptionId }: { readonly subscriptionId: SubscriptionId }) {
  const [words, setWords] = useState<string | null>(null);
  const open = () => {
    call('confirm.openFor', { subscriptionId }).then(
      (answer) => setWords(answer === 'busy' ? t('popup.windowBusy') : null),
      (cause: unknown) => setWords(problemText(cause)),
    );
  };
  return (
    <div class="row this-page-change">
      <Button onPress={open}>{t('popup.change')}</Button>
      {words !== null && (
        <p class="problem small" role="alert">
          {words}
        </p>
      )}
    </div>
  );
}

async function shownInTab(portals: PortalSettings): Promise<SubscriptionId | null> {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  return tab?.url === undefined ? null : (recognise(tab.url, portals)?.subscriptionId ?? null);
}
