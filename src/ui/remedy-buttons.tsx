import type { ComponentChildren } from 'preact';
import type { Remedy } from '../domain/remedies';
import type { SubscriptionRequest } from '../words/request';
import { t } from '../words/words';
import { Button } from './button';
import { CopyRequest } from './copy-request';

interface RemedyButtonsProps {
  /** The likeliest first. */
  readonly remedies: readonly Remedy[];
  readonly busy?: boolean;
  readonly onSignIn: () => void;
  readonly onTryAgain: () => void;
  readonly onOpenOptions: () => void;
  /** The address of the page on which the connection is tested. */
  readonly test: string;
  /** What is asked for where the service does not know a subscription; null where nothing is shown of one. */
  readonly request: SubscriptionRequest | null;
}

/** What may help after a call failed, on a page of the extension's own. */
export function RemedyButtons(props: RemedyButtonsProps) {
  const { remedies, busy = false, onSignIn, onTryAgain, onOpenOptions, test, request } = props;
  const buttons: Record<Remedy, () => ComponentChildren> = {
    signIn: () => (
      <Button key="signIn" kind="primary" busy={busy} onPress={onSignIn}>
        {t('pages.signIn')}
      </Button>
    ),
    tryAgain: () => (
      <Button key="tryAgain" busy={busy} onPress={onTryAgain}>
        {t('pages.tryAgain')}
      </Button>
    ),
    openOptions: () => (
      <Button key="openOptions" busy={busy} onPress={onOpenOptions}>
        {t('pages.openOptions')}
      </Button>
    ),
    testConnection: () => (
      <a key="testConnection" class="button" href={test} target="_blank" rel="noreferrer">
        {t('options.test')}
      </a>
    ),
    copyRequest: () => request !== null && <CopyRequest key="copyRequest" request={request} />,
  };
  return <>{remedies.map((remedy) => buttons[remedy]())}</>;
}
