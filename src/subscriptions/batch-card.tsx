import { useState } from 'preact/hooks';
import { type Batch, goesOnByItself } from '../domain/batch';
import { nameOfPerson, type Person } from '../domain/person';
import { ANYBODY } from '../domain/standing';
import { call } from '../messaging/call';
import { asksAbout } from '../messaging/follow-up';
import { Announced } from '../ui/announce';
import { BatchActs } from '../ui/batch-acts';
import { BatchCounts } from '../ui/batch-counts';
import { BatchHead } from '../ui/batch-head';
import { otherAsker } from '../ui/batch-of-other';
import { Button } from '../ui/button';
import { download } from '../ui/download';
import { formatAge } from '../ui/format';
import { holdText } from '../ui/hold-text';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { ProblemText } from '../ui/problem-text';
import { Sentence } from '../ui/sentence';
import { useNow } from '../ui/use-now';
import { useWork, WorkProblem } from '../ui/use-work';
import { useUniqueId } from '../ui/use-unique-id';
import { amountText } from '../words/amount-of-time';
import { behindText, endedText } from '../words/batch';
import { windowText } from '../words/window';
import { t } from '../words/words';
import { outcomesAsCsv, outcomesOf } from './batch-export';
import { OutcomeList } from './outcome-list';
import { timeToGo } from './time-to-go';
import type { BatchHistory, ShownBatch } from './use-batches';

interface BatchCardProps {
  readonly shown: ShownBatch;
  /** The batch that goes first at its connection; null: nothing is in its way. */
  readonly ahead: Batch | null;
  readonly history: BatchHistory;
  /** What people call its connection; null where it is not set up any more. */
  readonly connection: string | null;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly me: Person | null;
  /** It was asked for on this page just now. */
  readonly isNew: boolean;
  /** Somebody came to this page for it. */
  readonly isSought: boolean;
  readonly onAsked: (batchIds: readonly string[]) => void;
  readonly onDismiss: () => void;
}

/** How far a batch is, how it ended, and what can be done about it. */
export function BatchCard(props: BatchCardProps) {
  const { shown, ahead, history, connection, me, isNew, isSought, onAsked, onDismiss } = props;
  const { batch, progress } = shown;
  const { ended } = progress;
  const id = useUniqueId();
  const [isOpen, setOpen] = useState(isSought);
  const [exported, setExported] = useState<string | null>(null);
  const { tell, problem, run } = useWork();

  const exportOutcome = async () => {
    const now = Date.now();
    const lines = await outcomesOf(history, batch, now);
    const name = `partner-of-record-outcome-${new Date(now).toISOString().slice(0, 10)}.csv`;
    download(name, 'text/csv', outcomesAsCsv(lines));
    setExported(t('batch.exported', { count: lines.length, file: name }));
  };

  return (
    <article class="batch card stack-tight" aria-labelledby={id}>
      <BatchHead id={id} ended={ended} takesFocus={isNew || isSought} onDismiss={onDismiss}>
        <Title batch={batch} />
      </BatchHead>
      <p class="small muted">
        <Asked batch={batch} connection={connection} />
      </p>
      <Progress
        {...{ shown, ahead, connection, me }}
        onSignIn={() =>
          run(async () => windowText(await call('signIn.start', { another: false, connectionId: batch.connectionId })))
        }
      />
      <WorkProblem problem={problem} />
      <Announced words={exported} />
      <BatchActs {...{ batch, progress, me }} asks={asksAbout(batch.id)} onAsked={(batchId) => onAsked([batchId])}>
        <Button expanded={isOpen} onPress={() => setOpen(!isOpen)}>
          {isOpen ? t('history.hideChanges') : t('history.showChanges')}
        </Button>
        <Button
          kind="quiet"
          onPress={() => void exportOutcome().catch((cause: unknown) => tell(<ProblemText cause={cause} />))}
        >
          {t('batch.exportOutcome')}
        </Button>
      </BatchActs>
      {isOpen && (
        <OutcomeList
          history={history}
          progress={progress}
          viewer={{ ...ANYBODY, connectionId: batch.connectionId, person: me }}
        />
      )}
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

interface ProgressProps extends Pick<BatchCardProps, 'shown' | 'ahead' | 'connection' | 'me'> {
  readonly onSignIn: () => void;
}

/** How far it is, for eyes; what is read out is that it began, what it waits for, and how it ended. */
function Progress({ shown: { batch, progress, samples }, ahead, connection, me, onSignIn }: ProgressProps) {
  const now = useNow();
  const { counts, ended, stopped, hold } = progress;
  // Where somebody is to sign in or to decide, that is said beside the buttons.
  const isForOther = otherAsker(batch, progress, me) !== null;
  const isForSomebody = hold?.for === 'signIn' || isForOther;
  const isConnectionGone = !ended && connection === null;
  const goesOn = goesOnByItself(progress, isForOther || isConnectionGone ? counts.open : 0);
  const waits = isConnectionGone ? t('batch.waitsForConnection') : hold?.for === 'time' ? holdText(hold, now) : null;
  const toGo = ended ? null : timeToGo(samples, hold, now);
  const told = ended
    ? endedText(progress)
    : (waits ?? (ahead ? behindText(ahead) : stopped ? t('batch.stopping') : isForSomebody ? '' : t('batch.begun')));
  return (
    <>
      <BatchCounts progress={progress}>
        {toGo !== null && toGo > 0 && <span class="muted">{t('batch.toGo', { time: amountText(toGo) })}</span>}
      </BatchCounts>
      <p class={ended ? undefined : 'small muted'} role="status">
        {told}
      </p>
      {goesOn && <p class="small muted">{t('batch.mayClose')}</p>}
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
