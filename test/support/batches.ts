import { type Batch, type BatchItem, type BatchProgress, countOutcomes } from '../../src/domain/batch';
import { START } from './clock';
import { CONNECTION_ID } from './connections';
import { WANTED } from './partners';
import { targetOf, uuid } from './targets';

/** So many items of one kind, for the subscriptions s0, s1, …: whoever holds none gets {@link WANTED}. Their IDs begin there. */
export function itemsOf(count: number, firstId = 1000): BatchItem[] {
  return Array.from({ length: count }, (_, i) => ({
    id: uuid(firstId + i),
    target: targetOf(`s${i}`),
    targetName: `Subscription s${i}`,
    page: null,
    before: null,
    basedOn: '"1"',
    after: WANTED.partnerId,
  }));
}

/** A bulk change that asks for those items. */
export function aBatch(number: number, items: readonly BatchItem[], more: Partial<Batch> = {}): Batch {
  return {
    id: uuid(number),
    connectionId: CONNECTION_ID,
    kind: 'bulk',
    of: null,
    size: items.length,
    partners: [WANTED],
    replay: 'key',
    askedFrom: 'subscriptions',
    askedAt: START,
    person: null,
    ...more,
  };
}

/** How a batch of that size stands right after it was asked for: no row is made of it. */
export function nothingMade(batchId: string, size: number): BatchProgress {
  const counts = countOutcomes([]);
  return { batchId, size, made: 0, counts, stopped: false, ended: false, hold: null, sentAs: null, followed: [] };
}
