import { useEffect, useRef, useState } from 'preact/hooks';
import { type Batch, type BatchProgress, withHold } from '../domain/batch';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { History } from '../storage/history';
import type { HoldOf } from '../storage/lanes';
import { type Sample, withSample } from './time-to-go';

/** What is read of the history for it. */
export type BatchHistory = Pick<
  History,
  'page' | 'progressOf' | 'readBatch' | 'outcomesOf' | 'runningBatches' | 'isDismissed' | 'holds'
>;

export interface ShownBatch {
  readonly batch: Batch;
  readonly progress: BatchProgress;
  readonly samples: readonly Sample[];
}

export interface Batches {
  /** Those that run, and those that have ended of late; the newest first. */
  readonly shown: readonly ShownBatch[];
  /** Why they could not be read; null where they could. */
  readonly broken: unknown;
  readonly dismiss: (batchId: string) => void;
}

/** So long a batch that has ended is shown, unless somebody dismisses it. */
const SHOWN_FOR_MS = 24 * 60 * 60_000;
/** Among so many newest entries of the history those that have ended are looked for. */
const LOOKED_AT = 50;
/** What a worker that has ended was about to tell never comes. */
const LOOKS_AGAIN_MS = 5_000;

/**
 * The batches of this page, kept up with what the worker tells.
 * @param asked the IDs of those that were asked for here
 * @param sought the ID of the one that somebody came for, which is shown whenever it has ended; null: nobody came for any
 */
export function useBatches(history: BatchHistory, asked: readonly string[], sought: string | null): Batches {
  const [shown, setShown] = useState<readonly ShownBatch[]>([]);
  const [broken, setBroken] = useState<unknown>(null);
  const known = useRef(shown);
  known.current = shown;
  /** Those that were dismissed here: one that somebody came for does not come back by itself either. */
  const gone = useRef(new Set<string>());

  const follow = (progress: BatchProgress) => {
    setShown((before) => before.map((one) => (one.batch.id === progress.batchId ? withProgress(one, progress) : one)));
  };

  useEffect(() => {
    const ended = new AbortController();
    const readAll = async () => {
      try {
        const read = await readBatches(history, sought);
        if (ended.signal.aborted) return;
        setBroken(null);
        const left = read.filter(({ batch }) => !gone.current.has(batch.id));
        setShown((before) =>
          left.map((one) => {
            const seen = before.find(({ batch }) => batch.id === one.batch.id);
            return seen === undefined ? withProgress(one, one.progress) : withProgress(seen, one.progress);
          }),
        );
      } catch (cause) {
        if (!ended.signal.aborted) setBroken(cause);
      }
    };
    const lookAgain = async () => {
      const running = known.current.filter((one) => !one.progress.ended);
      if (running.length === 0) return;
      const holdOf = await history.holds(Date.now());
      for (const { batch } of running) {
        const progress = await progressOf(history, batch, holdOf);
        if (progress !== null && !ended.signal.aborted) follow(progress);
      }
    };
    onBroadcast((broadcast) => {
      if (broadcast.changed !== 'batch') return;
      const { batchId, ended, stopped } = broadcast.progress;
      const isKnown = known.current.some(({ batch }) => batch.id === batchId);
      if (isKnown) follow(broadcast.progress);
      // What follows from another one that it begins, or was stopped, alters what may be asked for about that.
      if (!isKnown || (ended && stopped)) void readAll();
    }, ended.signal);
    const timer = setInterval(() => void lookAgain().catch(setBroken), LOOKS_AGAIN_MS);
    ended.signal.addEventListener('abort', () => clearInterval(timer));
    void readAll();
    return () => ended.abort();
  }, [history, asked]);

  const dismiss = (batchId: string) => {
    gone.current.add(batchId);
    setShown((before) => before.filter(({ batch }) => batch.id !== batchId));
    call('batch.dismiss', { batchId }).catch(setBroken);
  };
  return { shown, broken, dismiss };
}

function withProgress({ batch, samples }: Pick<ShownBatch, 'batch' | 'samples'>, progress: BatchProgress): ShownBatch {
  return { batch, progress, samples: withSample(samples, { at: Date.now(), left: progress.counts.open }) };
}

async function readBatches(history: BatchHistory, sought: string | null): Promise<ShownBatch[]> {
  const now = Date.now();
  const { entries } = await history.page({ group: 'changes', from: now - SHOWN_FOR_MS }, null, LOOKED_AT, {
    viewers: [],
    now,
  });
  const late = entries.flatMap(({ type, id }) => (type === 'batch' ? id : []));
  const dismissed = await Promise.all(late.map((id) => history.isDismissed(id)));
  const ended = late.filter((_, i) => dismissed[i] === false);
  const ids = new Set([...(await history.runningBatches()), ...ended, ...(sought === null ? [] : [sought])]);
  const holdOf = await history.holds(now);
  const read = await Promise.all([...ids].map((id) => readOne(history, id, holdOf)));
  return read.flatMap((one) => one ?? []).sort((one, other) => other.batch.askedAt - one.batch.askedAt);
}

async function readOne(history: BatchHistory, batchId: string, holdOf: HoldOf): Promise<ShownBatch | null> {
  const batch = await history.readBatch(batchId);
  const progress = batch && (await progressOf(history, batch, holdOf));
  return batch === null || progress === null ? null : { batch, progress, samples: [] };
}

/** How far a batch is, and what holds it up, as both are kept. */
async function progressOf(
  history: BatchHistory,
  { id, connectionId }: Batch,
  holdOf: HoldOf,
): Promise<BatchProgress | null> {
  const progress = await history.progressOf(id);
  return progress && withHold(progress, holdOf(connectionId));
}
