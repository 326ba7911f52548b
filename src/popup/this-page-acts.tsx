import type { Remedy } from '../domain/remedies';
import type { SubscriptionId } from '../domain/subscription';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { Button } from '../ui/button';
import { RemedyButtons } from '../ui/remedy-buttons';
import { useWork, WorkProblem } from '../ui/use-work';
import { windowText } from '../words/window';
import { t } from '../words/words';
import { signIn } from './sign-in';

/** Which connection a message means; nothing: the default. */
export interface OfConnection {
  readonly connectionId?: string;
}

interface ThisPageActsProps {
  readonly of: OfConnection;
  readonly subscriptionId: SubscriptionId;
  /** The address of its page. */
  readonly page: string | null;
  /** Where its record is kept, as people know it. */
  readonly service: string;
  readonly mayChange: boolean;
  /** What may help where it could not be read. */
  readonly remedies: readonly Remedy[];
}

/** What can be done from here. “Change” leads to the extension's own window, which stays when the popup closes. */
export function ThisPageActs({ subscriptionId, of, page, service, mayChange, remedies }: ThisPageActsProps) {
  const { busy, problem, run } = useWork();
  const act = (work: () => Promise<string | null>) => () => run(work);
  return (
    <>
      <RemedyButtons
        remedies={remedies}
        busy={busy}
        onSignIn={act(() => signIn(of))}
        onTryAgain={act(() => readAgain(subscriptionId, of))}
        onOpenOptions={act(async () => windowText(await call('options.open', {})))}
        test={browser.runtime.getURL('src/options/index.html#test')}
        request={{ subscriptionId, page, service, person: null }}
      />
      {mayChange && (
        <Button busy={busy} onPress={act(() => openWindow(subscriptionId, of))}>
          {t('popup.change')}
        </Button>
      )}
      <WorkProblem problem={problem} />
    </>
  );
}

/** What was read comes as news, as it does to everybody who shows the subscription. */
async function readAgain(subscriptionId: SubscriptionId, of: OfConnection): Promise<null> {
  await call('subscription.read', { subscriptionId, ...of, anew: true });
  return null;
}

/** Answers in words why the window is not before the person; null when it is. */
async function openWindow(subscriptionId: SubscriptionId, of: OfConnection): Promise<string | null> {
  return windowText(await call('confirm.openFor', { subscriptionId, ...of }));
}
