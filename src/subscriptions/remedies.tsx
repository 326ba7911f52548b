import type { Failure } from '../domain/failure';
import { remediesFor } from '../domain/remedies';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { RemedyButtons } from '../ui/remedy-buttons';
import { useWork, WorkProblem } from '../ui/use-work';
import { windowText } from '../words/window';

interface RemediesProps {
  /** Whose list it is. */
  readonly connectionId: string;
  /** Null: the extension itself failed. */
  readonly failure: Failure | null;
  readonly again: () => void;
}

/** What may help after the list could not be read. */
export function Remedies({ connectionId, failure, again }: RemediesProps) {
  const { problem, run } = useWork();
  const signIn = async () => {
    const answer = await call('signIn.start', { another: false, connectionId });
    if (answer !== 'signedIn') return windowText(answer);
    again();
    return null;
  };
  return (
    <>
      <RemedyButtons
        remedies={remediesFor(failure)}
        onSignIn={() => run(signIn)}
        onTryAgain={again}
        onOpenOptions={() => run(async () => windowText(await call('options.open', {})))}
        test={browser.runtime.getURL('src/options/index.html#test')}
        request={null}
      />
      <WorkProblem problem={problem} />
    </>
  );
}
