import { change, found, state } from './samples';
import { forceCloseDatabase, IDBFactory } from 'fake-indexeddb';
import { deleteDB, openDB, unwrap } from 'idb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createDatabase, write } from '../../../src/storage/database';
import { createHistory, createHistoryReader } from '../../../src/storage/history';
import { createSnapshots } from '../../../src/storage/snapshots';
import { STEPS } from '../../../src/storage/versions';
import { createLocks } from '../../support/locks';
import { dump, restore, type ShippedDatabase } from './fixtures/shipped-database';
import version1 from './fixtures/version-1.json';
import version2 from './fixtures/version-2.json';
import { CONNECTION_ID } from '../../support/connections';
import { LOOKING } from '../../support/history';
import { targetOf, uuid } from '../../support/targets';
import { deferred } from '../../support/deferred';

const NAME = 'partner-of-record';
const shipped: ShippedDatabase[] = [version1, version2];
const unexpected = (): never => {
  throw new Error('Blocked');
};

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', { locks: createLocks() });
});

describe('upgrades', () => {
  it('have a fixture of every version before', async () => {
    const { version } = await createDatabase(unexpected)();
    expect(shipped.map((one) => one.version)).toEqual(Array.from({ length: version - 1 }, (_, i) => i + 1));
  });

  it.each(shipped)('from version $version end in the same shape as from nothing', async (fixture) => {
    (await createDatabase(unexpected)()).close();
    const fromNothing = await dump();
    vi.stubGlobal('indexedDB', new IDBFactory());
    await restore(fixture);
    (await createDatabase(unexpected)()).close();
    const { version, stores } = await dump();
    expect({ version, stores }).toEqual({ version: fromNothing.version, stores: fromNothing.stores });
  });

  it.each(shipped)('from version $version lose no row and damage none', async (fixture) => {
    await restore(fixture);
    const open = createDatabase(unexpected);
    const reader = createHistoryReader(open);
    const page = await reader.page({}, null, 1000, LOOKING);
    // In version 2 the rows of version 1 are moving.
    const ids = [...(fixture.rows['history'] ?? []), ...(fixture.rows['rows'] ?? [])].map(({ key }) => key).sort();
    expect(page.damaged).toBe(0);
    expect(page.entries.map(({ id }) => id).sort()).toEqual(ids);
    expect(await reader.damagedCount()).toBe(1);
    expect(await createSnapshots(open).read(targetOf('done'))).toEqual({
      state: state('done'),
      readAt: 40,
      order: 0,
      readAs: null,
    });
    expect(await (await open()).get('tokens', CONNECTION_ID)).toBe('remembered');
  });

  it.each(shipped)('from version $version leave open changes open, which go on', async (fixture) => {
    await restore(fixture);
    const history = createHistory(createDatabase(unexpected));
    const open = await history.openChanges();
    expect(open.map(({ targetName }) => targetName.split(' ')[1]).sort()).toEqual([
      'sending',
      'stopping',
      'trying',
      'waiting',
    ]);
    expect((await history.insertChange(change(99, 'waiting'), null)).kind).toBe('changeOpen');
    const done = await history.applyEvent(uuid(2), { type: 'applied', at: 50, state: state('sending') });
    expect(done?.change.life.state).toBe('done');
    expect(await history.attentionCount()).toBe(4);
  });
});

describe('one connection', () => {
  it('is shared by all who ask at once', async () => {
    const open = createDatabase(unexpected);
    const [a, b] = await Promise.all([open(), open()]);
    expect(a).toBe(b);
    expect(await open()).toBe(a);
  });

  it('makes way for a later version at once', async () => {
    const open = createDatabase(unexpected);
    await createHistory(open).addCheck(found(1));
    const later = await openDB(NAME, 99, { blocked: unexpected });
    expect(await later.count('rows')).toBe(1);
    later.close();
    await expect(open()).rejects.toMatchObject({ problem: 'newer' });
  });

  it('makes way for a deletion, and is opened anew afterwards', async () => {
    const open = createDatabase(unexpected);
    const history = createHistory(open);
    await history.addCheck(found(1));
    await deleteDB(NAME, { blocked: unexpected });
    expect((await history.page({}, null, 10, LOOKING)).entries).toEqual([]);
    await history.addCheck(found(2));
    expect((await history.page({}, null, 10, LOOKING)).entries).toHaveLength(1);
  });

  it('waits for an older one that does not make way, and everybody who asks meanwhile is told', async () => {
    await restore(version1);
    const older = await openDB(NAME, 1);
    const blocked = vi.fn();
    const open = createDatabase(blocked, [...STEPS, (upgraded) => upgraded.deleteObjectStore('tokens')]);
    await expect(open()).rejects.toMatchObject({ problem: 'blocked' });
    await expect(open()).rejects.toMatchObject({ problem: 'blocked' });
    expect(blocked).toHaveBeenCalledOnce();
    older.close();
    const database = await vi.waitFor(open);
    expect(database.version).toBe(STEPS.length + 1);
    expect((await database.count('rows')) + (await database.count('history'))).toBe(version1.rows.history.length);
  });

  it('is told to be blocked when it stands in line behind another’s upgrade or deletion', async () => {
    const older = await openDB(NAME, 1);
    const deleted = deleteDB(NAME);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const blocked = vi.fn();
    const open = createDatabase(blocked);
    const opening = expect(open()).rejects.toMatchObject({ problem: 'blocked' });
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    await opening;
    expect(blocked).toHaveBeenCalledOnce();
    older.close();
    await deleted;
    expect((await vi.waitFor(open)).name).toBe(NAME);
  });

  it('is told to be updated when another context of the extension brings it to a new version', async () => {
    await restore(version1);
    const told = deferred();
    // An upgrade lasts while its transaction has requests.
    const slow = createDatabase(unexpected, [
      ...STEPS,
      async (_, transaction) => {
        let waiting = true;
        told.promise.then(() => {
          waiting = false;
        });
        while (waiting) await transaction.objectStore('tokens').count();
      },
    ])();
    await vi.waitFor(async () => expect((await navigator.locks.query()).held).toHaveLength(1));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const opening = expect(createDatabase(unexpected, [...STEPS, () => undefined])()).rejects.toMatchObject({
      problem: 'updating',
    });
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    await opening;
    told.resolve();
    (await slow).close();
  });

  it('takes only the steps that a database has not had', async () => {
    (await createDatabase(unexpected)()).close();
    const taken: number[] = [];
    const steps = [...STEPS, () => void taken.push(3), () => void taken.push(4)];
    (await createDatabase(unexpected, steps.slice(0, 3))()).close();
    (await createDatabase(unexpected, steps)()).close();
    expect(taken).toEqual([3, 4]);
  });

  it('is opened again after the browser has ended it', async () => {
    const open = createDatabase(unexpected);
    const first = await open();
    const history = createHistory(open);
    await history.addCheck(found(1));
    const ended = new Promise((resolve) => first.addEventListener('close', resolve));
    // Its type asks for the class, and means a database.
    forceCloseDatabase(unwrap(first) as unknown as typeof IDBDatabase);
    await ended;
    expect(await open()).not.toBe(first);
    expect((await history.page({}, null, 10, LOOKING)).entries).toHaveLength(1);
  });

  it.each([
    ['UnknownError', 'broken'],
    ['QuotaExceededError', 'full'],
  ])('is tried again after it could not be opened (%s), which is told as %s', async (name, problem) => {
    const open = createDatabase(unexpected);
    const cause = new DOMException('The disk is gone', name);
    const failing = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw cause;
    });
    await expect(open()).rejects.toMatchObject({ problem, cause });
    failing.mockRestore();
    expect((await open()).name).toBe(NAME);
  });
});

describe('write', () => {
  it('keeps nothing of work that fails in the middle', async () => {
    const open = createDatabase(unexpected);
    const half = write(open, ['tokens'], 'relaxed', async ({ store }) => {
      await store.put('a', 'first');
      throw new RangeError('In the middle');
    });
    await expect(half).rejects.toBeInstanceOf(RangeError);
    expect(await (await open()).count('tokens')).toBe(0);
  });
});
