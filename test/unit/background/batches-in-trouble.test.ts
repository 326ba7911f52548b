import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { CHANGES_ALARM } from '../../../src/background/wakefulness';
import type { BatchOutcome } from '../../../src/domain/batch';
import { WIDEST } from '../../../src/domain/lane';
import type { MessageInput, MessageName } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { ITEMS_IN_PART } from '../../../src/storage/batch-state';
import type { StoredRow } from '../../../src/storage/schema';
import { fingerprintOf, type Principal } from '../../../src/storage/secrets';
import { aConnection, CONNECTION_ID } from '../../support/connections';
import { deferred } from '../../support/deferred';
import { createFakeService, type FakeService, failed } from '../../support/fake-service';
import { OLD, WANTED } from '../../support/partners';
import { createLocks } from '../../support/locks';
import { subscriptionId, uuid } from '../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

const SERVICE_URL = aConnection().address;
const page: VerifiedSender = { kind: 'page', tabId: 3, page: 'subscriptions' };
const ADA: Principal = { kind: 'principal', issuer: SERVICE_URL, principalId: 'ada', name: 'Ada' };
const BEN: Principal = { kind: 'principal', issuer: SERVICE_URL, principalId: 'ben', name: 'Ben' };
/** More than rows are made of at once. */
const MANY = 2 * ITEMS_IN_PART + 30;

let whole: WholeWorker;
let service: FakeService;
let device: ReturnType<typeof createFakeBrowser>;

beforeEach(async () => {
  service = createFakeService();
  device = createFakeBrowser();
  fake.browser = device.browser;
  whole = createWholeWorker(() => service);
  await device.browser.storage.local.set({ connection: aConnection() });
  whole.restart();
  await signIn(ADA);
  await send('partner.check', { partnerId: WANTED.partnerId });
});

afterEach(() => vi.restoreAllMocks());

async function signIn(person: Principal): Promise<void> {
  service.person = person;
  await whole.secrets.saveToken(CONNECTION_ID, 'token', false);
  await whole.secrets.rememberOwner(CONNECTION_ID, await fingerprintOf('token'), person);
}

async function send<N extends MessageName>(name: N, input: MessageInput<N>) {
  const crossing = await whole.send(name, input, page);
  if (!crossing.ok) throw new Error(`${name}: ${JSON.stringify(crossing)}`);
  return crossing.answer;
}

function ask(number: number, count: number) {
  const items = Array.from({ length: count }, (_, i) => ({
    subscriptionId: `s${i}`,
    name: `Subscription s${i}`,
    page: null,
    before: OLD,
    basedOn: service.recordOf(subscriptionId(`s${i}`)).etag,
    after: WANTED.partnerId,
  }));
  return send('batch.ask', { id: uuid(number), connectionId: CONNECTION_ID, kind: 'bulk', items });
}

const progressOf = (number: number) => whole.history.progressOf(uuid(number));

async function ended(number: number): Promise<void> {
  await vi.waitFor(async () => expect(await progressOf(number)).toMatchObject({ ended: true }), {
    timeout: 20_000,
    interval: 20,
  });
}

async function counts(number: number): Promise<Partial<Record<BatchOutcome, number>>> {
  return Object.fromEntries(Object.entries((await progressOf(number))?.counts ?? {}).filter(([, count]) => count > 0));
}

const effects = () => service.effects.length;
const onTheWire = () => vi.waitFor(() => expect(service.requests.length).toBeGreaterThan(0));
const isAlarmSet = async () => (await device.browser.alarms.get(CHANGES_ALARM)) !== undefined;

/** Holds every request until the function answered lets them go. */
function holdRequests(): () => void {
  const gate = deferred();
  service.fateOf = async () => {
    await gate.promise;
    return 'answered';
  };
  return () => gate.resolve();
}

/** From now on no row of a change comes to the disk, until the function answered makes room. */
function fill(): () => void {
  const { add } = IDBObjectStore.prototype;
  const aborted = new WeakSet<IDBTransaction>();
  IDBObjectStore.prototype.add = function (this: IDBObjectStore, ...args: Parameters<typeof add>) {
    const { transaction } = this;
    const { row }: Partial<StoredRow> = args[0];
    if (row?.type === 'change' && !aborted.has(transaction)) {
      aborted.add(transaction);
      queueMicrotask(() => transaction.abort());
    }
    return add.apply(this, args);
  };
  return () => {
    IDBObjectStore.prototype.add = add;
  };
}

describe('A connection that is removed while a batch of it runs', () => {
  const remove = (abandonOpenChanges: boolean) =>
    send('connection.remove', { connectionId: CONNECTION_ID, abandonOpenChanges });

  test('is removed only once all that is left of the batch is given up, which is counted', async () => {
    const letGo = holdRequests();
    await ask(1, MANY);
    await onTheWire();
    expect(await remove(false)).toEqual({ ok: false, problem: 'openChanges', count: MANY });
    letGo();
    await ended(1);
    expect(whole.errors).toEqual([]);
  });

  test('takes with it what no row was made of yet, and nothing of it is ever sent', async () => {
    const letGo = holdRequests();
    await ask(1, MANY);
    await onTheWire();
    expect(await remove(true)).toEqual({ ok: true });
    letGo();
    await whole.worker.engine.run();
    await ended(1);
    const sent = effects();
    expect(sent).toBeLessThanOrEqual(WIDEST);
    await device.browser.storage.local.set({ connection: aConnection() });
    whole.restart();
    await whole.worker.engine.run();
    expect([effects(), await whole.history.openChanges()]).toEqual([sent, []]);
    expect((await counts(1)).open).toBeUndefined();
  });
});

describe('A disk that is full', () => {
  test('when rows are made of a batch leaves the alarm that has them made once there is room', async () => {
    const makeRoom = fill();
    await ask(1, 3);
    await vi.waitFor(() => expect(whole.errors.join()).toContain('A batch stays as it is'));
    await whole.worker.engine.run();
    expect(await counts(1)).toEqual({ open: 3 });
    await vi.waitFor(async () => expect(await isAlarmSet()).toBe(true));
    makeRoom();
    await whole.worker.engine.run();
    await ended(1);
    expect(await counts(1)).toEqual({ done: 3 });
  });

  test('refuses a batch whole', async () => {
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('No room', 'QuotaExceededError');
    });
    expect(await ask(1, 3)).toEqual({ ok: false, problem: 'storageFull' });
    add.mockRestore();
    expect(await progressOf(1)).toBeNull();
    expect(await ask(1, 3)).toMatchObject({ ok: true });
    await ended(1);
  });
});

describe('In the middle of a batch', () => {
  test('Stop ends what has not left, and what no row was made of; Retry asks for none of that', async () => {
    const letGo = holdRequests();
    await ask(1, MANY);
    await onTheWire();
    await send('batch.stop', { batchId: uuid(1) });
    letGo();
    // What was on the wire is found out later.
    await vi.waitFor(async () => expect((await counts(1)).cancelled).toBeGreaterThanOrEqual(MANY - WIDEST));
    const sent = effects();
    expect(sent).toBeLessThanOrEqual(WIDEST);
    expect(await send('batch.retry', { id: uuid(2), batchId: uuid(1) })).toMatchObject({ ok: false });
    whole.restart();
    await whole.worker.engine.run();
    expect(effects()).toBe(sent);
    expect(whole.errors).toEqual([]);
  });

  test('Stop holds though the worker ends as soon as it is written', async () => {
    holdRequests();
    await ask(1, MANY);
    await onTheWire();
    await whole.history.stopBatch(uuid(1), whole.clock.now());
    // Its locks go with it.
    vi.stubGlobal('navigator', { locks: createLocks() });
    service.fateOf = async () => 'answered';
    whole.restart();
    await whole.worker.engine.run();
    expect(effects()).toBeLessThanOrEqual(WIDEST);
    expect((await counts(1)).cancelled).toBeGreaterThanOrEqual(MANY - 2 * ITEMS_IN_PART);
  });

  test('another person’s sign-in sends nothing of what is left, made or not', async () => {
    const letGo = holdRequests();
    await ask(1, MANY);
    await onTheWire();
    await signIn(BEN);
    await whole.worker.engine.noteOpen(CONNECTION_ID, { type: 'signedIn', at: whole.clock.now(), person: BEN });
    letGo();
    await vi.waitFor(() => expect(service.wire.now).toBe(0));
    await whole.worker.engine.run();
    expect([...service.senders.values()].flat().filter((person) => 'name' in person && person.name === 'Ben')).toEqual(
      [],
    );
    expect(effects()).toBeLessThanOrEqual(WIDEST);
    expect(await send('batch.sendAsMe', { batchId: uuid(1), me: 'Ben' })).toEqual({ ok: true });
    await ended(1);
    expect(effects()).toBe(MANY);
    expect(await counts(1)).toEqual({ done: MANY });
  }, 60_000);

  test('Clear history keeps it whole', async () => {
    const letGo = holdRequests();
    await ask(1, MANY);
    await onTheWire();
    await send('history.clear', {});
    expect(await progressOf(1)).toMatchObject({ size: MANY, counts: { open: MANY } });
    letGo();
    await ended(1);
    expect(await counts(1)).toEqual({ done: MANY });
    expect(effects()).toBe(MANY);
  }, 60_000);

  test('a clock that is set back loses nothing and doubles nothing', async () => {
    const letGo = holdRequests();
    await ask(1, MANY);
    await onTheWire();
    whole.clock.moveTo(whole.clock.now() - 3_600_000);
    letGo();
    await ended(1);
    expect(await counts(1)).toEqual({ done: MANY });
    expect(new Set(service.effects).size).toBe(MANY);
    expect(effects()).toBe(MANY);
  }, 60_000);

  test('the same batch asked for again is the same one; another over the same subscriptions skips them', async () => {
    const letGo = holdRequests();
    const [first, second] = await Promise.all([ask(1, MANY), ask(1, MANY)]);
    expect([first, second]).toMatchObject([{ ok: true }, { ok: true }]);
    await onTheWire();
    await ask(2, 100);
    await vi.waitFor(async () => expect(await counts(2)).toEqual({ skipped: 100 }));
    letGo();
    await ended(1);
    expect(effects()).toBe(MANY);
  }, 60_000);
});

test('a wall that a batch met holds none of its rows claimed, and another worker sends none before its time', async () => {
  service.fateOf = async () => failed('busy', 600_000);
  await ask(1, MANY);
  await onTheWire();
  await whole.worker.engine.run();
  const sent = service.requests.length;
  expect(sent).toBeLessThanOrEqual(WIDEST);
  whole.restart();
  await whole.worker.engine.run();
  expect(service.requests.length).toBe(sent);
});
