import { remediesFor } from '../domain/remedies';
import type { SubscriptionView } from '../messaging/protocol';
import { Button } from '../ui/button';
import { CopyRequest } from '../ui/copy-request';
import { t } from '../words/words';
import type { Acts } from './panel-controller';
import type { ReadFailure } from './panel-state';

interface RemediesProps {
  readonly failure: ReadFailure;
  readonly reading: boolean;
  /** What could not be read; null when nobody told. */
  readonly view: Pick<SubscriptionView, 'subscriptionId' | 'source'> | null;
  readonly acts: Acts;
}

/** The buttons that may help after a read failed. */
export function Remedies({ failure, reading, view, acts }: RemediesProps) {
  const remedies = remediesFor(typeof failure === 'string' ? null : failure);
  return (
    <>
      {remedies.includes('signIn') && (
        <Button weight="free" onPress={acts.signIn}>
          {t('panel.signIn')}
        </Button>
      )}
      {remedies.includes('openOptions') && (
        <Button weight="free" onPress={acts.openOptions}>
          {t('panel.openOptions')}
        </Button>
      )}
      {remedies.includes('copyRequest') && view !== null && (
        <CopyRequest
          // Who is signed in is not told to panels; the mail says who sends it.
          request={{ subscriptionId: view.subscriptionId, service: view.source, page: location.href, person: null }}
        />
      )}
      {remedies.includes('tryAgain') && (
        <Button weight="free" busy={reading} onPress={acts.readAgain}>
          {t('panel.tryAgain')}
        </Button>
      )}
    </>
  );
}
