import { useEffect } from 'preact/hooks';
import { isOfLinks } from '../domain/connection';
import { isOnItsWay } from '../domain/phase';
import { remediesFor } from '../domain/remedies';
import type { Settings } from '../domain/settings';
import type { SubscriptionId } from '../domain/subscription';
import { visibleText } from '../domain/visible-text';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import { signInNews } from '../messaging/link-sign-in';
import type { LinkView } from '../messaging/protocol';
import { consoleLog } from '../platform/log';
import { Button } from '../ui/button';
import { Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingText } from '../ui/standing-text';
import { useLive } from '../ui/use-live';
import { useNow } from '../ui/use-now';
import { useWork, WorkProblem } from '../ui/use-work';
import { failureText } from '../words/failure';
import { windowText } from '../words/window';
import { t } from '../words/words';
import { signInText } from './sign-in';
import { PartnerSince, ReadFrom } from './this-page-lines';

/** What is known of the link that counts on a subscription's page; null while nothing is, and where no connection holds links for it. */
export function useLink(subscriptionId: SubscriptionId | null, settings: Settings): LinkView | null {
  const holdsLinks = settings.connections.some(isOfLinks);
  const isAsked = subscriptionId !== null && holdsLinks;
  const known = useLive(
    async () => (isAsked ? call('link.read', { subscriptionId, user: null, anew: false }) : null),
    onLinks,
    [subscriptionId, holdsLinks],
  );
  const isThere = known.state === 'here' && known.value !== null;
  // What is known is there at once; what Azure holds now comes as news.
  useEffect(() => {
    if (!isAsked || !isThere) return;
    call('link.read', { subscriptionId, user: null, anew: true }).catch((cause: unknown) =>
      consoleLog.error('The link could not be read anew', cause),
    );
  }, [subscriptionId, isAsked, isThere]);
  return known.state === 'here' ? known.value : null;
}

function onLinks(again: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    if (changed === 'links' || changed === 'settings') again();
  }, signal);
}

/** Whose link counts on the page and who is the partner by it, with what can be done from here. */
export function ThisPageLink({ view }: { readonly view: LinkView }) {
  const { subscriptionId, link, failure, source, standing, readAt, state } = view;
  const { account, tenant, target } = link;
  const now = useNow();
  const { busy, problem, run } = useWork();
  const user = account?.user ?? null;
  const needsSignIn = failure !== null && remediesFor(failure).includes('signIn');
  const signIn = async () => {
    const text = signInText(signInNews(await call('link.signIn', { subscriptionId, user })));
    // What Azure holds comes as news.
    await call('link.read', { subscriptionId, user, anew: true });
    return text;
  };
  return (
    <div class="this-page-link">
      <h3 class="small muted">{t('link.region')}</h3>
      <p class="this-page-partner">
        <LinkedPartner view={view} />
      </p>
      {account !== null && tenant !== null && (
        <p class="small muted">
          <Sentence
            of={state?.partnerOfRecord ? 'link.by' : 'link.of'}
            with={{ account: <Name text={account.name} />, tenant: <Name text={tenant.name ?? tenant.id} /> }}
          />
        </p>
      )}
      {standing !== null && isOnItsWay(standing.at) && (
        <p>
          <StandingText standing={standing} now={now} />
        </p>
      )}
      {failure !== null && <p class="problem small">{failureText(failure, source, 'link')}</p>}
      <div class="row this-page-acts">
        {needsSignIn && (
          <Button kind="primary" busy={busy} onPress={() => run(signIn)}>
            {account === null ? t('pages.signIn') : t('link.signInAs', { account: visibleText(account.name) })}
          </Button>
        )}
        {target !== null && (
          <Button
            busy={busy}
            onPress={() =>
              run(async () => windowText(await call('confirm.openFor', { subscriptionId, link: { user } })))
            }
          >
            {t('link.changes.change')}
          </Button>
        )}
        <WorkProblem problem={problem} />
        {readAt !== null && source !== null && <ReadFrom source={source} readAt={readAt} />}
      </div>
    </div>
  );
}

/** Who the partner is. What is not known is never shown as none. */
function LinkedPartner({ view: { state, failure } }: { readonly view: LinkView }) {
  if (state === null) return <>{failure === null ? t('link.reading') : t('link.unknown')}</>;
  const { partnerOfRecord } = state;
  if (partnerOfRecord === null) return <>{t('link.none')}</>;
  return <PartnerSince partner={partnerOfRecord} />;
}
