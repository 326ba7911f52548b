import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Batch, BatchProgress, FollowUp, LeftOut } from '../domain/batch';
import type { Person } from '../domain/person';
import { leftOutOne, leftOutText, MOST_NAMED } from '../words/batch';
import type { AskProblem } from '../words/ask-problem';
import { t } from '../words/words';
import { AskConflicts } from './ask-many';
import { BatchOfOther } from './batch-of-other';
import { Button } from './button';
import { Notice } from './notice';
import { useWork, WorkProblem } from './use-work';

/** What came of it. */
type Followed =
  | { readonly ok: true; readonly leftOut: readonly LeftOut[] }
  | { readonly ok: false; readonly problem: AskProblem; readonly leftOut?: readonly LeftOut[] };

interface BatchActsProps {
  readonly batch: Batch;
  readonly progress: BatchProgress;
  /** Who is signed in at its connection; null when nobody is, or nobody knows who. */
  readonly me: Person | null;
  readonly asks: {
    readonly follow: (what: FollowUp) => Promise<{ readonly id: string; readonly answer: Followed }>;
    readonly stop: () => Promise<null>;
    readonly sendAsMe: (me: string | null) => Promise<{ readonly ok: boolean }>;
  };
  /** Another batch follows from it, which has that ID. */
  readonly onAsked?: (batchId: string) => void;
  /** Further buttons. */
  readonly children?: ComponentChildren;
}

/** What can be done about all of a batch, one at a time, and what came of that. What answers all conflicts asks first. */
export function BatchActs(props: BatchActsProps) {
  const { batch, progress, me, asks, onAsked, children } = props;
  const { counts, ended, stopped, followed } = progress;
  const hasFailed = counts.refused + counts.skipped + counts.unknown > 0;
  const { busy, problem, run } = useWork();
  const [leftOut, setLeftOut] = useState<readonly LeftOut[]>([]);
  const [question, setQuestion] = useState<'overwrite' | 'keep' | null>(null);
  const begin = (work: () => Promise<ComponentChildren>) => {
    setLeftOut([]);
    run(work);
  };
  const follow = async (what: FollowUp) => {
    const { id, answer } = await asks.follow(what);
    const others = answer.leftOut ?? [];
    setLeftOut(others);
    if (answer.ok) {
      if (what !== 'keep') onAsked?.(id);
      return null;
    }
    return others.length === 0 ? t(`standing.problems.${answer.problem}`) : null;
  };
  const stop = () => begin(asks.stop);
  const answer = (sure: boolean) => {
    setQuestion(null);
    if (sure && question !== null) begin(() => follow(question));
  };
  const act = (what: FollowUp | 'stop', onPress: () => void) => (
    <Button busy={busy} onPress={onPress}>
      {t(`batch.acts.${what}`)}
    </Button>
  );
  const ask = (about: 'overwrite' | 'keep') => act(about, () => setQuestion(about));
  return (
    <>
      <BatchOfOther
        {...{ batch, progress, me, busy }}
        onSendAsMe={(name) => begin(async () => ((await asks.sendAsMe(name)).ok ? null : t('standing.otherByNow')))}
        onDiscard={stop}
      />
      {counts.conflict > 0 && (
        <Notice
          tone="warn"
          actions={
            <>
              {ask('overwrite')}
              {ask('keep')}
            </>
          }
        >
          {t('batch.conflicts', { count: counts.conflict })}
        </Notice>
      )}
      <WorkProblem problem={problem} />
      {leftOut.length > 0 && (
        <Notice role="status" tone="warn">
          {leftOutText(leftOut)}
        </Notice>
      )}
      {leftOut.length > MOST_NAMED && (
        <details class="disclosure small">
          <summary>{t('batch.leftOutAll')}</summary>
          <ul class="bullets">
            {leftOut.map((one, at) => (
              // Several may have one name.
              <li key={at}>{leftOutOne(one)}</li>
            ))}
          </ul>
        </details>
      )}
      {(['retry', 'undo'] as const).map(
        (what) =>
          followed.includes(what) && (
            <p key={what} class="small muted">
              {t(`batch.followed.${what}`)}
            </p>
          ),
      )}
      <div class="row change-acts">
        {!ended && !stopped && act('stop', stop)}
        {ended && hasFailed && !followed.includes('retry') && act('retry', () => begin(() => follow('retry')))}
        {ended && counts.done > 0 && !followed.includes('undo') && act('undo', () => begin(() => follow('undo')))}
        {children}
      </div>
      {question !== null && <AskConflicts answer={question} count={counts.conflict} onAnswer={answer} />}
    </>
  );
}
