import { useEffect, useRef, useState } from 'preact/hooks';
import type { Batch, BatchProgress } from '../domain/batch';
import { isForSignIn } from '../domain/phase';
import type { Standing } from '../domain/standing';
import { onBroadcast } from '../messaging/broadcasts';
import type { HistoryReader } from '../storage/history';

export interface ShownBatch {
  readonly batch: Batch;
  readonly progress: BatchProgress;
  /** The changes of it that wait for a sign-in: the first of them. */
  readonly waiting: readonly Standing[];
}

/** Of so many open changes it is known what they wait for. */
const MOST_OPEN = 2000;

/**
 * The batches of a connection that are under way, and those that were asked for here, the newest first.
 * @param asked the IDs of those
 */
export function useLinkBatches(history: HistoryReader, connectionId: string, asked: readonly string[]) {
  const [shown, setShown] = useState<readonly ShownBatch[]>([]);
  const [broken, setBroken] = useState<unknown>(null);
  /** Those that were met while they ran stay when they have ended, too. */
  const met = useRef(new Set<string>());
  useEffect(() => {
    const ended = new AbortController();
    const read = async () => {
      for (const id of [...(await history.runningBatches()), ...asked]) met.current.add(id);
      const all = await Promise.all([...met.current].map((id) => readOne(history, connectionId, id)));
      const some = all.filter((one) => one !== null);
      if (!ended.signal.aborted) setShown(some.toSorted((one, other) => other.batch.askedAt - one.batch.askedAt));
    };
    const again = () => void read().then(() => setBroken(null), setBroken);
    onBroadcast(({ changed }) => {
      if (changed === 'batch') again();
    }, ended.signal);
    again();
    return () => ended.abort();
  }, [history, connectionId, asked]);
  return { shown, broken };
}

async function readOne(history: HistoryReader, connectionId: string, id: string): Promise<ShownBatch | null> {
  const [batch, progress] = await Promise.all([history.readBatch(id), history.progressOf(id)]);
  if (batch === null || progress === null || batch.connectionId !== connectionId) return null;
  return { batch, progress, waiting: progress.ended ? [] : await waitingIn(history, id) };
}

async function waitingIn(history: HistoryReader, id: string): Promise<readonly Standing[]> {
  const looking = { viewers: [], now: Date.now() };
  const { members } = await history.outcomesOf(id, 'open', null, MOST_OPEN, looking);
  return members.flatMap((one) => (one.kind === 'change' && isForSignIn(one.standing.at) ? [one.standing] : []));
}
