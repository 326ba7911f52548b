import { change, check, CONFLICT, DONE, FABRIKAM, foreign, found, REFUSED, state } from './samples';
import { IDBFactory } from 'fake-indexeddb';
import * as v from 'valibot';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Change } from '../../../src/domain/change';
import type { ForeignChange, HistoryFilter, HistoryRow } from '../../../src/domain/history';
import type { PartnerId } from '../../../src/domain/partner';
import type { Retention } from '../../../src/domain/settings';
import { failureSchema } from '../../../src/domain/schemas';
import { createDatabase, StorageFull } from '../../../src/storage/database';
import {
  type Cursor,
  createHistory,
  createHistoryReader,
  type History,
  type HistoryReader,
} from '../../../src/storage/history';
import { inPresentShape, PRESENT_SHAPE } from '../../../src/storage/row-shapes';
import type { Database } from '../../../src/storage/schema';
import { createSnapshots } from '../../../src/storage/snapshots';
import { CONNECTION_ID } from '../../support/connections';
import { LOOKING } from '../../support/history';
import { NORTHWIND } from '../../support/partners';
import { ADA } from '../../support/persons';
import { uuid } from '../../support/targets';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Of somebody who waits to the end. */
const NEVER = new AbortController().signal;

let open: () => Promise<Database>;
let history: History;
let reader: HistoryReader;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
  reader = createHistoryReader(open);
});

/** Writes it along with what was seen then, as a read does. */
async function addForeign(found: ForeignChange): Promise<void> {
  const seen = { state: state('any'), readAt: found.foundAt, readAs: null };
  const { target } = found;
  await createSnapshots(open).writeAfter([{ target, snapshot: seen, foreign: () => found, least: 1 }]);
}

/** Inserts a change and puts it into the life it has. */
async function insertEnded(ended: Change): Promise<void> {
  const waiting = change(ended.askedAt, 'any');
  expect((await history.insertChange({ ...ended, life: waiting.life }, null)).kind).toBe('inserted');
  const at = ended.askedAt;
  await history.applyEvent(ended.id, { type: 'sent', at });
  switch (ended.life.state) {
    case 'done':
      await history.applyEvent(ended.id, { type: 'applied', at, state: state('any') });
      break;
    case 'conflict':
      await history.applyEvent(ended.id, {
        type: 'preconditionFailed',
        at,
        state: { ...state('any'), partnerOfRecord: null },
      });
      break;
    case 'refused': {
      const { failure } = ended.life;
      await history.applyEvent(ended.id, { type: 'failed', at, failure, retryAfterMs: null, chance: 0 });
      break;
    }
    default:
      throw new Error(`No way to ${ended.life.state}`);
  }
  expect((await history.readChange(ended.id))?.life.state).toBe(ended.life.state);
}

/** Breaks a row on the disk, as a fault of another version would. */
async function damage(id: string, broken: (row: Record<string, unknown>) => unknown): Promise<void> {
  const database = await open();
  const stored = await database.get('rows', id);
  if (stored === undefined) throw new Error('No such row');
  const row = structuredClone(stored.row) as unknown as Record<string, unknown>;
  await database.put('rows', { ...stored, row: broken(row) as HistoryRow });
}

/** Prunes by a clock that the service's agrees with, and answers how many rows went. */
async function prune(retention: Retention, now: number): Promise<number> {
  return (await history.prune(retention, { now, trusted: now })).removed;
}

async function idsOf(filter: HistoryFilter, size: number): Promise<string[]> {
  const ids: string[] = [];
  let after: Cursor | null = null;
  do {
    const { entries, next } = await reader.page(filter, after, size, LOOKING);
    expect(entries.length).toBeLessThanOrEqual(size);
    ids.push(...entries.map((entry) => entry.id));
    after = next;
  } while (after !== null);
  return ids;
}

async function allIds(filter: HistoryFilter = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const row of reader.all(filter, LOOKING)) ids.push(row.id);
  return ids;
}

describe('insertChange', () => {
  it('writes a change that reads back the same', async () => {
    const asked = change(1, 'a');
    expect(await history.insertChange(asked, null)).toEqual({ kind: 'inserted', change: asked });
    expect(await history.readChange(asked.id)).toEqual(asked);
    expect(await history.openChanges()).toEqual([asked]);
  });

  it('answers the one that is there when the same is asked twice, as far as it has come', async () => {
    await history.insertChange(change(1, 'a'), null);
    const sent = await history.applyEvent(uuid(1), { type: 'sent', at: 5 });
    expect(await history.insertChange(change(1, 'a'), null)).toEqual({ kind: 'alreadyThere', change: sent?.change });
  });

  it('still knows the id after the change has ended', async () => {
    await insertEnded(change(1, 'a', { life: DONE }));
    expect((await history.insertChange(change(1, 'a'), null)).kind).toBe('alreadyThere');
  });

  it('refuses the same id for something else', async () => {
    await history.insertChange(change(1, 'a'), null);
    expect(await history.insertChange(change(1, 'b'), null)).toEqual({ kind: 'idUsedOtherwise' });
    expect(await history.insertChange(change(1, 'a', { after: NORTHWIND }), null)).toEqual({ kind: 'idUsedOtherwise' });
    await history.addCheck(found(2));
    expect(await history.insertChange(change(2, 'c'), null)).toEqual({ kind: 'idUsedOtherwise' });
    expect(await history.openChanges()).toEqual([change(1, 'a')]);
  });

  it('keeps to one open change per target', async () => {
    await history.insertChange(change(1, 'a'), null);
    expect(await history.insertChange(change(2, 'a'), null)).toEqual({ kind: 'changeOpen', open: change(1, 'a') });
    expect((await history.insertChange(change(3, 'b'), null)).kind).toBe('inserted');
    await history.applyEvent(uuid(1), { type: 'stopAsked', at: 9 });
    expect((await history.insertChange(change(2, 'a'), null)).kind).toBe('inserted');
  });

  it('lets exactly one of many at once in', async () => {
    const other = createHistory(createDatabase(() => undefined));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? history : other).insertChange(change(i + 1, 'a'), null)),
    );
    expect(answers.filter(({ kind }) => kind === 'inserted')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind === 'changeOpen')).toHaveLength(19);
    expect(await history.openChanges()).toHaveLength(1);
  });

  it('is asked the same many times at once and writes it once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => history.insertChange(change(1, 'a'), null)));
    expect(answers.map(({ kind }) => kind).sort()).toEqual([...Array(9).fill('alreadyThere'), 'inserted']);
  });

  it('has the database itself refuse a second open change of a target', async () => {
    await history.insertChange(change(1, 'a'), null);
    const database = await open();
    const stored = await database.get('rows', uuid(1));
    if (stored === undefined) throw new Error('No such row');
    await expect(database.add('rows', { ...stored, id: uuid(2) })).rejects.toMatchObject({
      name: 'ConstraintError',
    });
  });

  it('resolves the conflict that it overwrites', async () => {
    await insertEnded(change(1, 'a', { life: CONFLICT }));
    expect(await reader.attentionCount()).toBe(1);
    await history.insertChange(change(2, 'a'), uuid(1));
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({
      answer: { kind: 'resolvedBy', changeId: uuid(2) },
    });
    expect(await reader.attentionCount()).toBe(0);
  });

  it('leaves the conflict alone when the change does not get in', async () => {
    await insertEnded(change(1, 'a', { life: CONFLICT }));
    await history.insertChange(change(2, 'a'), null);
    expect((await history.insertChange(change(3, 'a'), uuid(1))).kind).toBe('changeOpen');
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({ answer: null });
  });

  it('resolves no conflict of another target', async () => {
    await insertEnded(change(1, 'a', { life: CONFLICT }));
    await history.insertChange(change(2, 'b'), uuid(1));
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({ answer: null });
  });
});

describe('applyEvent', () => {
  it('answers the change as it is afterwards, and keeps it', async () => {
    await history.insertChange(change(1, 'a'), null);
    const sent = await history.applyEvent(uuid(1), { type: 'sent', at: 7 });
    expect(sent?.change.life).toMatchObject({ state: 'sending', lastSentAt: 7, attempts: 1 });
    expect(await history.readChange(uuid(1))).toEqual(sent?.change);
  });

  it('says whether the event meant anything', async () => {
    await history.insertChange(change(1, 'a'), null);
    expect((await history.applyEvent(uuid(1), { type: 'seen' }))?.altered).toBe(false);
    expect((await history.applyEvent(uuid(1), { type: 'sent', at: 7 }))?.altered).toBe(true);
  });

  it('answers null for a change that is not there, and for a row that is none', async () => {
    await history.addCheck(found(1));
    expect(await history.applyEvent(uuid(1), { type: 'sent', at: 7 })).toBeNull();
    expect(await history.applyEvent(uuid(2), { type: 'sent', at: 7 })).toBeNull();
  });

  it('loses none of many events at once', async () => {
    await history.insertChange(change(1, 'a'), null);
    const failure = { reason: 'noAnswer' } as const;
    await Promise.all(
      Array.from({ length: 10 }, (_, at) => [
        history.applyEvent(uuid(1), { type: 'sent', at }),
        history.applyEvent(uuid(1), { type: 'failed', at, failure, retryAfterMs: null, chance: 0 }),
      ]).flat(),
    );
    expect((await history.readChange(uuid(1)))?.life).toMatchObject({ state: 'waiting', attempts: 10 });
  });

  it('counts what needs attention, until it does not', async () => {
    await insertEnded(change(1, 'a', { life: REFUSED }));
    await insertEnded(change(2, 'b', { life: CONFLICT }));
    await insertEnded(change(3, 'c', { life: DONE }));
    expect(await reader.attentionCount()).toBe(2);
    await history.applyEvent(uuid(1), { type: 'seen' });
    await history.applyEvent(uuid(2), { type: 'kept' });
    expect(await reader.attentionCount()).toBe(0);
  });
});

describe('ends that nobody was told of', () => {
  const others = [2, 3, 4].map(uuid);
  const ask = async () => {
    for (const id of others) await history.insertChange(change(Number(id.at(-1)), id), null);
  };

  it('are all remembered where changes end together', async () => {
    await ask();
    await history.applyToOpen(CONNECTION_ID, { type: 'abandoned', at: 9 });
    expect((await history.untold()).toSorted()).toEqual(others);
  });

  it('are remembered beside those of before, and without the changes that had ended by then', async () => {
    await insertEnded(change(1, 'first', { life: DONE }));
    await ask();
    await history.applyEvent(uuid(3), { type: 'stopAsked', at: 8 });
    await history.applyToOpen(CONNECTION_ID, { type: 'abandoned', at: 9 });
    expect(await history.untold()).toHaveLength(4);
    expect(new Set(await history.untold())).toEqual(new Set([uuid(1), ...others]));
  });

  it('are each forgotten by itself', async () => {
    await ask();
    await history.applyToOpen(CONNECTION_ID, { type: 'abandoned', at: 9 });
    await Promise.all([history.markTold([uuid(2)]), history.markTold([uuid(4)])]);
    expect(await history.untold()).toEqual([uuid(3)]);
  });
});

describe('what needs a person', () => {
  it('is listed as where each change stands, the newest first, and is what is counted', async () => {
    await insertEnded(change(1, 'a', { life: REFUSED }));
    await insertEnded(change(2, 'b', { life: CONFLICT }));
    await insertEnded(change(3, 'c', { life: DONE }));
    await history.insertChange(change(4, 'd'), null);
    await history.applyEvent(uuid(4), { type: 'connectionMissing', at: 9 });
    const { standings, count } = await reader.attention(LOOKING);
    expect(standings.map(({ changeId, at }) => [changeId, at.phase])).toEqual([
      [uuid(4), 'noConnection'],
      [uuid(2), 'conflict'],
      [uuid(1), 'refused'],
    ]);
    expect(count).toBe(3);
    expect(await reader.attentionCount()).toBe(3);
  });

  it('is gone once it is answered or seen', async () => {
    await insertEnded(change(1, 'a', { life: REFUSED }));
    await insertEnded(change(2, 'b', { life: CONFLICT }));
    await history.applyEvent(uuid(1), { type: 'seen' });
    await history.insertChange(change(3, 'b'), uuid(2));
    expect(await reader.attention(LOOKING)).toEqual({ standings: [], count: 0, foreign: [], foreignCount: 0 });
    expect(await reader.attentionCount()).toBe(0);
  });

  it('is counted no more, once the worker has met it, when it can not be read', async () => {
    await insertEnded(change(1, 'a', { life: REFUSED }));
    await insertEnded(change(2, 'b', { life: REFUSED }));
    await damage(uuid(1), () => ({}));
    expect(await reader.attention(LOOKING)).toMatchObject({ standings: [{ changeId: uuid(2) }], count: 1 });
    expect(await reader.attentionCount()).toBe(2);
    await history.attention(LOOKING);
    expect(await reader.attentionCount()).toBe(1);
    expect(await reader.damagedCount()).toBe(1);
  });

  it('is counted to the last, however many are listed', async () => {
    for (let i = 1; i <= 205; i++) await insertEnded(change(i, `s${i}`, { life: REFUSED }));
    const { standings, count } = await reader.attention(LOOKING);
    expect(count).toBe(205);
    expect(standings.length).toBeGreaterThanOrEqual(200);
  });
});

describe('what is looked up', () => {
  it('finds the newest change of a target', async () => {
    await insertEnded(change(1, 'a', { life: DONE }));
    await history.insertChange(change(3, 'a'), null);
    await history.insertChange(change(4, 'b'), null);
    await addForeign(foreign(5, 'a'));
    expect((await history.newestChange(change(9, 'a').target))?.change.id).toBe(uuid(3));
    expect(await history.newestChange(change(9, 'c').target)).toBeNull();
  });

  it('finds the latest check of a partner, whatever it told', async () => {
    await history.addCheck(found(1));
    await history.addCheck(found(2));
    await history.addCheck(check(3, { kind: 'unknownPartner' }));
    await history.addCheck(found(4, NORTHWIND));
    expect((await reader.latestCheck(CONNECTION_ID, FABRIKAM.partnerId))?.outcome).toEqual({ kind: 'unknownPartner' });
    expect(await reader.latestCheck(CONNECTION_ID, '99999' as PartnerId)).toBeNull();
  });

  it('finds the check of its own connection alone, however new another’s is', async () => {
    const elsewhere = uuid(77);
    await history.addCheck(found(1));
    await history.addCheck({ ...found(2, { ...FABRIKAM, name: 'Fabrikam elsewhere' }), connectionId: elsewhere });
    for (let i = 3; i <= 12; i++) await history.addCheck({ ...found(i), connectionId: uuid(78) });
    expect((await reader.latestCheck(CONNECTION_ID, FABRIKAM.partnerId))?.id).toBe(uuid(1));
    expect((await reader.latestCheck(elsewhere, FABRIKAM.partnerId))?.id).toBe(uuid(2));
    expect(await reader.latestCheck(uuid(79), FABRIKAM.partnerId)).toBeNull();
    expect(await history.partnersUsed(elsewhere, 10)).toEqual({
      assigned: [],
      checked: [{ ...FABRIKAM, name: 'Fabrikam elsewhere' }],
    });
    expect(await history.partnersUsed(uuid(79), 10)).toEqual({ assigned: [], checked: [] });
  });

  it('lists the partners that were attached apart from those only found, each once by its latest name, latest first', async () => {
    const third = { partnerId: '80000' as PartnerId, name: 'Third' };
    await history.addCheck(found(1, third));
    await history.addCheck(found(2, { ...FABRIKAM, name: 'Fabrikam before' }));
    await history.addCheck(found(3, NORTHWIND));
    await insertEnded(change(4, 'a', { life: DONE }));
    await insertEnded(change(5, 'b', { life: REFUSED, after: NORTHWIND }));
    await history.addCheck(check(6, { kind: 'unknownPartner' }, third.partnerId));
    const used = (limit: number) => history.partnersUsed(CONNECTION_ID, limit);
    expect(await used(10)).toEqual({ assigned: [FABRIKAM], checked: [NORTHWIND, third] });
    expect(await used(2)).toEqual({ assigned: [FABRIKAM], checked: [NORTHWIND] });
    await history.addCheck(found(7, { ...FABRIKAM, name: 'Fabrikam anew' }));
    await insertEnded(change(8, 'c', { life: DONE, after: third }));
    expect(await used(2)).toEqual({ assigned: [third, { ...FABRIKAM, name: 'Fabrikam anew' }], checked: [] });
  });
});

describe('page and all', () => {
  it('pages by cursor, newest first, over rows of the same time, each row once', async () => {
    const expected: string[] = [];
    for (let i = 1; i <= 25; i++) {
      await history.addCheck({ ...found(i), checkedAt: Math.floor(i / 10) });
      expected.push(uuid(i));
    }
    expected.reverse();
    for (const size of [1, 4, 5, 25, 100]) expect(await idsOf({}, size)).toEqual(expected);
    expect(await allIds()).toEqual(expected);
  });

  it('ends with the last row, not with an empty page', async () => {
    for (let i = 1; i <= 4; i++) await history.addCheck(found(i));
    expect((await reader.page({}, null, 4, LOOKING)).next).toBeNull();
    expect((await reader.page({}, null, 3, LOOKING)).next).toEqual([-2, uuid(2)]);
    expect(await reader.page({}, [-1, uuid(1)], 3, LOOKING)).toEqual({ entries: [], next: null, damaged: 0 });
  });

  it('is given up once nobody waits for it', async () => {
    await history.addCheck(found(1));
    await expect(reader.page({ text: 'x' }, null, 4, LOOKING, AbortSignal.abort('enough'))).rejects.toBe('enough');
  });

  it('is not thrown off by rows that come between two pages', async () => {
    for (let i = 1; i <= 6; i++) await history.addCheck(found(i));
    const first = await reader.page({}, null, 3, LOOKING);
    await history.addCheck(found(7));
    const second = await reader.page({}, first.next, 3, LOOKING);
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual([6, 5, 4, 3, 2, 1].map(uuid));
  });

  it('filters by text, kind and outcome, through any number of rows', async () => {
    for (let i = 1; i <= 300; i++) await history.addCheck(found(i, i % 100 === 0 ? NORTHWIND : FABRIKAM));
    await insertEnded(change(301, 'a', { life: DONE }));
    await addForeign(foreign(302, 'a'));
    expect(await idsOf({ text: ' NORTHwind ', kind: 'check' }, 2)).toEqual([300, 200, 100].map(uuid));
    expect(await allIds({ text: 'northwind' })).toEqual([302, 300, 200, 100].map(uuid));
    expect(await allIds({ outcome: 'done' })).toEqual([302, 301].map(uuid));
    expect(await allIds({ kind: 'assign' })).toEqual([uuid(301)]);
  });

  it('filters by group and time, page by page, over rows of the same time', async () => {
    for (let i = 1; i <= 40; i++) {
      if (i % 10 === 0) await addForeign({ ...foreign(i, 'a'), foundAt: Math.floor(i / 4) });
      else await history.addCheck({ ...found(i), checkedAt: Math.floor(i / 4) });
    }
    for (const filter of [
      { group: 'changes' },
      { group: 'checks' },
      { from: 3 },
      { until: 7 },
      { from: 3, until: 7 },
      { from: 3, until: 3 },
      { from: 7, until: 3 },
      { group: 'changes', from: 3, until: 8 },
      { group: 'checks', from: 5, text: 'fabrikam' },
    ] satisfies HistoryFilter[]) {
      const expected: string[] = [];
      for await (const row of reader.all({}, LOOKING)) {
        const { group } = { group: undefined, ...filter };
        const { from, until } = { from: 0, until: 99, ...filter };
        const isAsked = group === undefined || (row.type === 'check') === (group === 'checks');
        if (isAsked && from <= row.at && row.at < until) expected.push(row.id);
      }
      for (const size of [1, 3, 50]) expect(await idsOf(filter, size)).toEqual(expected);
      expect(await allIds(filter)).toEqual(expected);
      expect((await reader.count(filter, NEVER)).matching).toBe(expected.length);
    }
  });

  it('finds a few changes among many checks without reading more than the newest of those', async () => {
    for (let i = 1; i <= 3000; i++) await history.addCheck(found(i));
    await insertEnded(change(1, 'a', { id: uuid(4001), life: DONE }));
    while (await history.makeBlock());
    const reads = vi.spyOn(IDBIndex.prototype, 'getAll');
    try {
      expect(await idsOf({ group: 'changes' }, 50)).toEqual([uuid(4001)]);
      expect(await reader.count({ group: 'changes', text: 'fabrikam' }, NEVER)).toEqual({ matching: 1, of: 1 });
      const read = reads.mock.results.map(({ value }) => (value as IDBRequest<unknown[]>).result.length);
      // The newest of all, in case they are changes.
      expect(read.toSorted((one, other) => other - one)).toEqual([51, 1, 1]);
    } finally {
      reads.mockRestore();
    }
  });

  it('counts what passes, of the group that is shown', async () => {
    for (let i = 1; i <= 30; i++) await history.addCheck(found(i, i % 10 === 0 ? NORTHWIND : FABRIKAM));
    await insertEnded(change(31, 'a', { life: DONE }));
    await addForeign(foreign(32, 'a'));
    const counted = (filter: HistoryFilter) => reader.count(filter, NEVER);
    expect(await counted({})).toEqual({ matching: 32, of: 32 });
    expect(await counted({ group: 'checks' })).toEqual({ matching: 30, of: 30 });
    expect(await counted({ group: 'changes' })).toEqual({ matching: 2, of: 2 });
    expect(await counted({ text: 'northwind' })).toEqual({ matching: 4, of: 32 });
    expect(await counted({ group: 'checks', text: 'northwind', from: 15 })).toEqual({ matching: 2, of: 30 });
  });

  it('counts no further once nobody waits for it', async () => {
    await history.addCheck(found(1));
    await expect(reader.count({ text: 'x' }, AbortSignal.abort('enough'))).rejects.toBe('enough');
  });

  it('reads every row of a long history once', async () => {
    for (let i = 1; i <= 5000; i++) await history.addCheck(found(i));
    expect(await allIds()).toEqual(Array.from({ length: 5000 }, (_, i) => uuid(5000 - i)));
  });
});

describe('damaged rows', () => {
  beforeEach(async () => {
    await insertEnded(change(1, 'a', { life: DONE }));
    await history.insertChange(change(2, 'b'), null);
    await history.insertChange(change(3, 'a'), null);
    await history.addCheck(found(4));
    await history.addCheck(found(5));
    await damage(uuid(2), ({ change: _, ...row }) => row);
    await damage(uuid(5), (row) => ({ ...row, check: { partnerId: 5 } }));
  });

  it('hide none of the others from a page, which counts them', async () => {
    const page = await reader.page({}, null, 10, LOOKING);
    expect(page.entries.map(({ id }) => id)).toEqual([4, 3, 1].map(uuid));
    expect(page.damaged).toBe(2);
    expect(await allIds({ text: 'fabrikam' })).toEqual([4, 3, 1].map(uuid));
    expect(await reader.damagedCount()).toBe(0);
  });

  it('make way for the row before', async () => {
    expect((await reader.latestCheck(CONNECTION_ID, FABRIKAM.partnerId))?.id).toBe(uuid(4));
    expect(await history.newestChange(change(9, 'b').target)).toBeNull();
    expect(await history.partnersUsed(CONNECTION_ID, 5)).toEqual({ assigned: [FABRIKAM], checked: [] });
  });

  it('are set aside as they are when the worker meets them', async () => {
    expect((await history.openChanges()).map(({ id }) => id)).toEqual([uuid(3)]);
    expect(await reader.damagedCount()).toBe(1);
    const aside = await (await open()).get('damaged', uuid(2));
    expect(aside?.row).toEqual({ type: 'change', id: uuid(2), at: 2 });
    expect((await reader.page({}, null, 10, LOOKING)).damaged).toBe(1);
  });

  it('do not hold their target', async () => {
    expect((await history.insertChange(change(6, 'b'), null)).kind).toBe('inserted');
    expect((await history.openChanges()).map(({ id }) => id).sort()).toEqual([uuid(3), uuid(6)]);
    expect(await reader.damagedCount()).toBe(1);
  });

  it('are shown as none by the worker too when there is no room to move them', async () => {
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    try {
      expect((await history.openChanges()).map(({ id }) => id)).toEqual([uuid(3)]);
    } finally {
      put.mockRestore();
    }
  });
});

describe('clear and prune', () => {
  beforeEach(async () => {
    await insertEnded(change(1, 'a', { life: CONFLICT }));
    await insertEnded(change(2, 'b', { life: REFUSED }));
    await insertEnded(change(3, 'c', { life: DONE }));
    await history.insertChange(change(4, 'd'), null);
    await history.insertChange(change(5, 'e'), null);
    await history.applyEvent(uuid(5), { type: 'sent', at: 5 });
    await history.addCheck(found(6));
    await addForeign(foreign(7, 'a'));
  });

  it('clears what has ended, but neither open changes nor conflicts without an answer', async () => {
    const before = await Promise.all([1, 4, 5].map((number) => history.readChange(uuid(number))));
    expect(await history.clear()).toBe(4);
    expect(await allIds()).toEqual([5, 4, 1].map(uuid));
    expect(await Promise.all([1, 4, 5].map((number) => history.readChange(uuid(number))))).toEqual(before);
    expect(await reader.attentionCount()).toBe(1);
  });

  it('clears away what was set aside', async () => {
    await damage(uuid(3), () => ({}));
    await history.readChange(uuid(3));
    expect(await reader.damagedCount()).toBe(1);
    await history.clear();
    expect(await reader.damagedCount()).toBe(0);
  });

  it('clears an answered conflict', async () => {
    await history.applyEvent(uuid(1), { type: 'kept' });
    await history.clear();
    expect(await history.readChange(uuid(1))).toBeNull();
  });

  it('prunes by age, but nothing open and nothing that needs attention', async () => {
    expect(await prune({ maxAgeDays: 1, maxRows: null }, DAY_MS + 6)).toBe(1);
    expect(await allIds()).toEqual([7, 6, 5, 4, 2, 1].map(uuid));
    expect(await prune({ maxAgeDays: 1, maxRows: null }, 100 * DAY_MS)).toBe(2);
    expect(await allIds()).toEqual([5, 4, 2, 1].map(uuid));
  });

  it('prunes by number, the oldest first', async () => {
    expect(await prune({ maxAgeDays: null, maxRows: 4 }, 0)).toBe(0);
    expect(await prune({ maxAgeDays: null, maxRows: 3 }, 0)).toBe(1);
    expect(await allIds()).toEqual([7, 6, 5, 4, 2, 1].map(uuid));
    await addForeign(foreign(8, 'a'));
    expect(await prune({ maxAgeDays: null, maxRows: 1 }, 0)).toBe(1);
    expect(await allIds()).toEqual([8, 6, 5, 4, 2, 1].map(uuid));
  });

  it('prunes by whichever takes more', async () => {
    expect(await prune({ maxAgeDays: 1000, maxRows: 1 }, 7)).toBe(1);
    await addForeign(foreign(2000 * DAY_MS, 'a'));
    expect(await prune({ maxAgeDays: 1000, maxRows: 10 }, 2000 * DAY_MS)).toBe(2);
  });

  it('pushes no change out for checks, and no check out for changes', async () => {
    for (let i = 100; i < 300; i++) await history.addCheck(found(i));
    expect(await prune({ maxAgeDays: null, maxRows: 6 }, 0)).toBe(195);
    expect(await allIds()).toEqual([299, 298, 297, 296, 295, 294, 7, 5, 4, 3, 2, 1].map(uuid));
    for (let i = 400; i < 410; i++) await addForeign(foreign(i, 'a'));
    expect(await prune({ maxAgeDays: null, maxRows: 6 }, 0)).toBe(6);
    expect((await allIds()).filter((id) => Number(id.slice(-3)) > 290)).toHaveLength(12);
  });

  it.each([
    { maxAgeDays: 1, maxRows: null },
    { maxAgeDays: null, maxRows: 1 },
    { maxAgeDays: 3, maxRows: 2 },
    { maxAgeDays: null, maxRows: null },
  ])('says beforehand how many %o will prune', async (retention) => {
    const now = 2 * DAY_MS;
    const beyond = await history.countBeyond(retention, { now: now, trusted: null });
    const before = await allIds();
    expect(await prune(retention, now)).toBe(beyond);
    expect(await allIds()).toHaveLength(before.length - beyond);
    expect(await history.countBeyond(retention, { now: now, trusted: null })).toBe(0);
  });

  it('prunes nothing without a limit, or while there is less', async () => {
    expect(await prune({ maxAgeDays: null, maxRows: null }, 1e15)).toBe(0);
    expect(await prune({ maxAgeDays: null, maxRows: 7 }, 1e15)).toBe(0);
  });

  it('prunes any number in one go', async () => {
    for (let i = 100; i < 2600; i++) await history.addCheck(found(i));
    expect(await prune({ maxAgeDays: null, maxRows: 10 }, 0)).toBe(2491);
    expect(await allIds()).toHaveLength(16);
  });
});

describe('a full disk', () => {
  function full(name: 'add' | 'put', how: 'request' | 'commit') {
    const original = IDBObjectStore.prototype[name];
    return vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (this: IDBObjectStore, value, key) {
      const error = new DOMException('full', 'QuotaExceededError');
      if (how === 'request') throw error;
      const request = key === undefined ? original.call(this, value) : original.call(this, value, key);
      // A browser finds out when it commits, and ends the transaction with that error.
      const { transaction } = this;
      request.addEventListener('success', () => {
        transaction.abort();
        Object.defineProperty(transaction, 'error', { value: error });
      });
      return request;
    });
  }

  it.each(['request', 'commit'] as const)(
    'is told by name when the %s finds out, and leaves nothing behind',
    async (how) => {
      await insertEnded(change(1, 'a', { life: CONFLICT }));
      const before = await reader.page({}, null, 10, LOOKING);
      const add = full('add', how);
      await expect(history.insertChange(change(2, 'a'), uuid(1))).rejects.toBeInstanceOf(StorageFull);
      await expect(history.addCheck(found(3))).rejects.toBeInstanceOf(StorageFull);
      add.mockRestore();
      const put = full('put', how);
      await expect(history.insertChange(change(2, 'a'), uuid(1))).rejects.toBeInstanceOf(StorageFull);
      await expect(history.applyEvent(uuid(1), { type: 'kept' })).rejects.toBeInstanceOf(StorageFull);
      put.mockRestore();
      expect(await reader.page({}, null, 10, LOOKING)).toEqual(before);
      expect((await history.insertChange(change(2, 'a'), uuid(1))).kind).toBe('inserted');
    },
  );

  it('leaves other errors as they are', async () => {
    await history.addCheck(found(1));
    await expect(history.addCheck(found(1))).rejects.toMatchObject({ name: 'ConstraintError' });
  });
});

describe('rows of earlier shapes', () => {
  /** Puts a row back into the shape that the first version wrote. */
  async function asOfShape1(id: string): Promise<void> {
    const database = await open();
    const stored = await database.get('rows', id);
    if (stored === undefined) throw new Error('No such row');
    const { shape: _, ...first } = structuredClone(stored);
    const row = first.row as unknown as { change?: Record<string, unknown> };
    delete row.change?.['person'];
    delete row.change?.['sentAs'];
    await database.put('rows', first);
  }

  it('are read, nobody’s, and written in the present one when they go on', async () => {
    await history.insertChange({ ...change(1, 'a'), person: ADA }, null);
    await history.addCheck(found(2));
    await addForeign(foreign(3, 'b'));
    for (const number of [1, 2, 3]) await asOfShape1(uuid(number));
    expect(await allIds()).toEqual([3, 2, 1].map(uuid));
    expect(await history.openChanges()).toMatchObject([{ person: null, sentAs: null }]);
    await history.applyEvent(uuid(1), { type: 'signedIn', at: 5, person: ADA });
    expect((await (await open()).get('rows', uuid(1)))?.shape).toBe(PRESENT_SHAPE);
    expect(await history.readChange(uuid(1))).toMatchObject({ person: null, life: { for: 'person' } });
    expect(await reader.damagedCount()).toBe(0);
  });

  it('keep what a row holds that has the present shape’s fields already', () => {
    const row = { type: 'change', id: uuid(1), at: 1, change: { ...change(1, 'a'), person: ADA } };
    for (const shape of [undefined, 1, 2, 3]) expect(inPresentShape(row, shape)).toEqual(row);
  });

  const REASONS_AND_WORDS: readonly [before: object, after: object][] = [
    // What the service said stays a quotation of it.
    [
      { reason: 'refused', status: 403, code: 'NotPermitted', message: 'Readers may not.', requestId: 'r-1' },
      { reason: 'refused', status: 403, code: 'NotPermitted', said: 'Readers may not.', requestId: 'r-1' },
    ],
    [
      { reason: 'busy', status: 429, message: 'Later.' },
      { reason: 'busy', status: 429, said: 'Later.' },
    ],
    [
      { reason: 'signInNeeded', status: 401, message: 'No token.' },
      { reason: 'signInNeeded', status: 401, said: 'No token.' },
    ],
    [
      { reason: 'noAnswer', code: 'IdentityProviderAway', message: 'Maintenance' },
      { reason: 'noAnswer', code: 'IdentityProviderAway', said: 'Maintenance' },
    ],
    // What was always ours is never a quotation.
    [
      { reason: 'unreadable', status: 200, message: 'value.0.kind: Invalid type: Expected "a" but received 7' },
      { reason: 'unreadable', status: 200, detail: { code: 'fieldUnreadable', field: 'value.0.kind' } },
    ],
    [
      { reason: 'unreadable', message: 'nextLink: not under the service’s own address' },
      { reason: 'unreadable', detail: { code: 'fieldUnexpected', field: 'nextLink' } },
    ],
    [
      { reason: 'unreadable', message: 'subscriptionId: another subscription than was asked for' },
      { reason: 'unreadable', detail: { code: 'fieldUnexpected', field: 'subscriptionId' } },
    ],
    [
      { reason: 'unreadable', message: 'not JSON' },
      { reason: 'unreadable', detail: { code: 'notJson' } },
    ],
    [
      { reason: 'unreadable', message: 'not UTF-8' },
      { reason: 'unreadable', detail: { code: 'notUtf8' } },
    ],
    [
      { reason: 'keptOut', message: 'por.example.com' },
      { reason: 'keptOut', detail: { code: 'keptOut', host: 'por.example.com' } },
    ],
    // Of the rest nobody knows any more whose words they are.
    [
      { reason: 'signInNeeded', code: 'SignInFailed', message: 'Failed to fetch' },
      { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'technical', words: 'Failed to fetch' } },
    ],
    [
      { reason: 'unreadable', message: 'something else' },
      { reason: 'unreadable', detail: { code: 'technical', words: 'something else' } },
    ],
    [{ reason: 'timedOut' }, { reason: 'timedOut' }],
  ];
  const LIFE_OF = { state: 'waiting', for: 'turn', nextAt: 1, failedReads: 0, attempts: 1, tryingSince: 1 };
  const rowsWith = (failure: object) => [
    { type: 'check', id: uuid(1), at: 1, check: { outcome: { kind: 'failed', failure } } },
    { type: 'change', change: { ...change(1, 'a'), life: { state: 'refused', failure, seen: true } } },
    {
      type: 'change',
      change: {
        ...change(1, 'a'),
        life: { ...LIFE_OF, lastFailure: failure, settle: { as: 'refused', failure } },
      },
    },
  ];

  it.each(REASONS_AND_WORDS)('keep apart what was said and what we know: %j', (before, after) => {
    expect(v.is(failureSchema, after)).toBe(true);
    for (const shape of [undefined, 1, 2]) {
      expect(rowsWith(before).map((row) => inPresentShape(row, shape))).toEqual(rowsWith(after));
    }
  });

  it('are read with what was said in them, and none is damaged', async () => {
    await history.addCheck(found(1));
    const database = await open();
    const stored = await database.get('rows', uuid(1));
    if (stored?.row.type !== 'check') throw new Error('No such row');
    const failure = { reason: 'refused', status: 403, message: 'Readers may not.' };
    const outcome = { kind: 'failed', failure };
    await database.put('rows', {
      ...stored,
      shape: 2,
      row: { ...stored.row, check: { ...stored.row.check, outcome } } as never,
    });
    const { entries } = await reader.page({}, null, 10, LOOKING);
    expect(entries).toMatchObject([
      { check: { outcome: { failure: { reason: 'refused', status: 403, said: 'Readers may not.' } } } },
    ]);
    expect(await reader.damagedCount()).toBe(0);
  });

  it.each([null, undefined, 'text', 7, [], { change: 'text' }, { change: null }])('leave %j to the schema', (row) => {
    expect(inPresentShape(row, 1)).toEqual(row);
  });
});
