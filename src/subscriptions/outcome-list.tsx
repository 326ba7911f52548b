import { useState } from 'preact/hooks';
import { BATCH_OUTCOMES, type BatchOutcome, type BatchProgress } from '../domain/batch';
import type { Act, Standing, Viewer } from '../domain/standing';
import { targetTexts } from '../domain/target';
import { visibleText } from '../domain/visible-text';
import { askOver } from '../messaging/ask-over';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { BatchMember } from '../storage/batches';
import { Announced } from '../ui/announce';
import { SelectField } from '../ui/choices';
import { ProblemNotice } from '../ui/problem-notice';
import { StandingActs, StandingText } from '../ui/standing-text';
import { useLive } from '../ui/use-live';
import { useNow } from '../ui/use-now';
import { useAskOver, useWork, WorkProblem } from '../ui/use-work';
import { itemText } from '../words/batch';
import { t } from '../words/words';
import { FromTo } from './from-to';
import { Paged, ROWS_AT_ONCE, RowHead } from './paged';
import type { BatchHistory } from './use-batches';

interface OutcomeListProps {
  readonly history: BatchHistory;
  readonly progress: BatchProgress;
  /** Who the person is at its connection. */
  readonly viewer: Viewer;
}

/** What came of each change of a batch, some at a time, and what can be done about it. */
export function OutcomeList({ history, progress, viewer }: OutcomeListProps) {
  const { batchId, counts, size } = progress;
  const [chosen, setChosen] = useState<BatchOutcome | null>(counts.conflict > 0 ? 'conflict' : null);
  // What nobody has any more is not chosen any more, unless it is what the person looks at.
  const outcomes = BATCH_OUTCOMES.filter((outcome) => counts[outcome] > 0 || outcome === chosen);
  const options = [
    ['', t('batch.all')] as const,
    ...outcomes.map((outcome) => [outcome, t(`history.results.${outcome}`)] as const),
  ];
  return (
    <div class="stack-tight">
      <div class="outcome-show">
        <SelectField
          label={t('history.result')}
          value={chosen ?? ''}
          options={options}
          onChoose={(value) => setChosen(value === '' ? null : value)}
        />
      </div>
      <Outcomes
        key={chosen}
        history={history}
        batchId={batchId}
        outcome={chosen}
        count={chosen === null ? size : counts[chosen]}
        viewer={viewer}
        hold={progress.hold}
      />
    </div>
  );
}

interface OutcomesProps extends Pick<OutcomeListProps, 'history' | 'viewer'> {
  readonly batchId: string;
  readonly hold: BatchProgress['hold'];
  readonly outcome: BatchOutcome | null;
  readonly count: number;
}

function Outcomes({ history, batchId, hold, outcome, count, viewer }: OutcomesProps) {
  /** What the pages before this one were asked with; the last is this one's. */
  const [path, setPath] = useState<readonly (number | null)[]>([null]);
  const [answered, setAnswered] = useState<string | null>(null);
  const now = useNow();
  const after = path.at(-1) ?? null;
  const read = useLive(
    () => history.outcomesOf(batchId, outcome, after, ROWS_AT_ONCE, { viewers: [viewer], now: Date.now() }),
    (again, signal) =>
      onBroadcast((broadcast) => {
        if (broadcast.changed === 'batch' && broadcast.progress.batchId === batchId) again();
      }, signal),
    [history, batchId, outcome, after, JSON.stringify([viewer, hold])],
  );
  if (read.state === 'reading') return null;
  if (read.state === 'failed') {
    return <ProblemNotice cause={read.cause} />;
  }
  const { members, next } = read.value;
  return (
    <>
      <Announced words={answered} />
      <Paged
        label={t('batch.outcomeList')}
        from={(path.length - 1) * ROWS_AT_ONCE}
        count={count}
        onPrevious={path.length === 1 ? null : () => setPath(path.slice(0, -1))}
        onNext={next === null ? null : () => setPath([...path, next])}
      >
        {members.map((member) => (
          <li key={member.order}>
            <Member member={member} now={now} onAnswered={setAnswered} />
          </li>
        ))}
      </Paged>
    </>
  );
}

interface MemberProps {
  readonly member: BatchMember;
  readonly now: number;
  readonly onAnswered: (words: string) => void;
}

function Member({ member, now, onAnswered }: MemberProps) {
  switch (member.kind) {
    case 'damaged':
      return <p>{t('batch.item.damaged')}</p>;
    case 'item': {
      const { target, targetName, before, after } = member.item;
      return (
        <>
          <RowHead name={targetName} id={targetTexts(target).join(' ')} />
          <span class="bulk-what">
            <FromTo before={before} after={after === null ? null : { partnerId: after, name: null }} />
          </span>
          <p class="small muted bulk-said">{itemText(member.outcome)}</p>
        </>
      );
    }
    case 'change': {
      const { standing } = member;
      const { target, targetName, before, after } = standing;
      return (
        <>
          <RowHead name={targetName} id={targetTexts(target).join(' ')} />
          <span class="bulk-what">
            <FromTo before={before} after={after} />
          </span>
          <p class={`small bulk-said said-${member.outcome}`}>
            <StandingText standing={standing} now={now} />
          </p>
          <MemberActs standing={standing} onAnswered={onAnswered} />
        </>
      );
    }
  }
}

/** What is done about single changes here; the rest is done about all of a batch, or in the history. */
const OFFERED = ['overwrite', 'keep', 'stop', 'tryNow'] as const satisfies readonly Act[];
type Offered = (typeof OFFERED)[number];

interface MemberActsProps {
  readonly standing: Standing;
  readonly onAnswered: (words: string) => void;
}

function MemberActs({ standing, onAnswered }: MemberActsProps) {
  const { busy, problem, run } = useWork();
  const askAgain = useAskOver();
  const may = standing.may.filter((act): act is Offered => (OFFERED as readonly Act[]).includes(act));

  const work = async (act: Offered): Promise<string | null> => {
    const { changeId, at } = standing;
    switch (act) {
      case 'overwrite':
        return at.phase === 'conflict' ? askAgain(at.found, (seen) => askOver(act, changeId, seen)) : null;
      case 'keep':
        return call('change.keep', { changeId });
      case 'stop':
        return call('change.stop', { changeId });
      case 'tryNow':
        return call('change.tryNow', { changeId });
    }
  };
  const onAct = (act: Act) => {
    const offered = may.find((one) => one === act);
    if (offered === undefined) return;
    run(
      () => work(offered),
      () => onAnswered(t(`batch.answered.${offered}`, { name: visibleText(standing.targetName) })),
    );
  };
  return (
    <>
      {problem !== null && (
        <div class="bulk-said">
          <WorkProblem problem={problem} />
        </div>
      )}
      {may.length > 0 && (
        <div class="row bulk-said">
          <StandingActs standing={{ ...standing, may }} busy={busy} onAct={onAct} />
        </div>
      )}
    </>
  );
}
