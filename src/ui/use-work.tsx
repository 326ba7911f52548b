import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Holding } from '../domain/partner-state';
import type { About } from '../words/about';
import { type AskProblem, askProblemText } from '../words/ask-problem';
import { plainPartner } from '../words/plain-standing';
import { t } from '../words/words';
import { ProblemText } from './problem-text';

/** What a person asks for by a button: whether it is still being done, and what came in the way of it. */
export function useWork() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  /** Runs work that answers in words what came in the way, null when nothing did. */
  const run = (work: () => Promise<ComponentChildren>, onDone?: () => void) => {
    setBusy(true);
    setProblem(null);
    work()
      .then(
        (words) => {
          setProblem(words);
          if (words === null) onDone?.();
        },
        (cause: unknown) => setProblem(<ProblemText cause={cause} />),
      )
      .finally(() => setBusy(false));
  };
  return { busy, problem, run, tell: setProblem };
}

/** What came in the way, told beside the button. */
export function WorkProblem({ problem }: { readonly problem: ComponentChildren }) {
  if (problem === null) return null;
  return (
    <div class="small problem" role="alert">
      {problem}
    </div>
  );
}

/** What came of a press: asked for, not asked for and why, or the record is another by now, over which the person decides. */
export type Asked =
  | { readonly kind: 'asked' }
  | { readonly kind: 'problem'; readonly problem: AskProblem }
  | { readonly kind: 'otherNow'; readonly found: Holding };

/**
 * Asks for a change over what the person takes the record to hold: at first `seen`, and once they were told of something else, that.
 * Answers in words what came in the way, null when nothing did.
 * @param about what the change is of
 */
export function useAskOver(about: About = 'record') {
  const [found, setFound] = useState<Holding | null>(null);
  return async (seen: Holding, ask: (seen: Holding) => Promise<Asked>): Promise<string | null> => {
    const asked = await ask(found ?? seen);
    switch (asked.kind) {
      case 'asked':
        return null;
      case 'problem':
        return askProblemText(asked.problem, about);
      case 'otherNow': {
        const { partnerOfRecord } = asked.found;
        setFound(asked.found);
        return partnerOfRecord === null
          ? t('elsewhere.noneNow')
          : t('elsewhere.otherNow', { partner: plainPartner(partnerOfRecord) });
      }
    }
  };
}
