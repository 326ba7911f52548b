import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { BATCH_OUTCOMES, type Batch, type BatchOutcome, type BatchProgress } from '../domain/batch';
import { nameOfPerson, type Person } from '../domain/person';
import { ANYBODY } from '../domain/standing';
import { call } from '../messaging/call';
import { askToFollow, type FollowUp } from '../messaging/follow-up';
import { Announced } from '../ui/announce';
import { AskConflicts } from '../ui/ask-many';
import { BatchOfOther } from '../ui/batch-of-other';
import { Button } from '../ui/button';
import { download } from '../ui/download';
import { formatAge, formatSpan } from '../ui/format';
import { holdText } from '../ui/hold-text';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { ProblemText } from '../ui/problem-text';
import { Sentence } from '../ui/sentence';
import { useNow } from '../ui/use-now';
import { useWork } from '../ui/use-work';
import { useUniqueId } from '../ui/use-unique-id';
import { leftOutText } from '../words/batch';
import { windowText } from '../words/window';
import { listed, t } from '../words/words';
import { outcomesAsCsv, outcomesOf } from './batch-export';
import { OutcomeList } from './outcome-list';
import { timeToGo } from './time-to-go';
import type { BatchHistory, ShownBatch } from './use-batches';

interface BatchCardProps {
  readonly shown: ShownBatch;
  readonly history: BatchHistory;
  /** What people call its connection; null where it is not set up any more. */
  readonly connection: string | null;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly me: Person | null;
  /** What was asked for after it about it: that is not asked for once more. */
  readonly followed: ReadonlySet<Batch['kind']>;
  /** It was asked for on this page just now. */
  readonly isNew: boolean;
  /** Somebody came to this page for it. */
  readonly isSought: boolean;
  readonly onAsked: (batchIds: readonly string[]) => void;
  readonly onDismiss: () => void;
}

/** How far a batch is, how it ended, and what can be done about it. */
export function BatchCard(props: BatchCardProps) {
  const { shown, history, connection, me, followed, isNew, isSought, onAsked, onDismiss } = props;
  const { batch, progress } = shown;
  const { counts, ended, stopped } = progress;
  const id = useUniqueId();
  const heading = useRef<HTMLHeadingElement>(null);
  const [isOpen, setOpen] = useState(isSought);
  const [asks, setAsks] = useState<'overwrite' | 'keep' | null>(null);
  const [exported, setExported] = useState<string | null>(null);
  const act = useActs(batch, onAsked);
  // What was pressed is gone with the selection; who came for it is led there.
  useEffect(() => {
    if (isNew || isSought) heading.current?.focus();
  }, []);

  const failed = counts.refused + counts.skipped + counts.unknown;
  const answer = (sure: boolean) => {
    const what = asks;
    setAsks(null);
    if (sure && what !== null) act.follow(what);
  };
  const exportOutcome = async () => {
    const now = Date.now();
    const lines = await outcomesOf(history, batch, now);
    const name = `partner-of-record-outcome-${new Date(now).toISOString().slice(0, 10)}.csv`;
    download(name, 'text/csv', outcomesAsCsv(lines));
    setExported(t('batch.exported', { count: lines.length, file: name }));
  };

  return (
    <article class="batch card stack-tight" aria-labelledby={id}>
      <div class="bulk-head">
        <h2 id={id} tabIndex={-1} ref={heading}>
          <Title batch={batch} />
        </h2>
        {ended && (
          <Button kind="quiet" onPress={onDismiss}>
            {t('batch.dismiss')}
          </Button>
        )}
      </div>
      <p class="small muted">
        <Asked batch={batch} connection={connection} />
      </p>
      <Progress shown={shown} onSignIn={act.signIn} />
      <BatchOfOther {...{ batch, progress, me }} onSendAsMe={act.sendAsMe} onDiscard={act.stop} busy={act.isBusy} />
      {counts.conflict > 0 && (
        <Notice
          tone="warn"
          actions={
            <>
              <Button busy={act.isBusy} onPress={() => setAsks('overwrite')}>
                {t('batch.overwriteAll')}
              </Button>
              <Button busy={act.isBusy} onPress={() => setAsks('keep')}>
                {t('batch.keepAll')}
              </Button>
            </>
          }
        >
          {t('batch.conflicts', { count: counts.conflict })}
        </Notice>
      )}
      {act.problem !== null && (
        <Notice role="alert" tone="bad">
          {act.problem}
        </Notice>
      )}
      {act.leftOut !== null && (
        <Notice role="status" tone="warn">
          {act.leftOut}
        </Notice>
      )}
      <Announced words={exported} />
      <div class="row">
        {!ended && !stopped && (
          <Button busy={act.isBusy} onPress={act.stop}>
            {t('batch.stop')}
          </Button>
        )}
        {ended && failed > 0 && !followed.has('retry') && (
          <Button busy={act.isBusy} onPress={() => act.follow('retry')}>
            {t('batch.retryFailed')}
          </Button>
        )}
        {ended && counts.done > 0 && !followed.has('undo') && (
          <Button busy={act.isBusy} onPress={() => act.follow('undo')}>
            {t('batch.undoThese')}
          </Button>
        )}
        <Button expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? t('history.hideChanges') : t('history.showChanges')}
        </Button>
        <Button kind="quiet" onPress={() => void exportOutcome().catch(act.tell)}>
          {t('batch.exportOutcome')}
        </Button>
      </div>
      {isOpen && (
        <OutcomeList
          history={history}
          progress={progress}
          viewer={{ ...ANYBODY, connectionId: batch.connectionId, person: me }}
        />
      )}
      {asks !== null && <AskConflicts answer={asks} count={counts.conflict} onAnswer={answer} />}
    </article>
  );
}

function Title({ batch: { kind, partners, size } }: { readonly batch: Batch }) {
  const [partner] = partners;
  if (kind !== 'bulk') return <>{t(`batch.title.${kind}`, { count: size })}</>;
  if (partner === undefined) return <>{t('batch.title.remove', { count: size })}</>;
  return <Sentence of="batch.title.bulk" with={{ count: size, partner: <PartnerName partner={partner} /> }} />;
}

function Asked({ batch, connection }: { readonly batch: Batch; readonly connection: string | null }) {
  const now = useNow();
  const name = batch.person && nameOfPerson(batch.person);
  const age = <bdi>{formatAge(batch.askedAt, now)}</bdi>;
  const at = <Name text={connection ?? batch.connectionId} />;
  return name === null ? (
    <Sentence of="batch.askedAt" with={{ age, connection: at }} />
  ) : (
    <Sentence of="batch.askedByAt" with={{ age, connection: at, name: <Name text={name} /> }} />
  );
}

/** What is counted by itself; the rest is named where there is any. */
const COUNTED: readonly Exclude<BatchOutcome, 'open' | 'done' | 'refused'>[] = [
  'conflict',
  'answered',
  'skipped',
  'cancelled',
  'unknown',
];

/** All counts in words, in their order. */
function countTexts({ counts }: BatchProgress): readonly string[] {
  return [
    t('batch.counts.done', { count: counts.done }),
    t('batch.counts.failed', { count: counts.refused }),
    ...(counts.open > 0 ? [t('batch.counts.left', { count: counts.open })] : []),
    ...COUNTED.flatMap((outcome) =>
      counts[outcome] > 0 ? t(`batch.counts.${outcome}`, { count: counts[outcome] }) : [],
    ),
  ];
}

interface ProgressProps {
  readonly shown: ShownBatch;
  readonly onSignIn: () => void;
}

/** How far it is, for eyes; what is read out is that it began, what it waits for, and how it ended. */
function Progress({ shown: { progress, samples }, onSignIn }: ProgressProps) {
  const now = useNow();
  const { size, counts, ended, stopped, hold } = progress;
  const over = BATCH_OUTCOMES.reduce((all, outcome) => (outcome === 'open' ? all : all + counts[outcome]), 0);
  // Where somebody is to sign in, that is said beside the button.
  const waits = hold?.for === 'time' ? holdText(hold, now) : null;
  const toGo = ended ? null : timeToGo(samples, hold, now);
  const texts = countTexts(progress);
  const told = ended
    ? t(stopped ? 'batch.stoppedEnded' : 'batch.ended', { counts: listed(texts, 'unit') })
    : (waits ?? t(stopped ? 'batch.stopping' : 'batch.begun'));
  return (
    <>
      {!ended && <progress class="progress" aria-label={t('batch.progress')} value={over} max={size} />}
      {!ended && (
        <p class="batch-counts">
          {texts.map((text) => (
            <span key={text.replace(/\d+/g, '')}>{text}</span>
          ))}
          {toGo !== null && toGo > 0 && <span class="muted">{t('batch.toGo', { time: formatSpan(toGo) })}</span>}
        </p>
      )}
      <p class={ended ? undefined : 'small muted'} role="status">
        {told}
      </p>
      {!ended && <p class="small muted">{t('batch.mayClose')}</p>}
      {!ended && hold?.for === 'signIn' && (
        <Notice
          role="alert"
          tone="warn"
          actions={
            <Button kind="primary" onPress={onSignIn}>
              {t('pages.signIn')}
            </Button>
          }
        >
          {holdText(hold, now)}
        </Notice>
      )}
    </>
  );
}

/** What the person may do about a batch, one at a time. */
function useActs(batch: Batch, onAsked: (batchIds: readonly string[]) => void) {
  const work = useWork();
  const [leftOut, setLeftOut] = useState<string | null>(null);
  const run = (act: () => Promise<ComponentChildren>) => {
    setLeftOut(null);
    work.run(act);
  };
  const { id: batchId, connectionId } = batch;
  return {
    isBusy: work.busy,
    problem: work.problem,
    leftOut,
    tell: (cause: unknown) => work.tell(<ProblemText cause={cause} />),
    stop: () => run(() => call('batch.stop', { batchId })),
    sendAsMe: (me: string | null) =>
      run(async () => {
        const answer = await call('batch.sendAsMe', { batchId, me });
        return answer.ok ? null : t('standing.otherByNow');
      }),
    signIn: () => run(async () => windowText(await call('signIn.start', { another: false, connectionId }))),
    follow: (what: FollowUp) =>
      run(async () => {
        const { id, answer } = await askToFollow(what, batchId);
        if ('leftOut' in answer) setLeftOut(leftOutText(answer.leftOut));
        if (answer.ok) {
          if (what !== 'keep') onAsked([id]);
          return null;
        }
        return answer.problem === 'nothingToChange' && answer.leftOut.length > 0
          ? null
          : t(`bulk.notAsked.${answer.problem}`);
      }),
  };
}
