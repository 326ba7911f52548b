import type { Failure, FailureReason } from '../domain/failure';
import { Button } from '../ui/button';
import { PANEL } from '../ui/strings';
import type { Acts } from './panel-controller';

/** Failures whose cause is set in the options; of the first two nothing else can help. */
const ONLY_OPTIONS: readonly FailureReason[] = ['notConfigured', 'permissionMissing'];
const ALSO_OPTIONS: readonly FailureReason[] = ['redirected', 'unreadable', 'wrongContract'];

interface RemediesProps {
  /** Null: the extension itself did not answer. */
  readonly failure: Failure | null;
  readonly reading: boolean;
  readonly acts: Acts;
}

/** The buttons that may help after a read failed. */
export function Remedies({ failure, reading, acts }: RemediesProps) {
  if (failure?.reason === 'signInNeeded') return <Button onPress={acts.signIn}>{PANEL.signIn}</Button>;
  return (
    <>
      {failure !== null && (ONLY_OPTIONS.includes(failure.reason) || ALSO_OPTIONS.includes(failure.reason)) && (
        <Button onPress={acts.openOptions}>{PANEL.openOptions}</Button>
      )}
      {(failure === null || !ONLY_OPTIONS.includes(failure.reason)) && (
        <Button busy={reading} onPress={acts.readAgain}>
          {PANEL.tryAgain}
        </Button>
      )}
    </>
  );
}
