import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistoryFilter } from '../../../src/domain/history';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type Cursor, type History } from '../../../src/storage/history';
import type { Database } from '../../../src/storage/schema';
import { STEPS } from '../../../src/storage/versions';
import { createLocks } from '../../support/locks';
import { dump, restore } from './fixtures/shipped-database';
import version1 from './fixtures/version-1.json';
import { change, FABRIKAM, found } from './samples';
import { CONNECTION_ID } from '../../support/connections';
import { LOOKING } from '../../support/history';
import { targetOf, uuid } from '../../support/targets';

const NAME = 'partner-of-record';
const NEVER = new AbortController().signal;
const unexpected = (): never => {
  throw new Error('Blocked');
};
const ids = version1.rows.history.map(({ key }) => key);
/** As version 1 showed them. */
const newestFirst = [...version1.rows.history]
  .sort((one, other) => one.value.order - other.value.order)
  .map(({ key }) => key);
/** The upgrade itself moves those that are open, and those that need a person. */
const MOVED_FIRST = version1.rows.history
  .filter(({ value }) => 'openTarget' in value || 'attention' in value)
  .map(({ key }) => key);

let open: () => Promise<Database>;
let history: History;

beforeEach(async () => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', { locks: createLocks() });
  await restore(version1);
  open = createDatabase(unexpected);
  history = createHistory(open, 1);
});

async function idsIn(store: 'rows' | 'history'): Promise<string[]> {
  return (await open()).getAllKeys(store);
}

/** Moves that many rows, none of them a second time; answers how many are left. */
async function move(count: number): Promise<number> {
  for (let i = 0; i < count; i++) await history.update();
  return (await idsIn('history')).length;
}

async function pagedIds(filter: HistoryFilter, size: number): Promise<string[]> {
  const paged: string[] = [];
  let after: Cursor | null = null;
  do {
    const page = await history.page(filter, after, size, LOOKING);
    paged.push(...page.entries.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  return paged;
}

async function allIds(filter: HistoryFilter = {}): Promise<string[]> {
  const all: string[] = [];
  for await (const { id } of history.all(filter, LOOKING)) all.push(id);
  return all;
}

describe('the upgrade from version 1', () => {
  it('moves what is open or needs a person, and leaves the store of the others as it was', async () => {
    const [before] = version1.stores.filter(({ name }) => name === 'history');
    expect((await idsIn('rows')).sort()).toEqual(MOVED_FIRST);
    expect((await idsIn('history')).sort()).toEqual(ids.filter((id) => !MOVED_FIRST.includes(id)));
    (await open()).close();
    expect((await dump()).stores.find(({ name }) => name === 'history')).toEqual(before);
  });

  it('leaves nothing behind when it fails in the middle, and is taken anew', async () => {
    const failing = createDatabase(unexpected, [
      ...STEPS,
      async (_, transaction) => {
        await transaction.objectStore('rows').clear();
        throw new RangeError('In the middle');
      },
    ]);
    await expect(failing()).rejects.toMatchObject({ problem: 'broken', cause: { name: 'RangeError' } });
    expect((await indexedDB.databases())[0]?.version).toBe(1);
    expect((await idsIn('rows')).sort()).toEqual(MOVED_FIRST);
  });

  it('sets aside what is open and can not be read, so that its target is free', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    const damaged = structuredClone(version1);
    for (const { key, value } of damaged.rows.history) if (key === uuid(1)) value.row.at = -1;
    await restore(damaged);
    open = createDatabase(unexpected);
    history = createHistory(open);
    expect(await history.damagedCount()).toBe(2);
    expect((await history.insertChange(change(99, 'waiting'), null)).kind).toBe('inserted');
  });

  it('is a later version to a build of version 1, which changes nothing', async () => {
    await move(3);
    (await open()).close();
    const before = await dump();
    await expect(openDB(NAME, 1)).rejects.toMatchObject({ name: 'VersionError' });
    await expect(createDatabase(unexpected, STEPS.slice(0, 1))()).rejects.toMatchObject({ problem: 'newer' });
    expect(await dump()).toEqual(before);
  });
});

describe('while rows of version 1 move', () => {
  const FILTERS: readonly HistoryFilter[] = [
    {},
    { group: 'changes' },
    { group: 'checks' },
    { text: 'fabrikam' },
    { text: 'ofshape' },
    { kind: 'foreign' },
    { from: 3, until: 13 },
    { group: 'changes', from: 5, until: 20 },
    { outcome: 'failed' },
  ];

  it('everything is read as before and after, in the same order, at each of them', async () => {
    const look = async () => ({
      pages: await Promise.all(FILTERS.flatMap((filter) => [1, 3, 100].map((size) => pagedIds(filter, size)))),
      all: await Promise.all(FILTERS.map((filter) => allIds(filter))),
      counts: await Promise.all(FILTERS.map((filter) => history.count(filter, NEVER))),
      attention: await history.attention(LOOKING),
      open: (await history.openChanges()).map(({ id }) => id).sort(),
      latest: await history.latestCheck(CONNECTION_ID, FABRIKAM.partnerId),
      elsewhere: await history.latestCheck(uuid(77), FABRIKAM.partnerId),
      used: await history.partnersUsed(CONNECTION_ID, 10),
      usedElsewhere: await history.partnersUsed(uuid(77), 10),
      newest: await history.newestChange(targetOf('ofshape2')),
      newestElsewhere: await history.newestChange(targetOf('ofshape2', uuid(77))),
      damaged: await history.damagedCount(),
    });
    const before = await look();
    expect(before.all[0]).toEqual(newestFirst);
    expect(before.counts[0]).toEqual({ matching: ids.length, of: ids.length });
    expect(before.latest?.id).toBe(uuid(22));
    expect(before).toMatchObject({ elsewhere: null, newestElsewhere: null, newest: { change: { id: uuid(17) } } });
    while (await history.isUpdating()) {
      await history.update();
      expect(await look()).toEqual(before);
    }
    expect(await idsIn('history')).toEqual([]);
  });

  it('a change made elsewhere of the first shape is shown too, though the oldest row was written anew since', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    const { history: rows, ...others } = version1.rows;
    const answered = rows.find(({ key }) => key === uuid(20));
    if (answered === undefined) throw new Error('No such row');
    const oldest = { ...answered, value: { ...answered.value, order: -0.5 } };
    await restore({ ...version1, rows: { ...others, history: [oldest, ...rows.filter((one) => one !== answered)] } });
    open = createDatabase(unexpected);
    history = createHistory(open, 1);
    const before = await allIds({ group: 'changes' });
    expect(before).toContain(uuid(15));
    while (await history.update()) expect(await allIds({ group: 'changes' })).toEqual(before);
  });

  it('a row that is killed in the middle of its move is where it was', async () => {
    const left = await idsIn('history');
    const original = IDBObjectStore.prototype.delete;
    const failing = vi.spyOn(IDBObjectStore.prototype, 'delete').mockImplementation(function (
      this: IDBObjectStore,
      key,
    ) {
      const request = original.call(this, key);
      this.transaction.abort();
      return request;
    });
    await expect(history.update()).rejects.toThrow();
    failing.mockRestore();
    expect(await idsIn('history')).toEqual(left);
    expect((await idsIn('rows')).sort()).toEqual(MOVED_FIRST);
    // The next worker goes on where this one was.
    await createHistory(open, 1).update();
    expect(await idsIn('history')).toEqual(left.slice(1));
  });

  it('rows stay as they were written, to the last', async () => {
    while (await history.update());
    const rows = await (await open()).getAll('rows');
    expect(rows.map(({ id, order, row }) => ({ id, order, row }))).toEqual(
      version1.rows.history.map(({ value: { id, order, row } }) => ({ id, order, row })),
    );
  });

  it('one that can not be read is set aside', async () => {
    const database = await open();
    const stored = await database.get('history', uuid(12));
    if (stored === undefined) throw new Error('No such row');
    await database.put('history', { ...stored, row: {} as never });
    while (await history.update());
    expect(await history.damagedCount()).toBe(2);
    expect(await allIds()).toEqual(newestFirst.filter((id) => id !== uuid(12)));
  });

  it('a page that was begun goes on over rows that have moved since, each once', async () => {
    const paged: string[] = [];
    let after: Cursor | null = null;
    do {
      const page = await history.page({}, after, 2, LOOKING);
      paged.push(...page.entries.map(({ id }) => id));
      after = page.next;
      await move(2);
    } while (after !== null);
    expect(paged).toEqual(newestFirst);
  });

  it('new rows come before all that move, whatever the clock says, and one that is asked again is found', async () => {
    await move(4);
    await history.addCheck({ ...found(50), checkedAt: 2 });
    await history.insertChange(change(51, 'new', { askedAt: 1 }), null);
    const expected = [uuid(51), uuid(50), ...newestFirst];
    expect(await allIds()).toEqual(expected);
    expect((await history.insertChange(change(5, 'done'), null)).kind).toBe('alreadyThere');
    while (await history.update());
    await history.addCheck({ ...found(52), checkedAt: 0 });
    expect(await allIds()).toEqual([uuid(52), ...expected]);
  });

  it('a change that has not moved is written where the others are', async () => {
    const before = await history.readChange(uuid(17));
    expect(before?.life.state).toBe('refused');
    // An event that means nothing leaves it where it is.
    await history.applyEvent(uuid(17), { type: 'seen' });
    expect(await idsIn('history')).toContain(uuid(17));
    await history.addChecks([{ ...found(21), checkedAt: 21 }]);
    expect(await idsIn('history')).not.toContain(uuid(21));
    expect(await allIds()).toEqual(newestFirst);
  });

  it.each([0, 5, 12])('clear removes what has ended from both, after %i of them', async (moved) => {
    await move(moved);
    const stay = (await allIds()).filter((id) => ['001', '002', '003', '004', '008'].includes(id.slice(-3)));
    expect(await history.clear()).toBe(ids.length - stay.length);
    expect(await allIds()).toEqual(stay);
    expect(await history.update()).toBe(false);
    expect(await history.isUpdating()).toBe(false);
  });

  it.each([0, 1, 5, 12, 40])('retention removes the same, after %i of them', async (moved) => {
    const DAY_MS = 24 * 60 * 60 * 1000;
    await move(moved);
    const byNumber = { maxAgeDays: null, maxRows: 5 };
    const clock = { now: DAY_MS + 16, trusted: null };
    const remaining = async () => new Set(await allIds());
    expect(await history.countBeyond(byNumber, clock)).toBe(6);
    expect(await history.countBeyond({ maxAgeDays: 1, maxRows: null }, clock)).toBe(9);
    expect((await history.prune({ maxAgeDays: 1, maxRows: null }, clock)).removed).toBe(9);
    expect(await remaining()).toEqual(new Set([...MOVED_FIRST, ...ids.filter((id) => Number(id.slice(-3)) >= 16)]));
    expect((await history.prune({ maxAgeDays: null, maxRows: 2 }, clock)).removed).toBe(3);
  });
});
