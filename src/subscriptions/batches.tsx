import { onSettingsBroadcast } from '../messaging/broadcasts';
import { useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { batchAhead } from '../domain/batch';
import { ProblemNotice } from '../ui/problem-notice';
import { useLive } from '../ui/use-live';
import { t } from '../words/words';
import { BatchCard } from './batch-card';
import { type BatchHistory, useBatches } from './use-batches';

export interface BatchesProps {
  readonly history: BatchHistory;
  /** Those that are set up. */
  readonly connections: readonly { readonly id: string; readonly name: string }[];
  /** The IDs of the connections whose batches are shown elsewhere. */
  readonly linksOf: readonly string[];
  /** The IDs of the batches that were asked for on this page. */
  readonly asked: readonly string[];
  readonly onAsked: (batchIds: readonly string[]) => void;
}

/** Changes that were asked for together: those under way, and those that have ended of late. Nothing where there are none. */
export function Batches({ history, connections, linksOf, asked, onAsked }: BatchesProps) {
  const [sought] = useState(soughtBatch);
  const { shown: all, broken, dismiss } = useBatches(history, asked, sought);
  const shown = all.filter(({ batch }) => !linksOf.includes(batch.connectionId));
  const ids = connections.map(({ id }) => id);
  const people = useLive(() => whoIsAt(ids), onSettingsBroadcast, [ids.join()]);
  if (broken !== null) {
    return <ProblemNotice cause={broken} />;
  }
  if (shown.length === 0) return null;
  return (
    <section class="stack" aria-label={t('batch.list')}>
      {shown.map((one) => (
        <BatchCard
          key={one.batch.id}
          shown={one}
          ahead={batchAhead(one, shown)}
          history={history}
          connection={connections.find(({ id }) => id === one.batch.connectionId)?.name ?? null}
          me={people.state === 'here' ? (people.value.get(one.batch.connectionId) ?? null) : null}
          isNew={asked.includes(one.batch.id)}
          isSought={one.batch.id === sought}
          onAsked={onAsked}
          onDismiss={() => dismiss(one.batch.id)}
        />
      ))}
    </section>
  );
}

/** The batch that the page's address names; null where it names none. What is no batch's ID finds none. */
function soughtBatch(): string | null {
  return new URLSearchParams(location.search).get('batch');
}

async function whoIsAt(connectionIds: readonly string[]) {
  const people = connectionIds.map(
    async (connectionId) => [connectionId, await call('person.present', { connectionId })] as const,
  );
  return new Map(await Promise.all(people));
}
