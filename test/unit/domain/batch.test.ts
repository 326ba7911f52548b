import { expect, it } from 'vitest';
import { batchAhead, type Carried, countOutcomes } from '../../../src/domain/batch';
import { aBatch, itemsOf } from '../../support/batches';

const EARLIER = carried(1, { open: 4 });

it('a batch waits for the one before it as long as none of it was sent, though some of it were skipped', () => {
  for (const counts of [{ open: 4 }, { open: 3, skipped: 1 }]) {
    expect(batchAhead(carried(2, counts), [EARLIER])).toEqual(EARLIER.batch);
  }
});

it('a batch of which something was sent, or nothing is left, waits for no other', () => {
  for (const counts of [{ open: 3, done: 1 }, { open: 2, skipped: 1, refused: 1 }, { skipped: 4 }]) {
    expect(batchAhead(carried(2, counts), [EARLIER])).toBeNull();
  }
});

/** One of four, asked for at its number. */
function carried(number: number, counts: Partial<Carried['progress']['counts']>): Carried {
  const batch = aBatch(number, itemsOf(4, number * 1000), { askedAt: number });
  const size = batch.size;
  return {
    batch,
    progress: {
      batchId: batch.id,
      size,
      made: size,
      counts: { ...countOutcomes([]), ...counts },
      stopped: false,
      ended: counts.open === undefined,
      hold: null,
      sentAs: null,
      followed: [],
    },
  };
}
