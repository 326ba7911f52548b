import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
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

/**
 * One thing at a time, with its outcome: `act` runs work that answers it, or null when there is nothing to tell. While it
 * runs, `busy` names it.
 */
export function useAct<Name extends string>() {
  const [busy, setBusy] = useState<Name | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const act = (name: Name, work: () => Promise<Outcome | null>) => {
    if (busy !== null) return;
    setBusy(name);
    setOutcome(null);
    work()
      .catch((cause: unknown): Outcome => ({ good: false, words: <ProblemText cause={cause} /> }))
      .then(setOutcome)
      .finally(() => setBusy(null));
  };
  return { busy, outcome, act, tell: setOutcome };
}
