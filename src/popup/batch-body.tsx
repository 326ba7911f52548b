import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Batch, BatchProgress } from '../domain/batch';
import type { BatchEntry } from '../domain/history';
import type { Person } from '../domain/person';
import type { Settings } from '../domain/settings';
import type { Viewer } from '../domain/standing';
import { targetNameOf } from '../domain/target';
import { call } from '../messaging/call';
import { askToFollow, type FollowUp } from '../messaging/follow-up';
import type { BatchAnswer } from '../messaging/protocol';
import type { BatchMember, BatchReader } from '../storage/history';
import { AskConflicts } from '../ui/ask-many';
import { BatchOfOther } from '../ui/batch-of-other';
import { Button } from '../ui/button';
import { holdText } from '../ui/hold-text';
import { Name, PartnerName } from '../ui/partner-name';
import { ProblemText } from '../ui/problem-text';
import { Sentence } from '../ui/sentence';
import { useWork, WorkProblem } from '../ui/use-work';
import { countsText, itemText, leftOutText } from '../words/batch';
import { t } from '../words/words';
import { ChangeBody } from './change-body';

interface BatchBodyProps {
  readonly entry: BatchEntry;
  readonly history: Pick<BatchReader, 'outcomesOf'>;
  readonly viewers: readonly Viewer[];
  readonly settings: Settings | null;
  readonly now: number;
  readonly shown: boolean;
}

/** So many changes of a batch are shown at once. */
const SHOWN_AT_ONCE = 20;

/** A batch in one: to which partner, who asked, how it stands, what can be done about all of it, and its changes when asked for. */
export function BatchBody({ entry, ...rest }: BatchBodyProps) {
  const { batch, progress, askedBy } = entry;
  const [isOpen, setOpen] = useState(false);
  const held = holdText(progress.hold, rest.now);
  return (
    <>
      <p class="entry-target">{partnersText(batch)}</p>
      {askedBy !== null && (
        <p class="small muted">
          <Sentence of="history.askedBy" with={{ person: <Name text={askedBy} /> }} />
        </p>
      )}
      <p class="small">{countsText(progress.counts)}</p>
      {held !== null && <p class="small">{held}</p>}
      <BatchActs batch={batch} progress={progress} me={personAt(rest.viewers, batch.connectionId)} />
      <Button kind="quiet" expanded={isOpen} onPress={() => setOpen(!isOpen)}>
        {isOpen ? t('history.hideChanges') : t('history.showChanges')}
      </Button>
      {isOpen && <Members entry={entry} {...rest} />}
    </>
  );
}

function partnersText({ partners }: Batch): ComponentChildren {
  const [partner, ...others] = partners;
  if (partner === undefined) return t('history.noPartnerAnyMore');
  return others.length === 0 ? <PartnerName partner={partner} /> : t('history.partners', { count: partners.length });
}

/** The changes of a batch, some at a time. */
function Members({ entry, history, viewers, settings, now, shown }: BatchBodyProps) {
  const { id, progress } = entry;
  const [size, setSize] = useState(SHOWN_AT_ONCE);
  const [read, setRead] = useState<readonly BatchMember[]>([]);
  const [isMore, setMore] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    const ended = new AbortController();
    history.outcomesOf(id, null, null, size, { viewers, now: Date.now() }).then(
      ({ members, next }) => {
        if (ended.signal.aborted) return;
        setRead(members);
        setMore(next !== null);
        setProblem(null);
      },
      (cause: unknown) => {
        if (!ended.signal.aborted) setProblem(cause);
      },
    );
    return () => ended.abort();
    // How far the batch is, and who looks, alter what is read; the same told again does not.
  }, [history, id, size, JSON.stringify([progress, viewers])]);

  return (
    <>
      {problem !== null && (
        <div class="small problem" role="alert">
          <ProblemText cause={problem} />
        </div>
      )}
      <ul class="batch-members" aria-label={t('history.changesOfBatch')}>
        {read.map((member) => (
          <li key={member.order}>
            {member.kind === 'change' ? (
              <ChangeBody standing={member.standing} settings={settings} now={now} shown={shown} />
            ) : (
              <Unmade member={member} />
            )}
          </li>
        ))}
      </ul>
      {isMore && <Button onPress={() => setSize(size + SHOWN_AT_ONCE)}>{t('history.moreChanges')}</Button>}
    </>
  );
}

/** What no change was made of, and why. */
function Unmade({ member }: { readonly member: Exclude<BatchMember, { readonly kind: 'change' }> }) {
  if (member.kind === 'damaged') return <p class="small muted">{t('batch.item.damaged')}</p>;
  const { item, outcome } = member;
  return (
    <>
      <p class="entry-target one-line">
        <Name text={targetNameOf(item.target, item.targetName)} />
      </p>
      <p class="small muted">{itemText(outcome)}</p>
    </>
  );
}

type BatchAct = 'stop' | FollowUp;

interface BatchActsProps {
  readonly batch: Batch;
  readonly progress: BatchProgress;
  /** Who is signed in at its connection; null when nobody is, or nobody knows who. */
  readonly me: Person | null;
}

function personAt(viewers: readonly Viewer[], connectionId: string): Person | null {
  return viewers.find((viewer) => viewer.connectionId === connectionId)?.person ?? null;
}

/** What can be done about all of a batch, and what came of that. */
function BatchActs({ batch, progress, me }: BatchActsProps) {
  const { busy, problem, run } = useWork();
  const acts = actsOf(progress);
  const [asks, setAsks] = useState<'overwrite' | 'keep' | null>(null);
  const onAct = (act: BatchAct) => {
    if (act === 'overwrite' || act === 'keep') setAsks(act);
    else run(() => work(act, batch.id));
  };
  const discard = () => run(() => work('stop', batch.id));
  return (
    <>
      <BatchOfOther
        {...{ batch, progress, me, busy }}
        onSendAsMe={(name) => run(() => sendAsMe(batch.id, name))}
        onDiscard={discard}
      />
      <WorkProblem problem={problem} />
      {acts.length > 0 && (
        <div class="row change-acts">
          {acts.map((act) => (
            <Button key={act} busy={busy} onPress={() => onAct(act)}>
              {t(`history.batchActs.${act}`)}
            </Button>
          ))}
        </div>
      )}
      {asks !== null && (
        <AskConflicts
          answer={asks}
          count={progress.counts.conflict}
          onAnswer={(sure) => {
            setAsks(null);
            if (sure) run(() => work(asks, batch.id));
          }}
        />
      )}
    </>
  );
}

function actsOf({ counts, ended, stopped }: BatchProgress): readonly BatchAct[] {
  const failed = counts.refused + counts.skipped + counts.unknown;
  return [
    ...(ended || stopped ? [] : (['stop'] as const)),
    ...(counts.conflict > 0 ? (['overwrite', 'keep'] as const) : []),
    ...(ended && failed > 0 ? (['retry'] as const) : []),
    ...(ended && counts.done > 0 ? (['undo'] as const) : []),
  ];
}

async function sendAsMe(batchId: string, me: string | null): Promise<string | null> {
  return (await call('batch.sendAsMe', { batchId, me })).ok ? null : t('standing.otherByNow');
}

/** Does it; answers in words what came of it, null where the list shows that. */
async function work(act: BatchAct, batchId: string): Promise<string | null> {
  if (act === 'stop') return call('batch.stop', { batchId });
  return answerText((await askToFollow(act, batchId)).answer);
}

function answerText(answer: BatchAnswer): string | null {
  const leftOut = 'leftOut' in answer ? leftOutText(answer.leftOut) : null;
  return leftOut ?? (answer.ok ? null : t(`bulk.notAsked.${answer.problem}`));
}
