import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type HistoryFilter, type HistoryRow, matcher } from '../../../src/domain/history';
import type { Retention } from '../../../src/domain/settings';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type Cursor, type History } from '../../../src/storage/history';
import type { Database } from '../../../src/storage/schema';
import { storedRow } from '../../../src/storage/stored-row';
import { writeHistory } from '../../../src/storage/writing';
import { aBatch, itemsOf } from '../../support/batches';
import { CONNECTION_ID } from '../../support/connections';
import { drawing } from '../../support/drawing';
import { LOOKING } from '../../support/history';
import { partner } from '../../support/partners';
import { targetOf, uuid } from '../../support/targets';
import { CONFLICT, change, DONE, foreign, found, REFUSED } from './samples';

const IN_BLOCK = 10;
const ROWS = 47;
const NEVER = new AbortController().signal;

let open: () => Promise<Database>;
let history: History;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open, undefined, IN_BLOCK);
});

/** A done change of that name, in most cases. Row 5 is Łódź, and no partner is called so. */
function rowOf(number: number, name = `Name ${number}`): HistoryRow {
  const id = uuid(number);
  if (number % 7 === 3) {
    const check = found(number, partner(String(700_000 + number), name));
    return { type: 'check', id, at: number, check };
  }
  if (number % 7 === 4)
    return { type: 'foreign', id, at: number, foreign: { ...foreign(number, 's'), targetName: name } };
  return { type: 'change', id, at: number, change: { ...change(number, `s${number}`), targetName: name, life: DONE } };
}

const openRow = (number: number, name: string): HistoryRow => ({
  type: 'change',
  id: uuid(number),
  at: number,
  change: { ...change(number, `s${number}`), targetName: name },
});

async function put(...rows: readonly HistoryRow[]): Promise<void> {
  await writeHistory(open, 'relaxed', async (transaction) => {
    const store = transaction.objectStore('rows');
    await Promise.all(rows.map((row) => store.put(storedRow(row, -row.at))));
  });
}

/** The rows with these numbers; the named ones by their names. */
function rowsOf(from: number, to: number, names: Readonly<Record<number, string>> = {}): HistoryRow[] {
  return Array.from({ length: to - from + 1 }, (_, i) => rowOf(from + i, names[from + i]));
}

async function makeBlocks(): Promise<number> {
  let made = 0;
  while (await history.makeBlock()) made += 1;
  return made;
}

const blocks = async () => (await open()).getAll('textBlocks');

async function search(filter: HistoryFilter, size: number): Promise<number[]> {
  const numbers: number[] = [];
  let after: Cursor | null = null;
  do {
    const { entries, next } = await history.page(filter, after, size, LOOKING);
    numbers.push(...entries.map(({ at }) => at));
    after = next;
  } while (after !== null);
  return numbers;
}

/** Every way to search finds just what each row by itself passes. */
async function expectFound(filter: HistoryFilter): Promise<number[]> {
  const passes = matcher(filter);
  const rows = await (await open()).getAllFromIndex('rows', 'newestFirst');
  const expected = rows.filter(({ row }) => passes(row)).map(({ row }) => row.at);
  for (const size of [1, 3, 100]) expect(await search(filter, size)).toEqual(expected);
  const all: number[] = [];
  for await (const { at } of history.all(filter, LOOKING)) all.push(at);
  expect(all).toEqual(expected);
  expect((await history.count(filter, NEVER)).matching).toBe(expected.length);
  return expected;
}

describe('a search over blocks', () => {
  const NAMES = {
    1: 'the first Quokka',
    10: 'edge one',
    11: 'edge two',
    25: 'QUOKKA again',
    40: 'ŁÓDŹ',
    47: 'quokka now',
  };

  it('finds a word in the oldest block, in the newest and behind it, whatever its letter case, and page by page', async () => {
    await put(...rowsOf(1, ROWS, NAMES));
    expect(await makeBlocks()).toBe(4);
    expect(await expectFound({ text: 'quokka' })).toEqual([47, 25, 1]);
    expect(await expectFound({ text: ' Łódź ' })).toEqual([40]);
    expect(await expectFound({ text: 'Lodz' })).toEqual([]);
    expect(await expectFound({ text: 'name 4' })).toEqual([46, 45, 44, 43, 42, 41, 4]);
    expect((await expectFound({ text: 'name' })).length).toBe(ROWS - 6);
  });

  it('finds no word that begins in one text and ends in the next, over the edge of a block or within it', async () => {
    await put(...rowsOf(1, ROWS, NAMES));
    await makeBlocks();
    expect(await expectFound({ text: 'edge' })).toEqual([11, 10]);
    for (const text of ['edge one\nedge', 'two edge', 'edge two\tname', 'two name 12']) {
      expect(await expectFound({ text })).toEqual([]);
    }
  });

  it('goes with every other filter', async () => {
    await put(...rowsOf(1, ROWS, NAMES));
    await makeBlocks();
    const text = 'name';
    expect(await expectFound({ text, group: 'checks' })).toEqual([45, 38, 31, 24, 17, 3]);
    expect(await expectFound({ text, kind: 'foreign', from: 12, until: 40 })).toEqual([39, 32, 18]);
    expect(await expectFound({ text, from: 20, until: 24 })).toEqual([23, 22, 21, 20]);
    expect(await expectFound({ text, outcome: 'refused' })).toEqual([]);
    expect(await expectFound({ text, from: 30, until: 20 })).toEqual([]);
    expect(await expectFound({ text, connectionId: uuid(99) })).toEqual([]);
    expect((await expectFound({ text, connectionId: CONNECTION_ID })).length).toBe(ROWS - 6);
  });

  it('reads none but the rows that have the word', async () => {
    await put(...rowsOf(1, ROWS, NAMES));
    await makeBlocks();
    const reads = vi.spyOn(IDBIndex.prototype, 'getAll').mockClear();
    expect(await search({ text: 'first quokka' }, 50)).toEqual([1]);
    // Those that are in no block yet, and the one.
    expect(reads.mock.calls).toEqual([[expect.anything(), 51], [IDBKeyRange.bound([-1, ''], [-1, '\uffff'])]]);
  });

  it('reads none but the rows of the connection, the type or the result that is looked for', async () => {
    const other = { ...change(5, 's5'), target: targetOf('s5', uuid(99)), targetName: 'Other', life: DONE };
    await put(...rowsOf(1, ROWS), { type: 'change', id: uuid(5), at: 5, change: other });
    await makeBlocks();
    const reads = vi.spyOn(IDBIndex.prototype, 'getAll').mockClear();
    expect(await search({ connectionId: uuid(99) }, 3)).toEqual([5]);
    // The newest four, those that are in no block yet, and the one.
    expect(reads.mock.calls.map(([, most]) => most)).toEqual([4, 4, undefined]);
    expect(await expectFound({ connectionId: uuid(99) })).toEqual([5]);
    expect(await expectFound({ kind: 'foreign', group: 'checks' })).toEqual([]);
    expect(await expectFound({ kind: 'foreign', until: 30 })).toEqual([25, 18, 11, 4]);
    expect(await expectFound({ outcome: 'refused' })).toEqual([]);
    expect(await expectFound({ group: 'checks', from: 10 })).toEqual([45, 38, 31, 24, 17, 10]);
  });

  it('finds rows of more connections than a block has marks for', async () => {
    const changes = rowsOf(1, 120).map((row): HistoryRow => {
      if (row.type !== 'change') return row;
      const target = targetOf(`s${row.at}`, uuid(1000 + row.at));
      return { ...row, change: { ...row.change, target } };
    });
    history = createHistory(open, undefined, 100);
    await put(...changes);
    expect(await makeBlocks()).toBe(1);
    for (const at of [21, 60, 96, 97, 103])
      expect(await expectFound({ connectionId: uuid(1000 + at) })).toEqual(
        [at].filter((n) => n % 7 !== 3 && n % 7 !== 4),
      );
    expect(await expectFound({ text: 'name 100', connectionId: uuid(1100) })).toEqual([100]);
  });

  it('sees rows of the same moment in one block each once', async () => {
    const same = Array.from({ length: 25 }, (_, i) => ({ ...rowOf(i * 7 + 1), at: 5 }) as HistoryRow);
    await put(...same, ...rowsOf(200, 230));
    expect(await makeBlocks()).toBe(4);
    expect((await expectFound({ text: 'name' })).length).toBe(56);
  });
});

describe('what blocks hold', () => {
  const texts = async () => JSON.stringify(await blocks());

  it('is no row that is open, which is found all the same, before and after it has ended', async () => {
    await put(...rowsOf(1, 9), openRow(10, 'Quokka'), ...rowsOf(11, 25));
    await makeBlocks();
    expect(await texts()).not.toContain('quokka');
    expect(await expectFound({ text: 'quokka' })).toEqual([10]);
    await history.applyEvent(uuid(10), { type: 'abandoned', at: 30 });
    expect((await history.readChange(uuid(10)))?.life.state).toBe('cancelled');
    expect(await expectFound({ text: 'quokka' })).toEqual([10]);
    expect(await makeBlocks()).toBe(1);
    expect(await texts()).toContain('quokka');
    expect(await expectFound({ text: 'quokka' })).toEqual([10]);
    expect(await makeBlocks()).toBe(0);
  });

  it('is nothing of a row that the retention removed, from the moment on', async () => {
    await put(...rowsOf(1, ROWS, { 2: 'Quokka', 22: 'other word' }));
    await makeBlocks();
    expect(await texts()).toContain('quokka');
    const retention: Retention = { maxAgeDays: null, maxRows: 38 };
    expect((await history.prune(retention, { now: 50, trusted: 50 })).removed).toBeGreaterThan(0);
    expect(await texts()).not.toContain('quokka');
    expect(await expectFound({ text: 'quokka' })).toEqual([]);
    expect(await expectFound({ text: 'other word' })).toEqual([22]);
    await makeBlocks();
    expect((await blocks()).every(({ fold }) => fold !== 0)).toBe(true);
    expect(await expectFound({ text: 'name' })).not.toContain(2);
  });

  it('is gone with the block where none of its rows is left', async () => {
    await put(...rowsOf(1, ROWS));
    await makeBlocks();
    expect(await history.clear()).toBe(ROWS);
    expect(await blocks()).toEqual([]);
  });

  it('is who made a change elsewhere, once that is known', async () => {
    await put(...rowsOf(1, ROWS));
    await makeBlocks();
    expect(await expectFound({ text: 'Grace' })).toEqual([]);
    await history.noteMaker(uuid(11), 'Grace');
    expect(await expectFound({ text: 'Grace' })).toEqual([11]);
    expect(await makeBlocks()).toBe(1);
    expect(await expectFound({ text: 'Grace' })).toEqual([11]);
  });

  it('stays as it is when a row is seen or answered, which alters no text', async () => {
    const { foreign: elsewhere } = rowOf(11) as Extract<HistoryRow, { type: 'foreign' }>;
    await put(...rowsOf(1, ROWS), { type: 'foreign', id: uuid(11), at: 11, foreign: { ...elsewhere, seen: false } });
    await makeBlocks();
    const before = await texts();
    expect(await history.markMet(null)).toBe(true);
    expect(await texts()).toBe(before);
  });

  it.each([
    ['an earlier fold', () => ({ fold: 1, ids: '', texts: '' })],
    [
      'an earlier form',
      (ids: readonly string[]) => ({ fold: 2, ids: ids.join('\n'), texts: ids.map(() => 'name').join('\n') }),
    ],
    [
      'an earlier form, without places',
      (ids: readonly string[]) => ({ fold: 2002, sorts: [], texts: ids.map(() => 'name').join('\n') }),
    ],
    [
      'an earlier form, with an open row',
      (ids: readonly string[]) => ({ fold: 2, ids: ids.join('\n'), texts: '', open: 1 }),
    ],
  ])('made by %s is not believed, and made anew', async (_, earlierOf) => {
    await put(...rowsOf(1, ROWS, { 3: 'Quokka' }));
    await makeBlocks();
    const database = await open();
    const present = await blocks();
    const ids = await database.getAllKeysFromIndex('rows', 'newestFirst');
    for (const [i, key] of (await database.getAllKeys('textBlocks')).entries()) {
      await database.put('textBlocks', earlierOf(ids.slice(-40).slice(i * IN_BLOCK, (i + 1) * IN_BLOCK)) as never, key);
    }
    expect(await expectFound({ text: 'quokka' })).toEqual([3]);
    expect((await expectFound({ kind: 'check' })).length).toBe(7);
    expect(await makeBlocks()).toBe(4);
    expect(await blocks()).toEqual(present);
    expect(await expectFound({ text: 'quokka' })).toEqual([3]);
  });

  it('is found where a clock was put back after all rows had been removed', async () => {
    await put(...rowsOf(1, 20));
    await makeBlocks();
    await history.prune({ maxAgeDays: null, maxRows: 0 }, { now: 50, trusted: 50 });
    await history.addCheck(found(5, partner('700005', 'Quokka')));
    expect(await expectFound({ text: 'quokka' })).toEqual([5]);
    await makeBlocks();
    await history.addCheck(found(6, partner('700006', 'Quokka')));
    expect(await expectFound({ text: 'quokka' })).toEqual([6, 5]);
  });

  it('ends before a batch of which rows are still to be made', async () => {
    await put(...rowsOf(1, 8));
    const items = itemsOf(30);
    await history.acceptBatch(aBatch(90, items), items);
    for (let i = 0; i < 15; i += 1) await history.addCheck(found(60 + i, partner('700006', 'Quokka')));
    expect(await makeBlocks()).toBe(0);
    while ((await history.makeRows(uuid(90), 10)).isLeft) expect(await makeBlocks()).toBe(0);
    for (const { id } of await history.openChanges()) await history.applyEvent(id, { type: 'abandoned', at: 99 });
    expect(await makeBlocks()).toBeGreaterThan(3);
    expect((await expectFound({ text: 'quokka' })).length).toBe(15);
  });
});

describe('a search while everything goes on', () => {
  const SEEDS = 8;
  const STEPS = 6;

  it.each(Array.from({ length: SEEDS }, (_, seed) => [seed + 1]))(
    'finds what each row by itself passes, drawn with the seed %i',
    async (seed) => {
      const draw = drawing(seed);
      const pick = <T>(from: readonly [T, ...T[]]): T => from[draw(from.length)] ?? from[0];
      let next = 1;
      const unended = new Set<string>();
      const add = async () => {
        const rows = Array.from({ length: 1 + draw(14) }, () => drawnRow(next++));
        for (const row of rows) if (row.type === 'change' && row.change.life.state === 'waiting') unended.add(row.id);
        await put(...rows);
      };
      const drawnRow = (number: number): HistoryRow => {
        const row = rowOf(number, `${pick(['Name', 'Quokka', 'Łódź', 'quoll na me'])} ${number % 13}`);
        if (row.type !== 'change') return row;
        const target = targetOf(`s${number}`, pick([CONNECTION_ID, CONNECTION_ID, uuid(99)]));
        const life = pick([DONE, DONE, REFUSED, CONFLICT, change(number, `s${number}`).life]);
        return { ...row, change: { ...row.change, target, life } };
      };
      const end = async () => {
        for (const id of [...unended].slice(0, 1 + draw(3))) {
          unended.delete(id);
          await history.applyEvent(id, { type: 'abandoned', at: next });
        }
      };
      const answer = async () => {
        const [one] = (await (await open()).getAllFromIndex('rows', 'attention')).filter(() => draw(2) === 0);
        if (one === undefined) return;
        await history.applyEvent(one.id, { type: 'seen' });
      };
      const prune = () => history.prune({ maxAgeDays: null, maxRows: 20 + draw(60) }, { now: next, trusted: next });
      const meet = async () => {
        await history.noteMaker(uuid(1 + draw(next)), pick(['Grace', 'Quokka']));
      };
      const step = () => pick([add, add, makeSome, makeSome, end, answer, prune, meet])();
      async function makeSome() {
        for (let i = draw(4); i >= 0 && (await history.makeBlock()); i -= 1);
      }
      const drawnFilter = (): HistoryFilter => ({
        ...(draw(2) === 0 && { text: pick(['quokka', 'quoll', 'łódź', 'name 1', 'na me', '12', 'grace', 'nowhere']) }),
        ...(draw(3) === 0 && { group: pick(['changes', 'checks']) }),
        ...(draw(4) === 0 && { kind: pick(['check', 'assign', 'foreign', 'remove']) }),
        ...(draw(4) === 0 && { outcome: pick(['open', 'done', 'refused', 'cancelled', 'found', 'conflict']) }),
        ...(draw(3) === 0 && { connectionId: pick([CONNECTION_ID, uuid(99), uuid(98)]) }),
        ...(draw(5) === 0 && { from: draw(next) }),
        ...(draw(5) === 0 && { until: draw(next) }),
      });
      const ordersThatPass = async (filter: HistoryFilter) => {
        const passes = matcher(filter);
        const rows = await (await open()).getAllFromIndex('rows', 'newestFirst');
        return rows.flatMap(({ id, row }) => (passes(row) ? [id] : []));
      };

      for (let i = 0; i < STEPS; i += 1) {
        await step();
        const filter = drawnFilter();
        await expectFound(filter);
        // Page by page, with something happening in between: nothing is met twice, and whatever passes all the while is met.
        const before = await ordersThatPass(filter);
        const stays = new Set(before);
        const met: string[] = [];
        let after: Cursor | null = null;
        do {
          const { entries, next: behind } = await history.page(filter, after, 1 + draw(7), LOOKING);
          met.push(...entries.map(({ id }) => id));
          after = behind;
          await step();
          const now = new Set(await ordersThatPass(filter));
          for (const id of stays) if (!now.has(id)) stays.delete(id);
        } while (after !== null);
        expect(new Set(met).size).toBe(met.length);
        expect([...stays].filter((id) => !met.includes(id))).toEqual([]);
      }
    },
  );
});
