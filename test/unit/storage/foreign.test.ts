import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, expect, it, vi } from 'vitest';
import type { ForeignChange } from '../../../src/domain/history';
import { createDatabase } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import type { Database } from '../../../src/storage/schema';
import { createSnapshots } from '../../../src/storage/snapshots';
import { createWatches } from '../../../src/storage/watches';
import { watchingOf, withPass } from '../../../src/domain/watch';
import { START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { LOOKING } from '../../support/history';
import { ADA } from '../../support/persons';
import { uuid } from '../../support/targets';
import { change, foreign, state } from './samples';

let open: () => Promise<Database>;
let history: History;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  open = createDatabase(() => undefined);
  history = createHistory(open);
});

const unmet = (number: number, more: Partial<ForeignChange> = {}): ForeignChange => ({
  ...foreign(number, `s${number}`),
  seen: false,
  ...more,
});

async function add(...found: ForeignChange[]): Promise<void> {
  await createSnapshots(open).writeAfter(
    found.map((one) => ({
      target: one.target,
      snapshot: { state: state('any'), readAt: one.foundAt, readAs: null },
      foreign: () => one,
      least: 1,
    })),
  );
}

it('changes made elsewhere that nobody has met are counted apart from those that need a person', async () => {
  await history.insertChange(change(1, 'a'), null);
  await history.applyEvent(uuid(1), { type: 'sent', at: 1 });
  const failure = { reason: 'refused' } as const;
  await history.applyEvent(uuid(1), { type: 'failed', at: 1, failure, retryAfterMs: null, chance: 0 });
  await add(unmet(2), unmet(3), foreign(4, 'd'));
  expect([await history.attentionCount(), await history.unmetCount()]).toEqual([1, 2]);
  const attention = await history.attention(LOOKING);
  expect([attention.count, attention.foreignCount]).toEqual([1, 2]);
  expect(attention.foreign.map(({ id }) => id)).toEqual([uuid(3), uuid(2)]);
});

it('they are met one by one or all at once, and their place in the history stays', async () => {
  await add(...Array.from({ length: 450 }, (_, at) => unmet(at + 1)));
  expect(await history.markMet([uuid(7), uuid(999)])).toBe(true);
  expect(await history.markMet([uuid(7)])).toBe(false);
  expect(await history.unmetCount()).toBe(449);
  expect(await history.markMet(null)).toBe(true);
  expect(await history.unmetCount()).toBe(0);
  const { entries } = await history.page({}, null, 2, LOOKING);
  expect(entries.map(({ id }) => id)).toEqual([uuid(450), uuid(449)]);
});

it('who made one is noted in its row, and found by the search', async () => {
  await add(unmet(1));
  await history.noteMaker(uuid(1), 'Mallory');
  expect(await history.readForeign(uuid(1))).toMatchObject({ by: 'Mallory', seen: false });
  expect((await history.page({ text: 'mallory' }, null, 5, LOOKING)).entries).toHaveLength(1);
});

it('a row of before says nobody, and calls nobody', async () => {
  await add(unmet(1));
  const database = await open();
  const stored = await database.get('rows', uuid(1));
  if (stored?.row.type !== 'foreign') throw new Error('No row');
  const { by: _by, seen: _seen, version: _version, ...before } = stored.row.foreign;
  await database.put('rows', { ...stored, row: { ...stored.row, foreign: before as ForeignChange } });
  expect(await history.readForeign(uuid(1))).toMatchObject({ by: null, seen: true, version: null });
});

it('what nobody was told of is remembered with the rows, but for what was met already', async () => {
  await add(unmet(1), foreign(2, 'b'), unmet(3));
  expect(await history.untoldForeign()).toEqual([uuid(1), uuid(3)]);
  await history.markForeignTold([uuid(1)]);
  expect(await history.untoldForeign()).toEqual([uuid(3)]);
  await history.markForeignTold([uuid(3)]);
  expect(await (await open()).get('marks', 'untoldForeign')).toBeUndefined();
});

it('one that nobody has met is no reason to keep its row', async () => {
  await add(unmet(1), unmet(2), unmet(3));
  const removed = await history.prune({ maxAgeDays: null, maxRows: 1 }, { now: START, trusted: START });
  expect([removed.removed, await history.unmetCount()]).toEqual([2, 1]);
});

it('the watching of a connection comes back as written; what cannot be read begins anew', async () => {
  const watches = createWatches(open);
  const fresh = watchingOf(null, { person: ADA, address: 'https://por.example.com/v1' }, START);
  const begun = withPass(fresh, { watched: 'all', starred: [], can: { list: true } }, START);
  if (begun === null) throw new Error('Nothing begun');
  await watches.write(CONNECTION_ID, begun);
  expect(await watches.read(CONNECTION_ID)).toEqual(begun);
  expect(await watches.isAnyUnderWay()).toBe(true);
  await watches.alter(CONNECTION_ID, (watching) => ({ ...watching, pass: null }));
  expect(await watches.isAnyUnderWay()).toBe(false);
  await (await open()).put('watches', { ...begun, person: 'Ada' }, CONNECTION_ID);
  expect(await watches.read(CONNECTION_ID)).toBeNull();
  await watches.keepOnly([]);
  expect(await (await open()).count('watches')).toBe(0);
});
