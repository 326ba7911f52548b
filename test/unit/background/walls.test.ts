import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Backend, BackendError } from '../../../src/backends/backend';
import type { Change } from '../../../src/domain/change';
import { WIDEST } from '../../../src/domain/lane';
import { aBatch, itemsOf } from '../../support/batches';
import { aChange } from '../../support/changes';
import { HOUR, MINUTE, START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { deferred } from '../../support/deferred';
import { createFakeService, failed, type Fate } from '../../support/fake-service';
import { ADA } from '../../support/persons';
import { subscriptionId, TARGET, uuid } from '../../support/targets';
import { type Browser, createBrowser } from './worker-life';

const MANY = 40;
const WALL_MS = 10 * MINUTE;
const OTHER_CONNECTION = uuid(77);

let browser: Browser;

beforeEach(() => {
  browser = createBrowser();
});

function change(number: number, connectionId = CONNECTION_ID): Change {
  return aChange({
    id: uuid(number),
    target: { ...TARGET, connectionId, id: subscriptionId(`subscription-${number}`) },
  });
}

/** Changes that are written, and that no worker has taken up yet. */
async function leaveMany(from = 1, connectionId = CONNECTION_ID): Promise<void> {
  for (let number = from; number < from + MANY; number += 1)
    await browser.history.insertChange(change(number, connectionId), null);
}

const open = async () => (await browser.history.openChanges()).length;
/** Of how many changes a request may leave, or may have left, without their rows' saying so. */
async function claimed(): Promise<number> {
  const lanes = [...(await browser.lanes.read()).values()];
  const claims = new Map(lanes.flatMap((lane) => Object.entries(lane.claims)));
  return (await browser.history.openChanges()).filter(
    ({ id, life }) => life.attempts <= (claims.get(id)?.attempts ?? -1),
  ).length;
}
const sent = () => browser.service.requests.length;

describe.each<[string, () => BackendError, () => Promise<unknown>]>([
  ['A wall of 429 with Retry-After', () => failed('busy', WALL_MS), async () => browser.clock.moveTo(START + WALL_MS)],
  [
    'A wall of 503 with Retry-After',
    () => failed('serverError', WALL_MS),
    async () => browser.clock.moveTo(START + WALL_MS),
  ],
  ['A wall of 401', () => failed('signInNeeded'), async () => undefined],
])('%s', (what, refusal, comeToAnEnd) => {
  const isSignIn = what.includes('401');

  /** The time is up, or somebody signs in. */
  async function end(engine: ReturnType<Browser['startWorker']>['engine']): Promise<void> {
    await comeToAnEnd();
    if (isSignIn) await engine.noteOpen(CONNECTION_ID, { type: 'signedIn', at: browser.clock.now(), person: ADA });
  }

  test('meets one lane’s width of requests, then one, and lets all go on once that is answered', async () => {
    let fate: Fate = refusal();
    browser.service.fateOf = async () => fate;
    await leaveMany();
    const { engine } = browser.startWorker();
    await engine.run();
    expect(sent()).toBeLessThanOrEqual(WIDEST);
    // Nothing of what stands behind it is left claimed, or was rewritten.
    expect([await claimed(), await open()]).toEqual([0, MANY]);
    const before = sent();
    await end(engine);
    await engine.run();
    expect(sent()).toBe(before + 1);
    fate = 'answered';
    browser.clock.moveTo(START + 2 * WALL_MS);
    await end(engine);
    browser.clock.moveTo(START + 3 * WALL_MS);
    await engine.run();
    await vi.waitFor(async () => expect(await open()).toBe(0));
    expect(new Set(browser.service.effects).size).toBe(MANY);
  });

  test('meets no more from workers that are started one after the other meanwhile', async () => {
    browser.service.fateOf = async () => refusal();
    await leaveMany();
    for (let life = 0; life < 5; life += 1) {
      const worker = browser.startWorker();
      await worker.engine.run();
      browser.clock.moveTo(browser.clock.now() + MINUTE / 2);
      await worker.engine.run();
      worker.die();
    }
    expect(sent()).toBeLessThanOrEqual(WIDEST);
  });

  test('meets one more of a person who wants that one now', async () => {
    browser.service.fateOf = async () => refusal();
    await leaveMany();
    const { engine } = browser.startWorker();
    await engine.run();
    const before = sent();
    await engine.note(uuid(MANY), { type: 'tryNow', at: browser.clock.now() });
    await engine.run();
    expect(browser.service.requests.slice(before)).toEqual([`apply ${uuid(MANY)}`]);
  });

  test('holds up neither another connection nor another lane of the same', async () => {
    const isBehind = (id: string) => Number(id.slice(-3)) > MANY && Number(id.slice(-3)) <= 2 * MANY;
    browser.service.fateOf = async ({ id }) => (isBehind(id) ? refusal() : 'answered');
    const backend: Backend = {
      ...browser.service,
      lane: (target) =>
        target.kind === 'subscription' && Number(target.id.replace('subscription-', '')) > MANY ? 'second' : 'first',
    };
    await leaveMany(1);
    await leaveMany(MANY + 1);
    await leaveMany(2 * MANY + 1, OTHER_CONNECTION);
    const { engine } = browser.startWorker({ backendFor: async () => backend });
    await engine.run();
    expect(new Set(browser.service.effects).size).toBe(2 * MANY);
    expect(await open()).toBe(MANY);
  });
});

describe.each<[string, () => BackendError]>([
  ['429 with Retry-After', () => failed('busy', WALL_MS)],
  ['401', () => failed('signInNeeded')],
])('5,000 changes of one batch into a wall of %s', (what, refusal) => {
  const LARGE = 5000;
  const BATCH = 90_000;
  const items = itemsOf(LARGE);
  const batch = aBatch(BATCH, items, { person: ADA });
  const LIVES = 20;
  const LIFE_MS = WALL_MS / LIVES;

  test('send one lane’s width of requests at most, by workers that are killed every 30 s, while another connection goes on', async () => {
    const others = createFakeService();
    const backendFor = async (connectionId: string) => (connectionId === OTHER_CONNECTION ? others : browser.service);
    browser.service.fateOf = async () => refusal();
    expect(await browser.history.acceptBatch(batch, items)).toBe('accepted');
    for (let life = 0; life < LIVES; life += 1) {
      const worker = browser.startWorker({ backendFor });
      await leaveMany(20_000 + life * MANY, OTHER_CONNECTION);
      await worker.engine.run();
      browser.clock.moveTo(START + (life + 1) * LIFE_MS - 1);
      await worker.engine.run();
      worker.die();
    }
    expect(sent()).toBe(WIDEST);
    expect(new Set(others.effects).size).toBe(LIVES * MANY);
    expect(await browser.history.progressOf(batch.id)).toMatchObject({ ended: false, counts: { open: LARGE } });
    // The first worker after it begins with one.
    const before = sent();
    browser.clock.moveTo(START + 2 * WALL_MS);
    const { engine } = browser.startWorker({ backendFor });
    if (what === '401')
      await engine.noteOpen(CONNECTION_ID, { type: 'signedIn', at: browser.clock.now(), person: ADA });
    await engine.run();
    expect(sent()).toBe(before + 1);
  });

  test('begin with one where a killed worker had some on the wire whose answers it never saw', async () => {
    browser.service.fateOf = () => new Promise(() => undefined);
    await browser.history.acceptBatch(batch, items);
    const worker = browser.startWorker();
    void worker.engine.run();
    await vi.waitFor(() => expect(sent()).toBe(WIDEST));
    worker.die();
    browser.service.fateOf = async () => refusal();
    for (let life = 0; life < LIVES; life += 1) {
      const next = browser.startWorker();
      await next.engine.run();
      browser.clock.moveTo(browser.clock.now() + LIFE_MS - 1);
      next.die();
    }
    expect(sent()).toBe(WIDEST + 1);
  });
});

test('Requests that nobody answers go one at a time, later and later, and all go on once one is answered', async () => {
  browser.service.fateOf = async () => failed('noAnswer');
  await leaveMany();
  const { engine } = browser.startWorker();
  await engine.run();
  expect(sent()).toBeLessThanOrEqual(WIDEST);
  for (let minute = 1; minute <= 10; minute += 1) {
    const before = sent();
    browser.clock.moveTo(START + minute * MINUTE);
    await engine.run();
    expect(sent() - before).toBeLessThanOrEqual(1);
  }
  browser.service.fateOf = async () => 'answered';
  for (let minute = 11; (await open()) > 0 && minute < 40; minute += 1) {
    browser.clock.moveTo(START + minute * MINUTE);
    await engine.run();
  }
  expect(new Set(browser.service.effects).size).toBe(MANY);
});

test('A lane that waits for a sign-in waits no more once nothing of it is open: what is asked for next is tried', async () => {
  browser.service.fateOf = async () => failed('signInNeeded');
  await leaveMany();
  const { engine } = browser.startWorker();
  await engine.run();
  expect(await engine.holdOf(CONNECTION_ID)).toEqual({ for: 'signIn' });
  for (const { id } of await browser.history.openChanges())
    await engine.note(id, { type: 'stopAsked', at: browser.clock.now() });
  browser.clock.moveTo(START + HOUR);
  await engine.run();
  await vi.waitFor(async () => expect(await open()).toBe(0));
  await vi.waitFor(async () => expect(await engine.holdOf(CONNECTION_ID)).toBeNull());
  browser.service.fateOf = async () => 'answered';
  await engine.ask(change(2 * MANY), null);
  await engine.run();
  expect(browser.service.effects).toEqual([uuid(2 * MANY)]);
});

describe('A lane that waits for a sign-in', () => {
  const signedIn = () => ({ type: 'signedIn', at: browser.clock.now(), person: ADA }) as const;

  /** Whether the lane waits for a sign-in, and a change says so. */
  async function isAskedFor(engine: ReturnType<Browser['startWorker']>['engine']): Promise<boolean> {
    const changes = await browser.history.openChanges();
    const isSaid = changes.some(({ life }) => life.state === 'waiting' && life.for === 'signIn');
    return isSaid && (await engine.holdOf(CONNECTION_ID))?.for === 'signIn';
  }

  test.each(['before', 'after'] as const)(
    'has somebody asked for it by one more request at most, %s whichever step of its work and of a sign-in the last worker ended',
    async (when) => {
      let [step, hasDied] = [0, true];
      while (hasDied) {
        step += 1;
        browser = createBrowser();
        browser.service.fateOf = async () => failed('signInNeeded');
        for (let number = 1; number <= 6; number += 1) await browser.history.insertChange(change(number), null);
        const first = browser.startWorker({}, { step, when });
        const over = vi.waitFor(() => expect(first.isOver()).toBe(true), { timeout: 60_000, interval: 1 });
        await Promise.race([over, first.engine.run()]);
        if (!first.isOver()) await Promise.race([over, first.engine.noteOpen(CONNECTION_ID, signedIn())]);
        if (!first.isOver()) await Promise.race([over, first.engine.run()]);
        hasDied = first.isOver();
        first.die();
        await over;

        const before = sent();
        const { engine } = browser.startWorker();
        await engine.run();
        expect({ step, isAskedFor: await isAskedFor(engine) }).toEqual({ step, isAskedFor: true });
        expect(sent() - before).toBeLessThanOrEqual(before === 0 ? WIDEST : 1);
      }
      expect(step).toBeGreaterThan(10);
    },
  );

  test('has somebody asked for it at the next look around after the disk took no word of it, while another connection is busy', async () => {
    let isFull = true;
    const applyEvents: typeof browser.history.applyEvents = async (happened) => {
      if (isFull && happened.some(({ events }) => events.some(({ type }) => type === 'failed')))
        throw new Error('The disk is full');
      return browser.history.applyEvents(happened);
    };
    const busy = createFakeService();
    busy.fateOf = () => new Promise(() => undefined);
    browser.service.fateOf = async () => failed('signInNeeded');
    await leaveMany();
    await browser.history.insertChange(change(3 * MANY, OTHER_CONNECTION), null);
    const { engine } = browser.startWorker({
      history: { ...browser.history, applyEvents },
      backendFor: async (connectionId) => (connectionId === OTHER_CONNECTION ? busy : browser.service),
    });
    void engine.run();
    await vi.waitFor(() => expect(browser.errors).toHaveLength(WIDEST));
    expect(await isAskedFor(engine)).toBe(false);
    isFull = false;
    const before = sent();
    void engine.run();
    await vi.waitFor(async () => expect(await isAskedFor(engine)).toBe(true));
    expect(sent()).toBe(before + 1);
  });
});

describe('What is claimed ahead', () => {
  /** Four on the wire whose answers never come, and the next ones claimed. */
  async function withClaims(replay: Change['replay'] = 'key') {
    browser.service.fateOf = () => new Promise(() => undefined);
    for (let number = 1; number <= MANY; number += 1)
      await browser.history.insertChange({ ...change(number), replay }, null);
    const worker = browser.startWorker();
    void worker.engine.run();
    await vi.waitFor(async () => expect([sent(), await claimed()]).toEqual([WIDEST, 36]));
    return worker;
  }

  test('counts as what may have left once its worker has ended: one goes first, and each gets there once', async () => {
    const worker = await withClaims();
    worker.die();
    const before = sent();
    let answerFirst = (): void => undefined;
    browser.service.fateOf = () =>
      new Promise((resolve) => {
        answerFirst = () => resolve('answered');
      });
    const { engine } = browser.startWorker();
    const run = engine.run();
    await vi.waitFor(() => expect(sent()).toBe(before + 1));
    const lives = (await browser.history.openChanges()).map(({ life }) => life.state === 'waiting' && life.lastFailure);
    expect(lives.filter((failure) => failure !== false && failure?.reason === 'interrupted').length).toBeGreaterThan(8);
    browser.service.fateOf = async () => 'answered';
    answerFirst();
    await run;
    await vi.waitFor(async () => expect(await open()).toBe(0));
    expect(new Set(browser.service.effects).size).toBe(MANY);
    expect(browser.service.effects).toHaveLength(MANY);
  });

  test('is stopped before it leaves, at once and without a request', async () => {
    const { engine } = await withClaims();
    const onTheWire = browser.service.requests.map((request) => request.replace('apply ', ''));
    const ids = [...(await browser.lanes.read()).values()].flatMap(({ claims }) => Object.keys(claims));
    const first = ids.find((id) => !onTheWire.includes(id));
    if (first === undefined) throw new Error('Nothing is claimed');
    const stopped = await engine.note(first, { type: 'stopAsked', at: START + HOUR });
    expect(stopped?.life).toMatchObject({ state: 'cancelled', attempts: 0 });
    expect(sent()).toBe(WIDEST);
  });

  test.each([
    ['the first of two has', [0, 2]],
    ['the second of two has', [2, 0]],
    ['two of three have', [0, 2, 0]],
  ])('is no more of a batch while several things are noted of all of it, when %s ended', async (_which, lengths) => {
    const items = itemsOf(100);
    const batch = aBatch(90_000, items, { person: ADA });
    await browser.history.acceptBatch(batch, items);
    const answers = deferred();
    browser.service.fateOf = async () => {
      await answers.promise;
      return 'answered';
    };
    const claimedIds = async () =>
      [...(await browser.lanes.read()).values()].flatMap(({ claims }) => Object.keys(claims)).sort();
    const firstPage = deferred();
    let claimedMeanwhile: readonly string[] = [];
    const left = [...lengths];
    const applyToBatch: typeof browser.history.applyToBatch = async function* () {
      if (left.shift() === 0) return;
      await firstPage.promise;
      yield [];
      claimedMeanwhile = await claimedIds();
      yield [];
    };
    const { engine } = browser.startWorker({ history: { ...browser.history, applyToBatch } });
    void engine.run();
    await vi.waitFor(async () => expect([sent(), await claimed()]).toEqual([WIDEST, 36]));
    const claimedBefore = await claimedIds();

    const notes = lengths.map(() => engine.noteBatch(batch.id, 'open', { type: 'seen' }));
    answers.resolve();
    await vi.waitFor(() => expect(sent()).toBe(36));
    firstPage.resolve();
    await Promise.all(notes);
    expect(claimedMeanwhile).toEqual(claimedBefore);
    const done = async () => (await browser.history.progressOf(batch.id))?.counts.done;
    await vi.waitFor(async () => expect(await done()).toBe(100));
  });
});
