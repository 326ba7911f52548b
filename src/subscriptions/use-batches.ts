import { useEffect, useRef, useState } from 'preact/hooks';
import type { Batch, BatchProgress } from '../domain/batch';
import { onBroadcast } from '../messaging/broadcasts';
import type { History } from '../storage/history';
import { dismissBatch, dismissedBatches } from './dismissed';
import { type Sample, withSample } from './time-to-go';

/** What is read of the history for it. */
export type BatchHistory = Pick<History, 'page' | 'progressOf' | 'readBatch' | 'outcomesOf' | 'runningBatches'>;

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
 */
export function useBatches(history: BatchHistory, asked: readonly string[]): Batches {
  const [shown, setShown] = useState<readonly ShownBatch[]>([]);
  const [broken, setBroken] = useState<unknown>(null);
  const known = useRef(shown);
  known.current = shown;

  const follow = (progress: BatchProgress) => {
    setShown((before) => before.map((one) => (one.batch.id === progress.batchId ? withProgress(one, progress) : one)));
  };

  useEffect(() => {
    const ended = new AbortController();
    const readAll = async () => {
      try {
        const read = await readBatches(history);
        if (ended.signal.aborted) return;
        setBroken(null);
        setShown((before) =>
          read.map((one) => {
            const seen = before.find(({ batch }) => batch.id === one.batch.id);
            return seen === undefined ? withProgress(one, one.progress) : withProgress(seen, one.progress);
          }),
        );
      } catch (cause) {
        if (!ended.signal.aborted) setBroken(cause);
      }
    };
    const lookAgain = async () => {
      for (const { progress } of known.current.filter((one) => !one.progress.ended)) {
        const now = await history.progressOf(progress.batchId);
        if (now !== null && !ended.signal.aborted) follow({ ...now, hold: progress.hold });
      }
    };
    onBroadcast((broadcast) => {
      if (broadcast.changed !== 'batch') return;
      if (known.current.some(({ batch }) => batch.id === broadcast.progress.batchId)) follow(broadcast.progress);
      else void readAll();
    }, ended.signal);
    const timer = setInterval(() => void lookAgain().catch(setBroken), LOOKS_AGAIN_MS);
    ended.signal.addEventListener('abort', () => clearInterval(timer));
    void readAll();
    return () => ended.abort();
  }, [history, asked]);

  const dismiss = (batchId: string) => {
    dismissBatch(batchId);
    setShown((before) => before.filter(({ batch }) => batch.id !== batchId));
  };
  return { shown, broken, dismiss };
}

function withProgress({ batch, samples }: Pick<ShownBatch, 'batch' | 'samples'>, progress: BatchProgress): ShownBatch {
  return { batch, progress, samples: withSample(samples, { at: Date.now(), left: progress.counts.open }) };
}

async function readBatches(history: BatchHistory): Promise<ShownBatch[]> {
  const now = Date.now();
  const { entries } = await history.page({ group: 'changes', from: now - SHOWN_FOR_MS }, null, LOOKED_AT, {
    viewers: [],
    now,
  });
  const dismissed = dismissedBatches();
  const ended = entries.flatMap(({ type, id }) => (type === 'batch' && !dismissed.includes(id) ? id : []));
  const ids = new Set([...(await history.runningBatches()), ...ended]);
  const read = await Promise.all([...ids].map((id) => readOne(history, id)));
  return read.flatMap((one) => one ?? []).sort((one, other) => other.batch.askedAt - one.batch.askedAt);
}

async function readOne(history: BatchHistory, batchId: string): Promise<ShownBatch | null> {
  const [batch, progress] = await Promise.all([history.readBatch(batchId), history.progressOf(batchId)]);
  return batch === null || progress === null ? null : { batch, progress, samples: [] };
}
