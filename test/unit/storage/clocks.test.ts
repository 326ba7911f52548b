import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { HistoryFilter } from '../../../src/domain/history';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import type { Database } from '../../../src/storage/schema';
import { change, check, found, state } from './samples';
import { LOOKING } from '../../support/history';
import { uuid } from '../../support/targets';

const DAY_MS = 24 * 60 * 60 * 1000;
const YEAR_MS = 365 * DAY_MS;
const TODAY = Date.UTC(2026, 10, 26);

let open: () => Promise<Database>;
let history: History;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
});

async function allIds(filter: HistoryFilter = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of history.all(filter, LOOKING)) ids.push(id);
  return ids;
}

/** Writes checks one after the other, each by what the clock said. */
async function checksAt(times: readonly number[]): Promise<void> {
  for (const [i, at] of times.entries()) await history.addCheck({ ...found(i + 1), checkedAt: at });
}

describe('the order of the history', () => {
  it.each([
    ['put back a day', [TODAY, TODAY + 1, TODAY - DAY_MS, TODAY - DAY_MS + 1]],
    ['a year ahead and put right', [TODAY, TODAY + YEAR_MS, TODAY + 1, TODAY + 2]],
    ['standing still', [TODAY, TODAY, TODAY, TODAY]],
  ])('is that in which rows were written, the clock %s', async (_, times) => {
    await checksAt(times);
    expect(await allIds()).toEqual([4, 3, 2, 1].map(uuid));
    expect((await history.latestCheck(found(1).connectionId, found(1).partnerId))?.id).toBe(uuid(4));
  });

  it('stays when a change goes on', async () => {
    await history.insertChange(change(1, 'a', { askedAt: TODAY }), null);
    await history.insertChange(change(2, 'b', { askedAt: TODAY - DAY_MS }), null);
    const before = (await (await open()).get('rows', uuid(1)))?.order;
    await history.applyEvent(uuid(1), { type: 'sent', at: TODAY + YEAR_MS });
    await history.applyEvent(uuid(1), { type: 'applied', at: TODAY + YEAR_MS, state: state('a') });
    expect((await (await open()).get('rows', uuid(1)))?.order).toBe(before);
    expect(await allIds()).toEqual([2, 1].map(uuid));
  });

  it('of those that need a person is the same', async () => {
    for (const [i, at] of [TODAY + YEAR_MS, TODAY].entries()) {
      await history.insertChange(change(i + 1, `s${i}`, { askedAt: at }), null);
      await history.applyEvent(uuid(i + 1), { type: 'connectionMissing', at });
    }
    const { standings } = await history.attention(LOOKING);
    expect(standings.map(({ changeId }) => changeId)).toEqual([2, 1].map(uuid));
  });

  it('gives rows of one transaction numbers of their own', async () => {
    await history.addChecks([1, 2, 3].map((number) => ({ ...found(number), checkedAt: TODAY })));
    // Written again, as by a worker that died before it knew.
    await history.addChecks([2, 3, 4].map((number) => ({ ...found(number), checkedAt: TODAY + 5 })));
    expect(await allIds()).toEqual([4, 3, 2, 1].map(uuid));
    const orders = (await (await open()).getAll('rows')).map(({ order }) => order);
    expect(new Set(orders).size).toBe(4);
  });
});

describe('dates', () => {
  it.each([
    [[TODAY - 2 * DAY_MS, TODAY + YEAR_MS, TODAY - DAY_MS, TODAY, TODAY - 3 * DAY_MS]],
    [[TODAY, TODAY - DAY_MS, TODAY - 2 * DAY_MS, TODAY + 5, TODAY - DAY_MS + 7]],
  ])('find each row by the time that it says, whatever clock it had: %j', async (times) => {
    await checksAt(times);
    const marks = [...times, ...times.map((at) => at + 1)];
    for (const from of marks) {
      for (const until of marks) {
        const expected = times.flatMap((at, i) => (at >= from && at < until ? [uuid(i + 1)] : [])).reverse();
        expect(await allIds({ from, until })).toEqual(expected);
        expect((await history.count({ from, until }, new AbortController().signal)).matching).toBe(expected.length);
      }
    }
  });
});

describe('retention', () => {
  const LIMIT = { maxAgeDays: 30, maxRows: null };
  /** Every day for so many days up to today. */
  const daily = (days: number) => Array.from({ length: days }, (_, i) => TODAY - (days - 1 - i) * DAY_MS);
  const prune = (now: number, trusted: number | null = null) => history.prune(LIMIT, { now, trusted });

  it('removes what is too old while rows and passes lead to the present', async () => {
    await checksAt(daily(40));
    expect(await prune(TODAY + DAY_MS)).toEqual({ removed: 10, timeUnknown: false });
    expect(await prune(TODAY + 2 * DAY_MS)).toEqual({ removed: 1, timeUnknown: false });
    expect(await prune(TODAY + 4 * DAY_MS)).toEqual({ removed: 2, timeUnknown: false });
  });

  it.each([1, 30, 365])(
    'keeps everything by a clock that is a year ahead, with %i days to keep',
    async (maxAgeDays) => {
      await checksAt(daily(10));
      const clock = { now: TODAY + YEAR_MS, trusted: null };
      expect(await history.countBeyond({ maxAgeDays, maxRows: null }, clock)).toBe(0);
      expect(await history.prune({ maxAgeDays, maxRows: null }, clock)).toEqual({ removed: 0, timeUnknown: true });
      // Neither another pass nor rows that this clock dates make it right.
      await history.addCheck({ ...check(99, { kind: 'unknownPartner' }), checkedAt: TODAY + YEAR_MS });
      expect(await history.prune({ maxAgeDays, maxRows: null }, clock)).toEqual({ removed: 0, timeUnknown: true });
      expect(await allIds()).toHaveLength(11);
    },
  );

  it('takes no clock for right because it passed when there was nothing', async () => {
    const retention = { maxAgeDays: 30, maxRows: null };
    const ahead = { now: TODAY + YEAR_MS, trusted: null };
    expect(await history.prune(retention, ahead)).toEqual({ removed: 0, timeUnknown: false });
    await checksAt([TODAY - 40 * DAY_MS, TODAY]);
    expect(await history.prune(retention, ahead)).toEqual({ removed: 0, timeUnknown: true });
  });

  it('goes on once the service’s clock agrees, and by the earlier of the two', async () => {
    await checksAt(daily(40));
    const later = TODAY + 20 * DAY_MS;
    expect(await prune(later)).toEqual({ removed: 0, timeUnknown: true });
    expect(await prune(later, later)).toEqual({ removed: 29, timeUnknown: false });
    expect(await prune(later + DAY_MS)).toEqual({ removed: 1, timeUnknown: false });
    expect(await prune(later + YEAR_MS, later + DAY_MS)).toEqual({ removed: 0, timeUnknown: false });
    expect(await prune(later + DAY_MS, later + YEAR_MS)).toEqual({ removed: 0, timeUnknown: false });
    expect(await allIds()).toHaveLength(10);
  });

  it('removes less by a clock that was put back, and nobody has to wait for it', async () => {
    await checksAt(daily(40));
    await prune(TODAY);
    expect(await prune(TODAY - YEAR_MS)).toEqual({ removed: 0, timeUnknown: false });
    expect(await prune(TODAY + DAY_MS)).toEqual({ removed: 1, timeUnknown: false });
  });

  it('by number needs no clock', async () => {
    await checksAt(daily(40));
    const clock = { now: TODAY + YEAR_MS, trusted: null };
    expect((await history.prune({ maxAgeDays: 1, maxRows: 25 }, clock)).removed).toBe(15);
    expect(await allIds()).toEqual(Array.from({ length: 25 }, (_, i) => uuid(40 - i)));
  });

  it('of an empty history removes nothing', async () => {
    expect(await prune(TODAY)).toEqual({ removed: 0, timeUnknown: false });
  });
});
