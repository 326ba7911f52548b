import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Remedy } from '../domain/remedies';
import type { SubscriptionId } from '../domain/subscription';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { Button } from '../ui/button';
import { CopyRequest } from '../ui/copy-request';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import { signIn } from './sign-in';

interface ThisPageActsProps {
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
export function ThisPageActs({ subscriptionId, page, service, mayChange, remedies }: ThisPageActsProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = (work: () => Promise<string | null>) => () => {
    setBusy(true);
    setProblem(null);
    work()
      .then(setProblem, (cause: unknown) => setProblem(problemText(cause)))
      .finally(() => setBusy(false));
  };
  const buttons: Record<Remedy, () => ComponentChildren> = {
    signIn: () => (
      <Button key="signIn" kind="primary" busy={busy} onPress={act(signIn)}>
        {t('standing.acts.signIn')}
      </Button>
    ),
    tryAgain: () => (
      <Button key="tryAgain" busy={busy} onPress={act(() => readAgain(subscriptionId))}>
        {t('pages.tryAgain')}
      </Button>
    ),
    openOptions: () => (
      <Button key="openOptions" busy={busy} onPress={act(() => call('options.open', {}))}>
        {t('pages.openOptions')}
      </Button>
    ),
    testConnection: () => (
      <a
        key="testConnection"
        class="button"
        href={browser.runtime.getURL('src/options/index.html#test')}
        target="_blank"
        rel="noreferrer"
      >
        {t('options.test')}
      </a>
    ),
    copyRequest: () => <CopyRequest key="copyRequest" request={{ subscriptionId, page, service, person: null }} />,
  };
  return (
    <>
      {remedies.map((remedy) => buttons[remedy]())}
      {mayChange && (
        <Button busy={busy} onPress={act(() => openWindow(subscriptionId))}>
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

/** What was read comes as news, as it does to everybody who shows the subscription. */
async function readAgain(subscriptionId: SubscriptionId): Promise<null> {
  await call('subscription.read', { subscriptionId, anew: true });
  return null;
}

/** Answers in words why the window is not before the person; null when it is. */
async function openWindow(subscriptionId: SubscriptionId): Promise<string | null> {
  return (await call('confirm.openFor', { subscriptionId })) === 'busy' ? t('popup.windowBusy') : null;
}
