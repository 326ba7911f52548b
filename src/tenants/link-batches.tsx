import { useEffect, useState } from 'preact/hooks';
import type { Batch, BatchProgress } from '../domain/batch';
import { onBroadcast } from '../messaging/broadcasts';
import { asksAbout } from '../messaging/follow-up';
import type { HistoryReader } from '../storage/history';
import { BatchActs } from '../ui/batch-acts';
import { ProblemNotice } from '../ui/problem-notice';
import { countTexts } from '../words/batch';
import { listed, t } from '../words/words';

interface LinkBatchesProps {
  readonly connectionId: string;
  readonly history: HistoryReader;
  /** The IDs of those that were asked for here. */
  readonly asked: readonly string[];
}

interface Shown {
  readonly batch: Batch;
  readonly progress: BatchProgress;
}

/** How far what was asked for in many tenants is, and what can be done about it. */
export function LinkBatches({ connectionId, history, asked }: LinkBatchesProps) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const [broken, setBroken] = useState<unknown>(null);
  const [more, setMore] = useState<readonly string[]>([]);

  useEffect(() => {
    const ended = new AbortController();
    const read = async () => {
      const ids = new Set([...(await history.runningBatches()), ...asked, ...more]);
      const all = await Promise.all(
        [...ids].map(async (id) => {
          const [batch, progress] = await Promise.all([history.readBatch(id), history.progressOf(id)]);
          return batch !== null && progress !== null && batch.connectionId === connectionId
            ? { batch, progress }
            : null;
        }),
      );
      if (!ended.signal.aborted) setShown(all.filter((one) => one !== null));
    };
    const again = () => void read().catch(setBroken);
    onBroadcast(({ changed }) => {
      if (changed === 'batch') again();
    }, ended.signal);
    again();
    return () => ended.abort();
  }, [connectionId, history, asked, more]);

  if (broken !== null) return <ProblemNotice cause={broken} />;
  return (
    <>
      {shown.map(({ batch, progress }) => (
        <article key={batch.id} class="card stack-tight link-batch">
          {!progress.ended && (
            <progress
              class="progress"
              aria-label={t('batch.progress')}
              value={progress.size - progress.counts.open}
              max={progress.size}
            />
          )}
          <p role="status">{listed(countTexts(progress.counts, ['done', 'refused']), 'unit')}</p>
          {!progress.ended && <p class="small muted">{t('batch.mayClose')}</p>}
          <BatchActs
            batch={batch}
            progress={progress}
            me={batch.person}
            asks={asksAbout(batch.id)}
            onAsked={(batchId) => setMore([...more, batchId])}
          />
        </article>
      ))}
    </>
  );
}
