import { useEffect, useRef, useState } from 'preact/hooks';
import type { Batch, BatchProgress } from '../domain/batch';
import { onBroadcast } from '../messaging/broadcasts';
import type { HistoryReader } from '../storage/history';

export interface ShownBatch {
  readonly batch: Batch;
  readonly progress: BatchProgress;
}

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
  return batch === null || progress === null || batch.connectionId !== connectionId ? null : { batch, progress };
}
