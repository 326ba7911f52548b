import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import type { BatchOutcome } from '../../../src/domain/batch';
import type { MessageInput, MessageName } from '../../../src/messaging/protocol';
import type { VerifiedSender } from '../../../src/messaging/serve';
import { fingerprintOf, type Principal } from '../../../src/storage/secrets';
import { aConnection, CONNECTION_ID } from '../../support/connections';
import { createFakeService, type FakeService, failed } from '../../support/fake-service';
import { LOOKING } from '../../support/history';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
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

afterEach(() => {
  expect(whole.errors).toEqual([]);
  vi.restoreAllMocks();
});

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

function items(count: number, after: string | null = WANTED.partnerId) {
  return Array.from({ length: count }, (_, i) => ({
    subscriptionId: `s${i}`,
    name: `Subscription s${i}`,
    page: null,
    before: OLD,
    basedOn: service.recordOf(subscriptionId(`s${i}`)).etag,
    after,
  }));
}

function ask(number: number, count: number) {
  return send('batch.ask', { id: uuid(number), connectionId: CONNECTION_ID, kind: 'bulk', items: items(count) });
}

/** Until nothing of it is open. */
async function ended(number: number): Promise<void> {
  await vi.waitFor(async () => expect(await whole.history.progressOf(uuid(number))).toMatchObject({ ended: true }), {
    timeout: 20_000,
    interval: 5,
  });
}

async function counts(number: number): Promise<Partial<Record<BatchOutcome, number>>> {
  const progress = await whole.history.progressOf(uuid(number));
  return Object.fromEntries(Object.entries(progress?.counts ?? {}).filter(([, count]) => count > 0));
}

const holderOf = (id: string) => service.recordOf(subscriptionId(id)).partnerOfRecord?.partnerId;

describe('asking', () => {
  test('for many changes makes each of them once, and asking twice is asking once', async () => {
    expect(await ask(1, 5)).toMatchObject({ ok: true, asked: 5, progress: { size: 5 } });
    expect(await ask(1, 5)).toMatchObject({ ok: true, asked: 5 });
    await ended(1);
    expect(await counts(1)).toEqual({ done: 5 });
    expect(service.effects).toHaveLength(5);
    expect(
      await send('batch.ask', { id: uuid(1), connectionId: CONNECTION_ID, kind: 'bulk', items: items(4) }),
    ).toEqual({
      ok: false,
      problem: 'idUsedOtherwise',
    });
  });

  test('names each Partner ID once whose partner the service has not named', async () => {
    const unknown = [...items(2, FOREIGN.partnerId), ...items(3)];
    const answer = await send('batch.ask', {
      id: uuid(1),
      connectionId: CONNECTION_ID,
      kind: 'import',
      items: unknown,
    });
    expect(answer).toEqual({ ok: false, problem: 'notChecked', partnerIds: [FOREIGN.partnerId] });
    expect(await whole.history.runningBatches()).toEqual([]);
  });

  test('leaves out what is so already, and refuses where nothing is left', async () => {
    const [one, two] = items(2);
    const same = { ...two, before: WANTED } as typeof items extends (...args: never) => (infer I)[] ? I : never;
    const asked = [one, same].flatMap((item) => item ?? []);
    expect(
      await send('batch.ask', { id: uuid(1), connectionId: CONNECTION_ID, kind: 'bulk', items: asked }),
    ).toMatchObject({ ok: true, asked: 1 });
    expect(
      await send('batch.ask', { id: uuid(2), connectionId: CONNECTION_ID, kind: 'bulk', items: asked.slice(1) }),
    ).toEqual({ ok: false, problem: 'nothingToChange', leftOut: [] });
    await ended(1);
  });

  test('of a connection that is not set up is refused', async () => {
    const answer = await send('batch.ask', { id: uuid(1), connectionId: uuid(9), kind: 'bulk', items: items(1) });
    expect(answer).toEqual({ ok: false, problem: 'notConfigured' });
  });
});

describe('Undo', () => {
  test('puts back what nobody has changed since, names the others, and can be undone itself', async () => {
    await ask(1, 3);
    await ended(1);
    service.write(subscriptionId('s1'), FOREIGN);
    await send('subscription.read', { subscriptionId: 's1', anew: true });
    const answer = await send('batch.undo', { id: uuid(2), batchId: uuid(1) });
    expect(answer).toMatchObject({
      ok: true,
      asked: 2,
      leftOut: [{ name: 'Subscription s1', holding: { partnerOfRecord: { partnerId: FOREIGN.partnerId } } }],
    });
    await ended(2);
    expect(['s0', 's1', 's2'].map(holderOf)).toEqual([OLD.partnerId, FOREIGN.partnerId, OLD.partnerId]);
    expect(await send('batch.undo', { id: uuid(3), batchId: uuid(2) })).toMatchObject({ ok: true, asked: 2 });
    await ended(3);
    expect(['s0', 's1', 's2'].map(holderOf)).toEqual([WANTED.partnerId, FOREIGN.partnerId, WANTED.partnerId]);
  });

  test('of a batch that is not there says so', async () => {
    expect(await send('batch.undo', { id: uuid(2), batchId: uuid(1) })).toEqual({ ok: false, problem: 'notThere' });
  });
});

describe('what went wrong', () => {
  test('is asked for again by Retry, and only that', async () => {
    service.fateOf = async ({ target }) =>
      target.kind === 'subscription' && target.id === 's1' ? failed('refused') : 'answered';
    await ask(1, 3);
    await ended(1);
    expect(await counts(1)).toEqual({ done: 2, refused: 1 });
    service.fateOf = async () => 'answered';
    expect(await send('batch.retry', { id: uuid(2), batchId: uuid(1) })).toMatchObject({ ok: true, asked: 1 });
    await ended(2);
    expect(await counts(2)).toEqual({ done: 1 });
    expect(await whole.history.attentionCount()).toBe(0);
  });

  test('calls for nobody any more once it was dismissed, but for its conflicts', async () => {
    const asked = items(4);
    service.write(subscriptionId('s1'), FOREIGN);
    service.fateOf = async ({ target }) =>
      target.kind === 'subscription' && ['s2', 's3'].includes(target.id) ? failed('refused') : 'answered';
    await send('batch.ask', { id: uuid(1), connectionId: CONNECTION_ID, kind: 'bulk', items: asked });
    await ended(1);
    expect(await whole.history.attentionCount()).toBe(3);
    await send('batch.dismiss', { batchId: uuid(1) });
    expect(await whole.history.attentionCount()).toBe(1);
    expect(await counts(1)).toEqual({ done: 1, conflict: 1, refused: 2 });
  });

  test.each([
    ['overwrite', { done: 1, answered: 1 }, WANTED],
    ['keep', { done: 1, answered: 1 }, FOREIGN],
  ] as const)('as a conflict is answered for all at once: %s', async (answer, after, holder) => {
    const asked = items(2);
    service.write(subscriptionId('s1'), FOREIGN);
    await send('batch.ask', { id: uuid(1), connectionId: CONNECTION_ID, kind: 'bulk', items: asked });
    await ended(1);
    expect(await counts(1)).toEqual({ done: 1, conflict: 1 });
    await send('batch.answerConflicts', { id: uuid(2), batchId: uuid(1), answer });
    if (answer === 'overwrite') await ended(2);
    expect(await counts(1)).toEqual(after);
    expect(holderOf('s1')).toBe(holder.partnerId);
    expect(await whole.history.attentionCount()).toBe(0);
  });
});

describe('Stop', () => {
  test('ends what has not left, and sends no more', async () => {
    service.fateOf = async () => failed('busy');
    await ask(1, 6);
    await vi.waitFor(() => expect(service.requests.length).toBeGreaterThan(0));
    await send('batch.stop', { batchId: uuid(1) });
    await whole.worker.engine.run();
    const { members } = await whole.history.outcomesOf(uuid(1), 'cancelled', null, 10, LOOKING);
    expect(members.length).toBeGreaterThan(0);
    expect(service.effects).toEqual([]);
  });
});

describe('another person', () => {
  test('who signed in sends nothing of it, until they choose to send it as their own', async () => {
    service.fateOf = async () => failed('signInNeeded');
    await ask(1, 3);
    await vi.waitFor(() => expect(service.requests.length).toBeGreaterThan(0));
    await whole.worker.engine.run();
    service.fateOf = async () => 'answered';
    await signIn(BEN);
    await whole.worker.engine.noteOpen(CONNECTION_ID, { type: 'signedIn', at: whole.clock.now(), person: BEN });
    await whole.worker.engine.run();
    expect(service.effects).toEqual([]);
    expect(await send('batch.sendAsMe', { batchId: uuid(1), me: 'Ada' })).toEqual({ ok: false, problem: 'otherByNow' });
    expect(await send('batch.sendAsMe', { batchId: uuid(1), me: 'Ben' })).toEqual({ ok: true });
    await ended(1);
    expect(service.effects).toHaveLength(3);
    const { members } = await whole.history.outcomesOf(uuid(1), 'done', null, 10, LOOKING);
    expect(members).toMatchObject(Array(3).fill({ standing: { askedBy: 'Ada', sentAs: 'Ben' } }));
  });

  test('who sends it as their own sends all of it, though some were not tried since they signed in', async () => {
    service.fateOf = async () => failed('busy', 600_000);
    await ask(1, 6);
    await vi.waitFor(() => expect(service.requests.length).toBeGreaterThan(0));
    await whole.worker.engine.run();
    // Nobody knew whose the token is when it was saved: what waits for its time was told of nobody.
    await signIn(BEN);
    expect(await send('batch.sendAsMe', { batchId: uuid(1), me: 'Ben' })).toEqual({ ok: true });
    expect(await whole.history.progressOf(uuid(1))).toMatchObject({ sentAs: BEN });
    service.fateOf = async () => 'answered';
    whole.clock.moveTo(whole.clock.now() + 600_000);
    await whole.worker.engine.run();
    await ended(1);
    const { members } = await whole.history.outcomesOf(uuid(1), 'done', null, 10, LOOKING);
    expect(members).toMatchObject(Array(6).fill({ standing: { askedBy: 'Ada', sentAs: 'Ben' } }));
  });
});

describe('telling', () => {
  test('names the rows that have gone on, with their states, and how far the batch is', async () => {
    await ask(1, 3);
    await ended(1);
    await whole.worker.engine.run();
    await whole.announced();
    const told = whole.broadcasts.flatMap((one) => (one.changed === 'batch' ? [one] : [])).at(-1);
    expect(told).toMatchObject({ progress: { batchId: uuid(1), counts: { done: 3 }, ended: true } });
    expect(told?.rows.find(({ subscriptionId: id }) => id === 's1')).toMatchObject({
      outcome: 'done',
      connectionId: CONNECTION_ID,
      state: { partnerOfRecord: { partnerId: WANTED.partnerId } },
    });
    expect(await whole.history.untold()).toEqual([]);
  });

  test('that a worker had no time for is done by the next, once', async () => {
    await ask(1, 2);
    await ended(1);
    await whole.worker.engine.run();
    expect(await whole.history.untold()).toEqual([uuid(1)]);
    whole.restart();
    await whole.worker.tellUntold();
    await whole.announced();
    expect(await whole.history.untold()).toEqual([]);
  });
});
