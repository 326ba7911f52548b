import type { FailureReason } from '../domain/failure';
import { Button } from '../ui/button';
import { t } from '../words/words';
import type { Acts } from './panel-controller';
import type { ReadFailure } from './panel-state';

/** Failures whose cause is set in the options; of the first two nothing else can help. */
const ONLY_OPTIONS: readonly FailureReason[] = ['notConfigured', 'permissionMissing'];
const ALSO_OPTIONS: readonly FailureReason[] = ['redirected', 'unreadable', 'wrongContract'];

interface RemediesProps {
  readonly failure: ReadFailure;
  readonly reading: boolean;
  readonly acts: Acts;
}

/** The buttons that may help after a read failed. */
export function Remedies({ failure, reading, acts }: RemediesProps) {
  const reason = failure === null || typeof failure === 'string' ? null : failure.reason;
  if (reason === 'signInNeeded')
    return (
      <Button weight="free" onPress={acts.signIn}>
        {t('panel.signIn')}
      </Button>
    );
  return (
    <>
      {reason !== null && (ONLY_OPTIONS.includes(reason) || ALSO_OPTIONS.includes(reason)) && (
        <Button weight="free" onPress={acts.openOptions}>
          {t('panel.openOptions')}
        </Button>
      )}
      {(reason === null || !ONLY_OPTIONS.includes(reason)) && (
        <Button weight="free" busy={reading} onPress={acts.readAgain}>
          {t('panel.tryAgain')}
        </Button>
      )}
    </>
  );
}
