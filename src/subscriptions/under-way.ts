import { ANYBODY, standingOf } from '../domain/standing';
import type { SubscriptionId } from '../domain/subscription';
import type { HistoryReader } from '../storage/history';
import { type RowChange, rowChange } from './row';

/** What of the history tells which changes have not ended. */
export type OpenChangesReader = Pick<HistoryReader, 'openChanges' | 'outcomesOf' | 'readBatch' | 'runningBatches'>;

const READ_AT_ONCE = 1000;

/** The subscriptions of a connection that have a change that has not ended, those of batches too of which no row was made yet. */
export async function changesUnderWay(
  history: OpenChangesReader,
  connectionId: string,
): Promise<ReadonlyMap<SubscriptionId, RowChange>> {
  const changes = new Map<SubscriptionId, RowChange>();
  for (const batchId of await history.runningBatches()) {
    if ((await history.readBatch(batchId))?.connectionId !== connectionId) continue;
    const looking = { viewers: [], now: Date.now() };
    let after: number | null = null;
    do {
      const { members, next } = await history.outcomesOf(batchId, 'open', after, READ_AT_ONCE, looking);
      for (const member of members)
        if (member.kind === 'item' && member.item.target.kind === 'subscription')
          changes.set(member.item.target.id, 'open');
      after = next;
    } while (after !== null);
  }
  for (const change of await history.openChanges()) {
    const { target } = change;
    if (target.kind === 'subscription' && target.connectionId === connectionId)
      changes.set(target.id, rowChange(standingOf(change, ANYBODY, Date.now())));
  }
  return changes;
}
