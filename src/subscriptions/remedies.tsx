import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { remediesFor } from '../domain/remedies';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { RemedyButtons } from '../ui/remedy-buttons';
import { ProblemText } from '../ui/problem-text';
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
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const tell = (cause: unknown) => setProblem(<ProblemText cause={cause} />);
  const signIn = async () => {
    const answer = await call('signIn.start', { another: false, connectionId });
    if (answer === 'signedIn') again();
    else setProblem(windowText(answer));
  };
  return (
    <>
      <RemedyButtons
        remedies={remediesFor(failure)}
        onSignIn={() => void signIn().catch(tell)}
        onTryAgain={again}
        onOpenOptions={() => void call('options.open', {}).catch(tell)}
        test={browser.runtime.getURL('src/options/index.html#test')}
        request={null}
      />
      {problem !== null && (
        <div class="problem" role="alert">
          {problem}
        </div>
      )}
    </>
  );
}
