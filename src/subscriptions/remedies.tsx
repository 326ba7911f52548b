import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { type Remedy, remediesFor } from '../domain/remedies';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { Button } from '../ui/button';
import { problemText } from '../words/problem';
import { t } from '../words/words';

interface RemediesProps {
  /** Null: the extension itself failed. */
  readonly failure: Failure | null;
  readonly again: () => void;
}

/** What may help after the list could not be read. */
export function Remedies({ failure, again }: RemediesProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const tell = (cause: unknown) => setProblem(problemText(cause));
  const signIn = async () => {
    const outcome = await call('signIn.start', { another: false });
    switch (outcome) {
      case 'signedIn':
        return again();
      case 'optionsOpened':
        return setProblem(null);
      case 'cancelled':
      case 'failed':
      case 'providerAway':
        return setProblem(t(`subscriptions.signIn.${outcome}`));
    }
  };
  const buttons: Record<Remedy, () => ComponentChildren> = {
    signIn: () => (
      <Button key="signIn" kind="primary" onPress={() => void signIn().catch(tell)}>
        {t('panel.signIn')}
      </Button>
    ),
    openOptions: () => (
      <Button key="openOptions" onPress={() => void call('options.open', {}).catch(tell)}>
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
    // A list is of all that the service knows.
    copyRequest: () => null,
    tryAgain: () => (
      <Button key="tryAgain" onPress={again}>
        {t('pages.tryAgain')}
      </Button>
    ),
  };
  return (
    <>
      {remediesFor(failure).map((remedy) => buttons[remedy]())}
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
