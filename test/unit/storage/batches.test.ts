import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { BatchItem } from '../../../src/domain/batch';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import { aBatch, itemsOf } from '../../support/batches';
import { START } from '../../support/clock';
import { LOOKING } from '../../support/history';
import { uuid } from '../../support/targets';
import { change, found, state } from './samples';

let history: History;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  history = createHistory(createDatabase(() => undefined));
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
    await history.stopBatch(uuid(1));
    expect(await history.makeRows(uuid(1))).toEqual({ made: [], isLeft: false, ended: false });
    expect(await history.progressOf(uuid(1))).toMatchObject({ made: 200, counts: { open: 200, cancelled: 50 } });
    const { members, next } = await history.outcomesOf(uuid(1), 'cancelled', null, 30, LOOKING);
    expect(members).toHaveLength(30);
    expect(next).not.toBeNull();
    const rest = await history.outcomesOf(uuid(1), 'cancelled', next, 30, LOOKING);
    expect(rest.members.map((one) => (one.kind === 'item' ? one.item.targetName : one.kind)).at(-1)).toBe(
      'Subscription s249',
    );
    expect(rest).toMatchObject({ next: null });
  });
});
