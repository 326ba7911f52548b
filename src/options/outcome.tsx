import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Notice } from '../ui/notice';
import { ProblemText } from '../ui/problem-text';

/** How what a person asked for ended. */
export interface Outcome {
  readonly good: boolean;
  /** It is not the end yet: there is something left for the person to do. */
  readonly leaves?: true;
  readonly words: ComponentChildren;
}

export function OutcomeNotice({ outcome }: { readonly outcome: Outcome | null }) {
  if (outcome === null) return null;
  return (
    <Notice role={outcome.good ? 'status' : 'alert'} tone={outcome.leaves ? 'warn' : outcome.good ? 'good' : 'bad'}>
      {outcome.words}
    </Notice>
  );
}

/** The outcome of what failed. */
export const failedBy = (cause: unknown): Outcome => ({ good: false, words: <ProblemText cause={cause} /> });

/**
 * One thing at a time, with its outcome: `act` runs work that answers it, or null when there is nothing to tell. What is asked for
 * meanwhile waits for its turn, once; `busy` names what runs and what waits.
 */
export function useAct<Name extends string>() {
  const [busy, setBusy] = useState<readonly Name[]>([]);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const last = useRef(Promise.resolve());
  const act = (name: Name, work: () => Promise<Outcome | null>) => {
    if (busy.includes(name)) return;
    setBusy((names) => [...names, name]);
    last.current = last.current
      .then(() => {
        setOutcome(null);
        return work();
      })
      .catch(failedBy)
      .then(setOutcome)
      .finally(() => setBusy(([, ...waiting]) => waiting));
  };
  return { busy, outcome, act, tell: setOutcome };
}
