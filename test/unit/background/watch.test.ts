import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import { keyOf } from '../../../src/background/lanes';
import { WATCHING_ALARM } from '../../../src/background/wakefulness';
import type { LaneHold } from '../../../src/domain/batch';
import { FRESH_LANE } from '../../../src/domain/lane';
import { LOGS_A_PASS } from '../../../src/domain/watch';
import type { ForeignChange } from '../../../src/domain/history';
import type { Settings } from '../../../src/domain/settings';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { fingerprintOf, type Principal } from '../../../src/storage/secrets';
import { createLaneStore } from '../../../src/storage/lanes';
import { createWatches } from '../../../src/storage/watches';
import { HOUR, MINUTE, SECOND } from '../../support/clock';
import { aConnection, anOpenConnection, CONNECTION_ID, onlyConnection } from '../../support/connections';
import { deferred } from '../../support/deferred';
import { createFakeService, failed, type FakeService } from '../../support/fake-service';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { subscriptionId, uuid } from '../../support/targets';
import { createLocks } from '../../support/locks';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const page: VerifiedSender = { kind: 'page', tabId: null, page: 'popup' };
const list: VerifiedSender = { kind: 'page', tabId: null, page: 'subscriptions' };
const connection = aConnection();
const [A, B, C] = [subscriptionId('a'), subscriptionId('b'), subscriptionId('c')];
const ADA = principal('ada');
const BEN = principal('ben');

function principal(principalId: string): Principal {
  return { kind: 'principal', issuer: connection.address, principalId, name: principalId };
}

let whole: WholeWorker;
let service: FakeService;
let device: ReturnType<typeof createFakeBrowser>;

beforeEach(async () => {
  service = createFakeService();
  service.listed = [A, B, C];
  device = createFakeBrowser();
  fake.browser = device.browser;
  whole = createWholeWorker(() => service);
  await set({ watch: 'hour' });
  whole.restart();
  await signIn(ADA);
});

async function set(more: Partial<Settings>): Promise<void> {
  const settings = { version: 2, ...onlyConnection(connection), notify: true, watched: 'all', ...more };
  await device.browser.storage.local.set({ settings });
}

/** Somebody pastes their token, and the service has told whose it is. */
async function signIn(person: Principal): Promise<void> {
  service.person = person;
  const token = `token of ${person.principalId}`;
  await whole.secrets.saveToken(CONNECTION_ID, token, false);
  await whole.secrets.rememberOwner(CONNECTION_ID, await fingerprintOf(token), person);
}

/** Lets the time pass that the work waits for, a second at a time. */
async function through(work: Promise<unknown>): Promise<void> {
  const end = { came: false };
  const ended = work.finally(() => {
    end.came = true;
  });
  while (!end.came) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (whole.clock.pending() > 0) whole.clock.moveTo(whole.clock.now() + SECOND);
  }
  await ended;
}

async function announced(): Promise<void> {
  await whole.announced();
}

/** The alarm comes an hour later. */
async function nextPass(): Promise<void> {
  whole.clock.moveTo(whole.clock.now() + HOUR);
  await through(whole.worker.watch.ring());
  await announced();
}

async function firstPass(): Promise<void> {
  await through(whole.worker.watch.run());
  await announced();
}

async function rows(): Promise<ForeignChange[]> {
  const { entries } = await whole.history.page({ kind: 'foreign' }, null, 5000, { viewers: [], now: 0 });
  return entries.flatMap((entry) => (entry.type === 'foreign' ? [entry.foreign] : []));
}

const watching = () => createWatches(whole.open).read(CONNECTION_ID);
const logged = (by: string) => ({
  kind: 'remove' as const,
  before: OLD,
  after: null,
  at: new Date(whole.clock.now()).toISOString(),
  by,
});

describe('a first pass', () => {
  test('announces nothing, and the next one what was changed since, by whom, once', async () => {
    await firstPass();
    expect(await rows()).toEqual([]);
    service.write(B, FOREIGN);
    await nextPass();
    await nextPass();
    expect(await rows()).toMatchObject([{ target: { id: B }, before: OLD, after: FOREIGN, by: 'Ada', seen: false }]);
    expect(device.notified).toEqual([
      {
        id: (await rows())[0]?.id,
        message: 'Production: changed elsewhere from Old Partner (100001) to Foreign Partner (300003) by Ada.',
      },
    ]);
    expect(device.badge.text).toBe('1');
  });

  test('notes as met what has changed since somebody saw it, and calls nobody', async () => {
    await whole.send('subscription.read', { subscriptionId: A, connectionId: CONNECTION_ID, anew: true }, page);
    service.write(A, FOREIGN);
    await firstPass();
    expect(await rows()).toMatchObject([{ target: { id: A }, seen: true }]);
    expect(device.notified).toEqual([]);
    expect(device.badge.text).toBe('');
  });

  test('is that of every person who signs in, and of every connection', async () => {
    await firstPass();
    service.write(A, FOREIGN);
    await signIn(BEN);
    await nextPass();
    expect(await rows()).toEqual([]);
    service.write(B, FOREIGN);
    await set({ watch: 'hour', ...onlyConnection(aConnection({ id: uuid(7), address: 'https://other.example.com' })) });
    await nextPass();
    expect(await rows()).toEqual([]);
    expect(device.notified).toEqual([]);
  });
});

describe('a change of our own', () => {
  async function remove(): Promise<void> {
    await whole.send('subscription.read', { subscriptionId: A, connectionId: CONNECTION_ID, anew: true }, page);
    const seen = service.recordOf(A).etag;
    await whole.send('change.remove', { id: uuid(50), subscriptionId: A, seen }, page);
  }

  test('is never one made elsewhere, once it has ended', async () => {
    await firstPass();
    await remove();
    await vi.waitFor(async () => expect((await whole.history.readChange(uuid(50)))?.life.state).toBe('done'));
    await nextPass();
    expect(await rows()).toEqual([]);
  });

  test('is never one made elsewhere, while its answer is lost', async () => {
    await firstPass();
    service.fateOf = async () => 'answerLost';
    await remove();
    await vi.waitFor(async () =>
      expect((await whole.history.readChange(uuid(50)))?.life).toMatchObject({ state: 'waiting', attempts: 1 }),
    );
    expect(service.recordOf(A).partnerOfRecord).toBeNull();
    await through(whole.worker.watch.ring());
    expect(await rows()).toEqual([]);
  });
});

describe('who removed a partner', () => {
  test('is read from the log, for twenty of a pass, and of the others when somebody opens them', async () => {
    service.listed = Array.from({ length: LOGS_A_PASS + 1 }, (_, at) => subscriptionId(`s${at}`));
    await firstPass();
    for (const id of service.listed) service.write(id, null);
    service.log = [logged('Mallory')];
    await nextPass();
    const found = await rows();
    const unnamed = found.filter(({ by }) => by === null);
    expect([found.length, unnamed.length]).toEqual([LOGS_A_PASS + 1, 1]);
    expect(found.find(({ by }) => by !== null)?.by).toBe('Mallory');
    await whole.send('foreign.who', { changeId: unnamed[0]?.id ?? '' }, page);
    expect((await rows()).every(({ by }) => by === 'Mallory')).toBe(true);
  });
});

describe('a thousand changes of one pass', () => {
  test('are a row each, one notification and one refresh of the badge', async () => {
    service.listed = Array.from({ length: 1000 }, (_, at) => subscriptionId(`s${at}`));
    await firstPass();
    for (const id of service.listed) service.write(id, FOREIGN);
    const before = device.badge.refreshed;
    await nextPass();
    expect(await rows()).toHaveLength(1000);
    expect(device.notified).toEqual([{ id: 'foreign', message: '1,000 changes made elsewhere.' }]);
    expect([device.badge.text, device.badge.refreshed - before]).toEqual(['1000', 1]);
    await whole.send('foreign.seen', { changeIds: null }, page);
    await announced();
    expect(device.badge.text).toBe('');
  });
});

/** The next pass has its first page, asks for the second, and ends there with its worker. */
async function endWorkerAtSecondPage(): Promise<void> {
  const reached = deferred();
  service.fateOfPage = async (next) => {
    if (next !== '1') return 'answered';
    reached.resolve();
    return new Promise<never>(() => undefined);
  };
  service.requests.splice(0);
  whole.clock.moveTo(whole.clock.now() + HOUR);
  // The pass never ends: the time goes on no further than to where it hangs, or it would in the tests that follow.
  await through(Promise.race([whole.worker.watch.ring(), reached.promise]));
  service.fateOfPage = async () => 'answered';
  // Its locks go with it.
  vi.stubGlobal('navigator', { locks: createLocks() });
}

describe('a pass', () => {
  test('goes on at its page after its worker has ended, and tells once of all that it has found', async () => {
    service.pageSize = 1;
    await firstPass();
    for (const id of [A, C]) service.write(id, FOREIGN);
    await endWorkerAtSecondPage();
    whole.restart();
    await whole.worker.tellUntold();
    expect(device.notified).toEqual([]);
    await through(whole.worker.watch.run());
    await announced();
    expect(service.requests).toEqual(['list from the start', 'list 1', 'list 1', 'list 2']);
    expect(device.notified).toMatchObject([{ id: 'foreign', message: '2 changes made elsewhere.' }]);
  });

  test('tells at its end of what an earlier worker has found, though the rest of it shows nothing new', async () => {
    service.pageSize = 1;
    await firstPass();
    service.write(A, FOREIGN);
    await endWorkerAtSecondPage();
    whole.restart();
    await whole.worker.tellUntold();
    await through(whole.worker.watch.run());
    await announced();
    expect(await rows()).toMatchObject([{ target: { id: A }, seen: false }]);
    expect(device.notified).toHaveLength(1);
  });

  test('says of a subscription that is not in the list that it is not there, and never that it was removed', async () => {
    for (const subscriptionId of [A, B])
      await whole.send('stars.set', { connectionId: CONNECTION_ID, subscriptionId, starred: true }, page);
    await set({ watch: 'hour', watched: 'starred' });
    await firstPass();
    service.fateOfRead = async (id) =>
      id === A
        ? new BackendError({ reason: 'refused', status: 404, code: 'SubscriptionNotFound' })
        : new BackendError({ reason: 'refused', status: 403, code: 'NotPermitted' });
    await nextPass();
    expect(await rows()).toEqual([]);
    expect((await watching())?.last).toMatchObject({ read: 0, missing: 1, unknown: 1 });
  });

  test('reads a few starred ones one by one, and asks only whether they have changed', async () => {
    await whole.send('stars.set', { connectionId: CONNECTION_ID, subscriptionId: B, starred: true }, page);
    await set({ watch: 'hour', watched: 'starred' });
    await firstPass();
    service.write(A, FOREIGN);
    service.write(B, FOREIGN);
    service.requests.splice(0);
    await nextPass();
    expect(service.requests).toEqual(['read b unless "1"']);
    expect(await rows()).toMatchObject([{ target: { id: B } }]);
  });

  test('that fails is tried again later, tells of nothing, and calls nothing removed', async () => {
    await firstPass();
    service.write(A, null);
    service.fateOfPage = async () => failed('noAnswer');
    await nextPass();
    const { pass } = (await watching()) ?? {};
    expect([await rows(), pass?.tries]).toEqual([[], 1]);
    service.fateOfPage = async () => 'answered';
    whole.clock.moveTo(whole.clock.now() + 2 * MINUTE);
    await through(whole.worker.watch.run());
    expect(await rows()).toMatchObject([{ target: { id: A }, after: null }]);
  });

  test('asks nothing before the time that the service asked to wait, and nothing into a refused token', async () => {
    service.fateOfPage = async () => failed('busy', 10 * MINUTE);
    await firstPass();
    await through(whole.worker.watch.run());
    expect(service.requests).toEqual(['list from the start']);
    whole.clock.moveTo(whole.clock.now() + 10 * MINUTE);
    service.fateOfPage = async () => failed('signInNeeded');
    await through(whole.worker.watch.run());
    whole.clock.moveTo(whole.clock.now() + 40 * MINUTE);
    await through(whole.worker.watch.run());
    expect(service.requests).toHaveLength(2);
    service.fateOfPage = async () => 'answered';
    await whole.worker.watch.signedIn();
    await through(whole.worker.watch.run());
    expect((await watching())?.last).toMatchObject({ read: 3, whole: true });
  });

  test('asks nothing while the connection’s changes wait, comes back when their time is over, and goes on by itself after a sign-in', async () => {
    const hold = (held: LaneHold) => {
      const lane = { ...FRESH_LANE, hold: held };
      const kept = { connectionId: CONNECTION_ID, lane, claims: {} };
      return createLaneStore(whole.open).write(new Map([[keyOf({ connectionId: CONNECTION_ID, lane: 'one' }), kept]]));
    };
    await hold({ for: 'time', wait: { from: whole.clock.now(), ms: 10 * MINUTE } });
    await firstPass();
    expect(service.requests).toEqual([]);
    expect(device.alarms.get(WATCHING_ALARM)).toEqual({ delayInMinutes: 10 });
    await hold({ for: 'signIn' });
    device.alarms.clear();
    whole.restart();
    await firstPass();
    expect([service.requests, device.alarms.has(WATCHING_ALARM)]).toEqual([[], false]);
    // Whatever else hears of the sign-in: this is the lanes' own word.
    await whole.worker.engine.noteOpen(CONNECTION_ID, { type: 'signedIn', at: whole.clock.now(), person: ADA });
    await vi.waitFor(() => expect(service.requests).toEqual(['list from the start']));
  });

  test('that waits at a connection which is removed wakes the worker no more', async () => {
    const other = anOpenConnection({ id: uuid(7), address: 'https://other.example.com' });
    await set({ watch: 'hour', connections: [connection, other], defaultConnection: CONNECTION_ID });
    service.fateOfPage = async () => failed('busy', 10 * MINUTE);
    await firstPass();
    service.fateOfPage = async () => 'answered';
    await set({ watch: 'hour', connections: [other], defaultConnection: other.id });
    await whole.worker.watch.follow();
    whole.clock.moveTo(whole.clock.now() + 10 * MINUTE);
    await through(whole.worker.watch.run());
    expect((await createWatches(whole.open).read(other.id))?.last).toMatchObject({ whole: true });
    expect(device.alarms.has(WATCHING_ALARM)).toBe(false);
  });

  test('is due at once where the clock was put back, and not twice', async () => {
    await firstPass();
    whole.clock.setBy(-3 * HOUR);
    service.requests.splice(0);
    await through(whole.worker.watch.run());
    await through(whole.worker.watch.run());
    expect(service.requests).toEqual(['list from the start']);
  });

  test('is none where nobody wants to watch; watching that was off begins anew', async () => {
    await firstPass();
    await set({ watch: 'off' });
    await whole.worker.watch.follow();
    service.requests.splice(0);
    await nextPass();
    expect([service.requests, await watching()]).toEqual([[], null]);
    service.write(A, FOREIGN);
    await set({ watch: 'day' });
    await whole.worker.watch.follow();
    await firstPass();
    expect(device.notified).toEqual([]);
    expect(service.requests).toEqual(['list from the start']);
  });
});

describe('a change made elsewhere', () => {
  const read = (id: SubscriptionId) =>
    whole.send('subscription.read', { subscriptionId: id, connectionId: CONNECTION_ID, anew: true }, page);

  test('that a panel or a list meets is told the same way', async () => {
    await read(A);
    service.write(A, FOREIGN);
    await read(A);
    await announced();
    await whole.send('subscriptions.list', { connectionId: CONNECTION_ID, after: null }, list);
    await vi.waitFor(async () => expect(await whole.worker.watch.run()).toBeUndefined());
    service.write(B, WANTED);
    await whole.send('subscriptions.list', { connectionId: CONNECTION_ID, after: null }, list);
    await vi.waitFor(async () => expect(await rows()).toMatchObject([{ target: { id: B } }, { target: { id: A } }]));
  });

  test('is put back by Restore, over the record that the person saw, and is met by that', async () => {
    await read(A);
    service.write(A, FOREIGN);
    await read(A);
    const [row] = await rows();
    if (row === undefined) throw new Error('No row');
    const restore = (id: string, seen: string) => whole.send('change.restore', { id, changeId: row.id, seen }, page);
    expect(await restore(uuid(60), '"1"')).toMatchObject({ answer: { ok: false, problem: 'changedSince' } });
    expect(await restore(uuid(61), row.version ?? '')).toMatchObject({ answer: { ok: true } });
    await vi.waitFor(() => expect(service.recordOf(A).partnerOfRecord).toMatchObject(OLD));
    await announced();
    expect(device.badge.text).toBe('');
    expect(await whole.history.readChange(uuid(61))).toMatchObject({ undoes: row.id, after: OLD });
  });
});
