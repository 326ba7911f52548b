import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { BatchItem, BatchOutcome } from '../../../src/domain/batch';
import type { BatchMembers } from '../../../src/storage/batches';
import { createDatabase } from '../../../src/storage/database';
import type { Database } from '../../../src/storage/schema';
import { createHistory, type History } from '../../../src/storage/history';
import { aBatch, itemsOf } from '../../support/batches';
import { START } from '../../support/clock';
import { LOOKING } from '../../support/history';
import { CONNECTION_ID } from '../../support/connections';
import { ADA } from '../../support/persons';
import { WANTED } from '../../support/partners';
import { targetOf, uuid } from '../../support/targets';
import { change, found, state } from './samples';

const REFUSAL = {
  type: 'failed',
  at: START,
  failure: { reason: 'refused', status: 403 },
  retryAfterMs: null,
  chance: 0,
} as const;

let open: () => Promise<Database>;
let history: History;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
});

async function accept(number: number, items: readonly BatchItem[]) {
  return history.acceptBatch(aBatch(number, items), items);
}

async function makeAll(number: number): Promise<number> {
  let made = 0;
  while (true) {
    const some = await history.makeRows(uuid(number));
    made += some.made.length;
    if (!some.isLeft) return made;
  }
}

async function apply(id: string): Promise<void> {
  await history.applyEvent(id, { type: 'sent', at: START });
  await history.applyEvent(id, { type: 'applied', at: START, state: state('a') });
}

async function entries() {
  return (await history.page({}, null, 50, LOOKING)).entries;
}

describe('a batch', () => {
  test('is one entry of the history, however many changes it has', async () => {
    await history.addCheck({ ...found(900), checkedAt: START - 1 });
    await accept(1, itemsOf(450));
    await history.addCheck({ ...found(901), checkedAt: START });
    await makeAll(1);
    expect((await entries()).map(({ type, id }) => [type, id])).toEqual([
      ['check', uuid(901)],
      ['batch', uuid(1)],
      ['check', uuid(900)],
    ]);
    expect(await history.progressOf(uuid(1))).toMatchObject({
      size: 450,
      made: 450,
      counts: { open: 450 },
      ended: false,
    });
    expect(await history.count({ group: 'changes' }, new AbortController().signal)).toEqual({ matching: 450, of: 450 });
  });

  test('asked for twice is one, and the same ID with something else is refused', async () => {
    const items = itemsOf(3);
    expect(await accept(1, items)).toBe('accepted');
    expect(await accept(1, items)).toBe('alreadyThere');
    expect(await accept(1, itemsOf(2))).toBe('idUsedOtherwise');
    expect(await makeAll(1)).toBe(3);
  });

  test('skips what has an open change, and names that', async () => {
    await history.insertChange(change(800, 's1'), null);
    await accept(1, itemsOf(3));
    expect(await makeAll(1)).toBe(2);
    const { members } = await history.outcomesOf(uuid(1), 'skipped', null, 10, LOOKING);
    expect(members).toMatchObject([{ kind: 'item', open: uuid(800), item: { target: { id: 's1' } } }]);
  });

  test('ends with its last change, and is then to be told', async () => {
    await accept(1, itemsOf(2));
    const { made } = await history.makeRows(uuid(1));
    for (const { id } of made) {
      expect(await history.untold()).toEqual([]);
      await apply(id);
    }
    expect(await history.untold()).toEqual([uuid(1)]);
    expect(await history.runningBatches()).toEqual([]);
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { done: 2, open: 0 }, ended: true });
  });

  test('that is stopped makes no more rows, and names what it made none of', async () => {
    await accept(1, itemsOf(250));
    await history.makeRows(uuid(1));
    await history.applyEvent(uuid(1000), { type: 'sent', at: START });
    expect(await history.stopBatch(uuid(1), START)).toHaveLength(200);
    expect(await history.makeRows(uuid(1))).toEqual({ made: [], isLeft: false, ended: false });
    expect(await history.progressOf(uuid(1))).toMatchObject({ made: 200, counts: { open: 1, cancelled: 249 } });
    const { members, next } = await history.outcomesOf(uuid(1), 'cancelled', null, 220, LOOKING);
    expect(members).toHaveLength(220);
    expect(next).not.toBeNull();
    const rest = await history.outcomesOf(uuid(1), 'cancelled', next, 30, LOOKING);
    expect(rest.members.map((one) => (one.kind === 'item' ? one.item.targetName : one.kind)).at(-1)).toBe(
      'Subscription s249',
    );
    expect(rest).toMatchObject({ next: null });
  });
});

describe('what a batch takes back or asks again', () => {
  test('names the change that it undoes, and answers the conflict that it overwrites', async () => {
    await history.insertChange(change(800, 's0', { after: WANTED }), null);
    await history.applyEvent(uuid(800), { type: 'sent', at: START });
    await history.applyEvent(uuid(800), { type: 'preconditionFailed', at: START, state: state('a', '"9"') });
    const items = itemsOf(1).map((item) => ({ ...item, answers: uuid(800) }));
    await history.acceptBatch(aBatch(1, items, { kind: 'overwrite', of: uuid(7) }), items);
    await history.makeRows(uuid(1));
    expect((await history.readChange(uuid(800)))?.life).toMatchObject({
      state: 'conflict',
      answer: { kind: 'resolvedBy', changeId: uuid(1000) },
    });
    const more = itemsOf(1, 2000).map((item) => ({ ...item, target: targetOf('other'), answers: uuid(801) }));
    await history.acceptBatch(aBatch(2, more, { kind: 'undo', of: uuid(7) }), more);
    await history.makeRows(uuid(2));
    expect(await history.readChange(uuid(2000))).toMatchObject({ undoes: uuid(801), batch: uuid(2) });
  });

  test('takes a conflict of another batch out of that batch’s count', async () => {
    await accept(1, itemsOf(1));
    await history.makeRows(uuid(1));
    await history.applyEvent(uuid(1000), { type: 'sent', at: START });
    await history.applyEvent(uuid(1000), { type: 'preconditionFailed', at: START, state: state('a', '"9"') });
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { conflict: 1 }, ended: true });
    const items = itemsOf(1, 2000).map((item) => ({ ...item, answers: uuid(1000) }));
    await history.acceptBatch(aBatch(2, items, { kind: 'overwrite', of: uuid(1) }), items);
    await history.makeRows(uuid(2));
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { conflict: 0, answered: 1 } });
  });
});

describe('the list of the history', () => {
  test('goes on behind a batch at the next page, and finds single changes by text', async () => {
    await history.addCheck({ ...found(900), checkedAt: START - 1 });
    await accept(1, itemsOf(5));
    await makeAll(1);
    await accept(
      2,
      itemsOf(3, 3000).map((item, i) => ({ ...item, target: targetOf(`t${i}`) })),
    );
    const first = await history.page({}, null, 1, LOOKING);
    expect(first.entries.map(({ id }) => id)).toEqual([uuid(2)]);
    const second = await history.page({}, first.next, 1, LOOKING);
    expect(second.entries.map(({ id }) => id)).toEqual([uuid(1)]);
    const third = await history.page({}, second.next, 1, LOOKING);
    expect(third.entries.map(({ id }) => id)).toEqual([uuid(900)]);
    expect(third.next).toBeNull();
    const searched = await history.page({ text: 'subscription s3' }, null, 10, LOOKING);
    expect(searched.entries).toMatchObject([
      { type: 'change', standing: { targetName: 'Subscription s3', batch: uuid(1) } },
    ]);
    expect((await history.page({ outcome: 'open' }, null, 10, LOOKING)).entries).toHaveLength(5);
  });

  test('exports every change of a batch, and not the batch', async () => {
    await accept(1, itemsOf(3));
    await makeAll(1);
    const types: string[] = [];
    for await (const { type } of history.all({}, LOOKING)) types.push(type);
    expect(types).toEqual(['change', 'change', 'change']);
  });

  test('keeps the order in which the changes were asked for', async () => {
    await accept(1, itemsOf(205));
    await makeAll(1);
    const names = (await history.outcomesOf(uuid(1), null, null, 300, LOOKING)).members.map((one) =>
      one.kind === 'change' ? one.standing.targetName : one.kind,
    );
    expect(names).toEqual(itemsOf(205).map(({ targetName }) => targetName));
  });
});

describe('what is open of a batch', () => {
  /** The IDs of what stands so, read two at a time. */
  async function idsOf(outcome: BatchOutcome | null): Promise<string[]> {
    const ids: string[] = [];
    for (let after: number | null = null; ; ) {
      const { members, next }: BatchMembers = await history.outcomesOf(uuid(1), outcome, after, 2, LOOKING);
      ids.push(...members.map((one) => (one.kind === 'change' ? one.standing.changeId : one.kind)));
      if (next === null) return ids;
      after = next;
    }
  }

  test('stands among what has ended in the order in which it was asked for', async () => {
    await history.insertChange(change(800, 's4'), null);
    await accept(1, itemsOf(6));
    await makeAll(1);
    await apply(uuid(1003));
    await apply(uuid(1000));
    expect(await idsOf(null)).toEqual([uuid(1000), uuid(1001), uuid(1002), uuid(1003), 'item', uuid(1005)]);
    expect(await idsOf('open')).toEqual([uuid(1001), uuid(1002), uuid(1005)]);
    expect(await idsOf('done')).toEqual([uuid(1000), uuid(1003)]);
  });

  test('is what has no row yet, too, after what has', async () => {
    await accept(1, itemsOf(5));
    await history.makeRows(uuid(1), 3);
    await apply(uuid(1001));
    expect(await idsOf('open')).toEqual([uuid(1000), uuid(1002), 'item', 'item']);
  });

  test('takes no write of its own', async () => {
    await accept(1, itemsOf(3));
    await makeAll(1);
    expect(await (await open()).count('outcomes')).toBe(0);
  });

  test('counts once where an earlier build wrote it down, and the batch ends with the last of it', async () => {
    await accept(1, itemsOf(3));
    await makeAll(1);
    const database = await open();
    for (const { id, order, batch = '' } of await database.getAllFromIndex('rows', 'openTarget'))
      await database.put('outcomes', { batch, order, id, outcome: 'open' }, [batch, order]);
    await apply(uuid(1000));
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { done: 1, open: 2 }, ended: false });
    expect(await idsOf(null)).toEqual([uuid(1000), uuid(1001), uuid(1002)]);
    await apply(uuid(1001));
    expect(await history.untold()).toEqual([]);
    await apply(uuid(1002));
    expect(await history.untold()).toEqual([uuid(1)]);
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { done: 3, open: 0 }, ended: true });
  });
});

describe('what is removed', () => {
  const NOW = { now: START + 10, trusted: START + 10 };
  const few = { maxAgeDays: null, maxRows: 2 };

  test('is a batch as a whole, once all of it has ended and is beyond', async () => {
    await accept(1, itemsOf(3));
    await makeAll(1);
    expect(await history.countBeyond(few, NOW)).toBe(0);
    for (const { id } of itemsOf(3)) await apply(id);
    // Its newest row is within the two that stay.
    expect(await history.prune(few, NOW)).toMatchObject({ removed: 0 });
    for (const number of [901, 902])
      await history.insertChange(change(number, `other ${number}`, { askedAt: START }), null);
    expect(await history.countBeyond(few, NOW)).toBe(3);
    expect(await history.prune(few, NOW)).toMatchObject({ removed: 3 });
    expect((await entries()).map(({ id }) => id)).toEqual([uuid(902), uuid(901)]);
    expect(await history.progressOf(uuid(1))).toBeNull();
    expect((await history.outcomesOf(uuid(1), null, null, 10, LOOKING)).members).toEqual([]);
  });

  test.each([
    ['a change that is open', async () => apply(uuid(1000))],
    [
      'a refusal that nobody has seen',
      async () => {
        await apply(uuid(1000));
        await history.applyEvent(uuid(1001), { type: 'sent', at: START });
        await history.applyEvent(uuid(1001), { ...REFUSAL });
      },
    ],
  ])('is no batch with %s', async (_, happen) => {
    await accept(1, itemsOf(2));
    await makeAll(1);
    await happen();
    for (const number of [901, 902])
      await history.insertChange(change(number, `other ${number}`, { askedAt: START }), null);
    expect(await history.prune(few, NOW)).toMatchObject({ removed: 0 });
    expect(await history.progressOf(uuid(1))).toMatchObject({ size: 2 });
  });

  test('by the person is every batch that has ended, and none in part', async () => {
    await accept(1, itemsOf(2));
    await makeAll(1);
    for (const { id } of itemsOf(2)) await apply(id);
    await accept(2, itemsOf(2, 3000));
    await makeAll(2);
    await apply(uuid(3000));
    expect(await history.clear()).toBe(2);
    expect((await entries()).map(({ id }) => id)).toEqual([uuid(2)]);
    expect(await history.progressOf(uuid(2))).toMatchObject({ counts: { done: 1, open: 1 } });
    expect(await history.progressOf(uuid(1))).toBeNull();
    expect(await history.count({}, new AbortController().signal)).toEqual({ matching: 2, of: 2 });
  });
});

describe('damage', () => {
  test('to a row of a batch leaves the others to go on, and the batch to end', async () => {
    await accept(1, itemsOf(2));
    await makeAll(1);
    const database = await open();
    const stored = await database.get('rows', uuid(1000));
    await database.put('rows', { ...stored, row: { type: 'change' } } as never);
    // The list of open changes meets it and sets it aside.
    await history.openChanges();
    await apply(uuid(1001));
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { done: 1, unknown: 1, open: 0 }, ended: true });
    expect(await history.untold()).toEqual([uuid(1)]);
    expect((await history.outcomesOf(uuid(1), 'unknown', null, 10, LOOKING)).members).toMatchObject([
      { kind: 'damaged' },
    ]);
  });

  test('to an item leaves the others of its part to be made', async () => {
    await accept(1, itemsOf(3));
    const [first, , third] = itemsOf(3);
    await (await open()).put('batchItems', [first, { target: 7 }, third], [uuid(1), 0]);
    expect(await makeAll(1)).toBe(2);
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { open: 2, skipped: 1 } });
    expect((await history.outcomesOf(uuid(1), 'skipped', null, 10, LOOKING)).members).toMatchObject([
      { kind: 'damaged' },
    ]);
  });

  test('to the batch’s own row shows its changes one by one, and makes no more of them', async () => {
    await accept(1, itemsOf(250));
    await history.makeRows(uuid(1));
    const database = await open();
    const stored = await database.get('rows', uuid(1));
    await database.put('rows', { ...stored, row: { type: 'batch' } } as never);
    expect(await makeAll(1)).toBe(0);
    const { entries: shown, damaged } = await history.page({}, null, 300, LOOKING);
    expect({ shown: shown.length, damaged }).toEqual({ shown: 200, damaged: 1 });
    expect(await history.progressOf(uuid(1))).toMatchObject({ stopped: true, counts: { cancelled: 50, open: 200 } });
  });
});

describe('two batches', () => {
  test('go on beside each other, and what both ask for is skipped in the later one', async () => {
    await accept(1, itemsOf(3));
    await accept(2, itemsOf(4, 3000));
    await history.makeRows(uuid(2), 1);
    await makeAll(1);
    await makeAll(2);
    expect(await history.progressOf(uuid(1))).toMatchObject({ counts: { open: 2, skipped: 1 } });
    expect(await history.progressOf(uuid(2))).toMatchObject({ counts: { open: 2, skipped: 2 } });
    const { members } = await history.outcomesOf(uuid(1), 'skipped', null, 10, LOOKING);
    expect(members).toMatchObject([{ kind: 'item', open: uuid(3000) }]);
  });
});

test('the owner of a pasted token stands in a batch that has not ended', async () => {
  const token = { kind: 'token', issuer: 'https://por.example.com/v1', fingerprint: 'f' } as const;
  const items = itemsOf(1);
  await history.acceptBatch(aBatch(1, items, { person: token }), items);
  await history.applyToOpen(CONNECTION_ID, { type: 'ownerKnown', token, person: ADA });
  expect(await history.readBatch(uuid(1))).toMatchObject({ person: ADA });
});

describe('a worker that dies', () => {
  /** The next write of a transaction that comes to pass so many requests from now ends everything. */
  function dieAfter(writes: number): { restore(): void; died: boolean } {
    const { put, add } = IDBObjectStore.prototype;
    const death = { died: false, restore: () => Object.assign(IDBObjectStore.prototype, { put, add }) };
    let left = writes;
    const mortal = (write: typeof put) =>
      function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
        left -= 1;
        const request = write.apply(this, args);
        if (left === -1) {
          death.died = true;
          const { transaction } = this;
          queueMicrotask(() => transaction.abort());
        }
        return request;
      };
    Object.assign(IDBObjectStore.prototype, { put: mortal(put), add: mortal(add) });
    return death;
  }

  test('at any write of accepting and making leaves all or nothing, and the next makes each change once', async () => {
    const items = itemsOf(5);
    const batch = aBatch(1, items);
    let deaths = 0;
    for (let writes = 0; ; writes += 1) {
      vi.stubGlobal('indexedDB', new IDBFactory());
      open = createDatabase(() => undefined);
      history = createHistory(open);
      await history.progressOf(uuid(1));
      const death = dieAfter(writes);
      try {
        await history.acceptBatch(batch, items);
        while ((await history.makeRows(uuid(1), 2)).isLeft);
      } catch {
        deaths += 1;
      } finally {
        death.restore();
      }
      history = createHistory(open);
      const left = await history.progressOf(uuid(1));
      expect(left === null || left.size === 5).toBe(true);
      // The page that heard nothing asks again; what was left in the middle goes on.
      expect(await history.acceptBatch(batch, items)).toBe(left === null ? 'accepted' : 'alreadyThere');
      while ((await history.makeRows(uuid(1), 2)).isLeft);
      expect(await history.progressOf(uuid(1))).toMatchObject({ made: 5, counts: { open: 5 } });
      expect((await history.openChanges()).map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id));
      if (!death.died) break;
    }
    expect(deaths).toBeGreaterThan(10);
  });

  test('before it said that a batch has ended leaves that to be told once', async () => {
    await accept(1, itemsOf(1));
    await makeAll(1);
    await apply(uuid(1000));
    history = createHistory(open);
    expect(await history.untold()).toEqual([uuid(1)]);
    await history.markTold([uuid(1)]);
    await history.makeRows(uuid(1));
    await history.stopBatch(uuid(1), START);
    expect(await history.untold()).toEqual([]);
  });
});

test('a batch of 10,000 is accepted in one short write', async () => {
  const items = itemsOf(10_000, 100_000);
  const begun = performance.now();
  await accept(1, items);
  const accepted = performance.now() - begun;
  for (let part = 0; part < 5; part += 1) await history.makeRows(uuid(1));
  expect(await history.progressOf(uuid(1))).toMatchObject({ made: 1000, counts: { open: 10_000 } });
  expect(accepted).toBeLessThan(5000);
});
