import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import { type CheckRunner, type CheckRunnerParts, createCheckRunner } from '../../../src/background/check-runner';
import { CHECKS_AT_ONCE, type CheckRun } from '../../../src/domain/check-run';
import type { HistoryRow } from '../../../src/domain/history';
import type { PartnerId } from '../../../src/domain/partner';
import type { Connection } from '../../../src/domain/connection';
import { readCheckRun } from '../../../src/storage/check-run';
import { createDatabase, StorageFull } from '../../../src/storage/database';
import { createHistory, type History } from '../../../src/storage/history';
import { createClock, type HandClock, MINUTE, SECOND, START } from '../../support/clock';
import { anOpenConnection, CONNECTION_ID } from '../../support/connections';
import { LOOKING } from '../../support/history';
import { partner } from '../../support/partners';
import { uuid } from '../../support/targets';
import { createFakeBrowser } from '../../support/worker-browser';
import { createFakeService, type FakeService, failed } from '../../support/fake-service';
import { createLocks } from '../../support/locks';
import { createLife, type DeathMoment, type Step } from './worker-life';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

let device: ReturnType<typeof createFakeBrowser>;
let clock: HandClock;
let locks: ReturnType<typeof createLocks>;
let service: FakeService;
let history: History;
let connection: Connection;
let alarm: boolean;
let errors: string[];
/** Each ID that was asked for, in order. */
let asked: string[];
/** How the service answers; a gate or a failure in its place. */
let answer: (partnerId: PartnerId) => Promise<void>;
/** How many requests are on the wire, and were at most. */
let wire: { now: number; most: number };
/** What `storage.session` does with each write. */
let writes: (entries: Record<string, unknown>) => Promise<void>;

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  locks = createLocks();
  vi.stubGlobal('navigator', { locks });
  device = createFakeBrowser();
  writes = async () => undefined;
  clock = createClock(START);
  history = createHistory(createDatabase(() => undefined));
  connection = anOpenConnection();
  alarm = false;
  errors = [];
  asked = [];
  wire = { now: 0, most: 0 };
  answer = async () => undefined;
  service = createFakeService();
  service.checkPartner = async (partnerId) => {
    asked.push(partnerId);
    wire.now += 1;
    wire.most = Math.max(wire.most, wire.now);
    try {
      await answer(partnerId);
      return { partner: partner(partnerId) };
    } finally {
      wire.now -= 1;
    }
  };
});

/** A worker over what the one before has stored. It dies at the moment given. */
function startWorker(death?: DeathMoment, overrides: Partial<CheckRunnerParts> = {}) {
  const life = createLife(death, () => {
    clock.forget();
    locks.drop();
  });
  const { step } = life;
  const { session } = device.browser.storage;
  fake.browser = {
    ...device.browser,
    storage: { ...device.browser.storage, session: mortalArea(session, step) },
  };
  const parts: CheckRunnerParts = {
    history: { addChecks: step(history.addChecks) },
    current: step(async () => ({
      connection,
      backend: { ...service, checkPartner: step((id, signal) => service.checkPartner(id, signal)) },
    })),
    wakefulness: {
      workOpen: step(async () => {
        alarm = true;
      }),
      allEnded: step(async () => {
        alarm = false;
      }),
      onTheWire: () => undefined,
    },
    clock,
    log: { info: () => undefined, error: (sentence, cause) => void errors.push(`${sentence}: ${String(cause)}`) },
    onHistory: () => undefined,
    ...overrides,
  };
  return { checks: createCheckRunner(parts), die: life.end, isOver: life.isOver };
}

function mortalArea(area: ReturnType<typeof createFakeBrowser>['browser']['storage']['session'], step: Step) {
  return {
    ...area,
    get: step(area.get),
    set: step(async (entries: Record<string, unknown>) => {
      await writes(entries);
      await area.set(entries);
    }),
    remove: step(area.remove),
  };
}

const typedIds = (count: number) => Array.from({ length: count }, (_, index) => String(100_000 + index));

/** The run as it is kept, for whoever looks. */
async function kept(): Promise<CheckRun> {
  fake.browser = device.browser;
  const run = await readCheckRun();
  if (run === null) throw new Error('No run is kept');
  return run;
}

const answered = (run: CheckRun) => run.results.map(({ partnerId }) => partnerId).toSorted();

async function checkRows(): Promise<string[]> {
  const rows: string[] = [];
  for await (const row of history.all({}, LOOKING)) rows.push(inRow(row));
  return rows.toSorted();
}
function inRow(row: Pick<HistoryRow, 'type'> & { readonly check?: { readonly partnerId: string } }): string {
  return row.check?.partnerId ?? row.type;
}

function until(holds: () => unknown): Promise<void> {
  return vi.waitFor(async () => expect(await holds()).toBe(true), { interval: 1 });
}

const busy = (retryAfterMs: number | null) => new BackendError({ reason: 'busy', status: 429 }, { retryAfterMs });

async function startRun(checks: CheckRunner, typed: readonly string[], id = uuid(1)): Promise<void> {
  expect(await checks.start(id, typed.join('\n'))).toBe('started');
}

describe('A run of checks', () => {
  test('asks for each ID once, five at a time, and keeps what was answered with a row for each', async () => {
    const { checks } = startWorker();
    const ids = typedIds(40);
    await startRun(checks, [...ids, ...ids, 'abc']);
    await checks.run();
    const run = await kept();
    expect(run).toMatchObject({ state: 'done', connectionId: CONNECTION_ID, failure: null });
    expect(asked.toSorted()).toEqual(ids);
    expect(answered(run)).toEqual(ids);
    expect(run.results.every(({ recorded }) => recorded)).toBe(true);
    expect(await checkRows()).toEqual(ids);
    expect(wire.most).toBe(CHECKS_AT_ONCE);
    expect(alarm).toBe(false);
    expect(errors).toEqual([]);
  });

  test('keeps what was asked for before any request leaves, and an answer before the next one does', async () => {
    const { checks } = startWorker();
    const keptAtRequest: number[] = [];
    answer = async () => {
      keptAtRequest.push(resultsIn(Object.fromEntries(device.session)));
    };
    await startRun(checks, typedIds(20));
    await checks.run();
    expect(keptAtRequest.slice(0, CHECKS_AT_ONCE)).toEqual(Array(CHECKS_AT_ONCE).fill(0));
    for (const [index, results] of keptAtRequest.entries()) {
      expect(results).toBeGreaterThan(index - CHECKS_AT_ONCE);
    }
  });

  test('that is asked for twice is begun once', async () => {
    const { checks } = startWorker();
    await startRun(checks, ['123456']);
    await checks.run();
    await startRun(checks, ['123456']);
    await checks.run();
    expect(asked).toEqual(['123456']);
  });

  test('makes way for another one, and late answers to it are dropped', async () => {
    const { checks } = startWorker();
    let late: () => void = () => undefined;
    answer = (id) => (id === '123456' ? new Promise((resolve) => (late = resolve)) : Promise.resolve());
    await startRun(checks, ['123456']);
    await until(() => asked.length === 1);
    await startRun(checks, ['234567'], uuid(2));
    late();
    await checks.run();
    expect(await kept()).toMatchObject({ id: uuid(2), state: 'done' });
    expect(answered(await kept())).toEqual(['234567']);
    expect(await checkRows()).toEqual(['234567']);
  });

  test.each(['another one', 'none'])(
    'makes way for %s: what was answered until then is in the history',
    async (next) => {
      let open: () => void = () => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const { checks } = startWorker(undefined, {
        history: {
          addChecks: async (rows) => {
            await opened;
            await history.addChecks(rows);
          },
        },
      });
      const ids = typedIds(20);
      answer = (id) => (id === ids.at(-1) ? new Promise(() => undefined) : Promise.resolve());
      await startRun(checks, ids);
      await until(async () => (await kept()).results.length === ids.length - 1);
      const replaced = next === 'none' ? checks.clear() : startRun(checks, ['234567'], uuid(2));
      open();
      await replaced;
      await checks.run();
      const others = ids.slice(0, -1);
      expect(await checkRows()).toEqual((next === 'none' ? others : [...others, '234567']).toSorted());
    },
  );

  test('leaves nothing behind of a longer one before', async () => {
    const { checks } = startWorker();
    await startRun(checks, typedIds(90));
    await checks.run();
    await startRun(checks, ['234567'], uuid(2));
    await checks.run();
    expect(resultsIn(Object.fromEntries(device.session))).toBe(1);
  });

  test('of a text without an ID is done at once', async () => {
    const { checks } = startWorker();
    await startRun(checks, ['abc', '12']);
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done', results: [] });
    expect(alarm).toBe(false);
  });

  test('is not begun where no connection is configured', async () => {
    const { checks } = startWorker(undefined, { current: async () => null });
    expect(await checks.start(uuid(1), '123456')).toBe('notConfigured');
    expect(device.session.size).toBe(0);
  });

  test('that is stopped asks for nothing more, keeps what was on the wire, and goes on with the rest when asked', async () => {
    const { checks } = startWorker();
    const gates: (() => void)[] = [];
    answer = () => new Promise((resolve) => gates.push(resolve));
    const ids = typedIds(12);
    await startRun(checks, ids);
    await until(() => asked.length === CHECKS_AT_ONCE);
    await checks.stop();
    for (const open of gates.splice(0)) open();
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'stopped' });
    expect((await kept()).results).toHaveLength(CHECKS_AT_ONCE);
    expect(alarm).toBe(false);
    answer = async () => undefined;
    await checks.resume();
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done' });
    expect(asked.toSorted()).toEqual(ids);
  });

  test('that is cleared is forgotten, and its rows stay', async () => {
    const { checks } = startWorker();
    await startRun(checks, ['123456']);
    await checks.run();
    await checks.clear();
    await checks.run();
    expect(device.session.size).toBe(0);
    expect(await checkRows()).toEqual(['123456']);
  });

  test('tells what each answer said', async () => {
    const { checks } = startWorker();
    const fates: Record<string, BackendError> = {
      '100001': new BackendError({ reason: 'refused', status: 404, code: 'PartnerNotFound' }),
      '100002': new BackendError({ reason: 'unreadable', detail: { code: 'fieldUnreadable', field: 'name' } }),
      '100003': new BackendError({ reason: 'refused', status: 400, code: 'InvalidPartnerId' }),
    };
    answer = async (id) => {
      const fate = fates[id];
      if (fate !== undefined) throw fate;
    };
    await startRun(checks, typedIds(4));
    await checks.run();
    const { state, results } = await kept();
    expect(state).toBe('done');
    expect(Object.fromEntries(results.map(({ partnerId, outcome }) => [partnerId, outcome.kind]))).toEqual({
      '100000': 'found',
      '100001': 'unknownPartner',
      '100002': 'failed',
      '100003': 'failed',
    });
    expect(await checkRows()).toEqual(typedIds(4));
  });
});

describe('A worker that dies', () => {
  const ids = typedIds(9);

  test('at any step leaves a run that the next one ends: nothing that was kept is asked again, no row is there twice', async () => {
    let died = 0;
    for (let at = 1; ; at += 1) {
      let reached = false;
      for (const when of ['before', 'after'] as const) {
        vi.stubGlobal('indexedDB', new IDBFactory());
        history = createHistory(createDatabase(() => undefined));
        device = createFakeBrowser();
        asked = [];
        alarm = false;
        const first = startWorker({ step: at, when });
        void first.checks.start(uuid(1), ids.join(' '));
        await until(async () => {
          // Whether it has died or come to its end.
          if (first.isOver()) return true;
          const progress = device.session.get('checkRun') as { state: string } | undefined;
          return progress?.state === 'done' && !alarm;
        });
        if (!first.isOver()) continue;
        reached = true;
        died += 1;
        fake.browser = device.browser;
        const left = await readCheckRun();
        const before = [...asked];
        // Nothing was promised before the page's message was answered; the page asks again.
        if (left !== null && left.state === 'running') expect(alarm).toBe(true);
        const second = startWorker();
        await second.checks.start(uuid(1), ids.join(' '));
        await second.checks.run();
        const run = await kept();
        expect(run.state).toBe('done');
        expect(answered(run)).toEqual(ids);
        expect(await checkRows()).toEqual(ids);
        const again = asked.slice(before.length);
        expect(again.filter((id) => left?.results.some(({ partnerId }) => partnerId === id))).toEqual([]);
        expect(again.filter((id) => before.includes(id)).length).toBeLessThanOrEqual(CHECKS_AT_ONCE);
        expect(alarm).toBe(false);
      }
      if (!reached) break;
    }
    expect(died).toBeGreaterThan(40);
  });

  test('while it waits for a busy service sends no more before the time is up', async () => {
    const first = startWorker();
    let refusals = 1;
    answer = async () => {
      if (refusals-- > 0) throw busy(20 * SECOND);
    };
    await startRun(first.checks, ['123456']);
    await until(() => clock.pending() === 1);
    first.die();
    const second = startWorker();
    void second.checks.run();
    await until(() => clock.pending() === 1);
    expect(asked).toHaveLength(1);
    clock.moveTo(START + 20 * SECOND);
    await second.checks.run();
    expect(asked).toHaveLength(2);
    expect(await kept()).toMatchObject({ state: 'done', failure: null });
  });
});

describe('A clock that is set while a run waits', () => {
  const DAY = 24 * 60 * MINUTE;

  /** A run that waits a minute for a service that was busy once. */
  async function waitingRun() {
    let refusals = 1;
    answer = async () => {
      if (refusals-- > 0) throw busy(MINUTE);
    };
    const worker = startWorker();
    await startRun(worker.checks, ['123456']);
    await until(() => clock.pending() === 1);
    return worker;
  }

  test.each([
    ['ahead', DAY],
    ['back', -DAY],
  ])('%s makes the worker that waits wait no longer than the service asked', async (_where, by) => {
    const { checks } = await waitingRun();
    clock.setBy(by);
    clock.moveTo(clock.now() + MINUTE);
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done', failure: null });
  });

  test('back makes the next worker go on at once, not after the time put back', async () => {
    (await waitingRun()).die();
    clock.setBy(-DAY);
    await startWorker().checks.run();
    expect(await kept()).toMatchObject({ state: 'done', failure: null });
  });
});

describe('A service that is too busy', () => {
  test('is left alone as long as it asks, then met with one request first, then more', async () => {
    const { checks } = startWorker();
    const ids = typedIds(30);
    let answers = 0;
    answer = async () => {
      answers += 1;
      if (answers > 10 && answers <= 15) throw busy(MINUTE);
    };
    await startRun(checks, ids);
    await until(() => clock.pending() === 1);
    const before = asked.length;
    expect(await kept()).toMatchObject({ state: 'running', failure: { reason: 'busy' }, misses: 1 });
    clock.moveTo(START + MINUTE - 1);
    expect(asked).toHaveLength(before);
    wire.most = 0;
    let first: () => void = () => undefined;
    answer = () => new Promise((resolve) => (first = resolve));
    clock.moveTo(START + MINUTE);
    await until(() => asked.length === before + 1);
    expect(wire.most).toBe(1);
    answer = async () => undefined;
    first();
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done', failure: null });
    expect(new Set(asked)).toEqual(new Set(ids));
    // Those that were refused are the only ones asked twice.
    expect(asked).toHaveLength(ids.length + 5);
    expect(await checkRows()).toEqual(ids);
  });

  test('that asks for more than ten minutes is not waited for: the run pauses and says why', async () => {
    const { checks } = startWorker();
    answer = async (id) => {
      if (id === '100003') throw busy(HOUR_AND_MORE);
    };
    await startRun(checks, typedIds(5));
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'paused', failure: { reason: 'busy' } });
    expect(alarm).toBe(false);
    expect(clock.pending()).toBe(0);
    answer = async () => undefined;
    await checks.resume();
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done' });
  });
  const HOUR_AND_MORE = 61 * MINUTE;
});

describe('A service that does not answer', () => {
  test('is asked again, later and later, and then no more: the run pauses with what it has, a row for what was asked', async () => {
    const { checks } = startWorker();
    const lost = new Set(['100002', '100007']);
    answer = async (id) => {
      if (lost.has(id)) throw failed('noAnswer');
    };
    const ids = typedIds(10);
    await startRun(checks, ids);
    const waits: number[] = [];
    for (;;) {
      await until(async () => clock.pending() === 1 || (await kept()).state === 'paused');
      const { state, hold } = await kept();
      if (state === 'paused') break;
      waits.push(hold?.forMs ?? 0);
      clock.moveTo(clock.now() + (hold?.forMs ?? 0));
      await until(async () => clock.pending() === 1 || (await kept()).state === 'paused');
      if (waits.length > 20) break;
    }
    await checks.run();
    const run = await kept();
    expect(run).toMatchObject({ state: 'paused', failure: { reason: 'noAnswer' } });
    // All others were asked once.
    expect(asked.filter((id) => !lost.has(id)).toSorted()).toEqual(ids.filter((id) => !lost.has(id)));
    expect(waits.at(-1)).toBe(8 * SECOND);
    expect(await checkRows()).toEqual(ids);
    lost.clear();
    await checks.resume();
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done', failure: null });
    expect((await kept()).results.every(({ outcome }) => outcome.kind === 'found')).toBe(true);
  });
});

describe('A sign-in that is needed in the middle', () => {
  test('pauses the run, keeps what came, and is taken up by itself once somebody has signed in', async () => {
    const { checks } = startWorker();
    let isSignedIn = true;
    answer = async () => {
      if (asked.length > 7) isSignedIn = false;
      if (!isSignedIn) throw new BackendError({ reason: 'signInNeeded', status: 401 });
    };
    const ids = typedIds(20);
    await startRun(checks, ids);
    await checks.run();
    const paused = await kept();
    expect(paused).toMatchObject({ state: 'paused', failure: { reason: 'signInNeeded', status: 401 } });
    expect(asked.length).toBeLessThanOrEqual(7 + CHECKS_AT_ONCE);
    expect(alarm).toBe(false);
    answer = async () => undefined;
    await checks.signedIn();
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done' });
    const cameBefore = paused.results
      .filter(({ outcome }) => outcome.kind === 'found')
      .map(({ partnerId }) => partnerId);
    for (const id of cameBefore) expect(asked.filter((one) => one === id)).toHaveLength(1);
  });

  test('is not taken up by a sign-in when the person stopped it', async () => {
    const { checks } = startWorker();
    answer = async () => {
      throw new BackendError({ reason: 'signInNeeded', status: 401 });
    };
    await startRun(checks, ['123456', '234567']);
    await checks.run();
    await checks.clear();
    await checks.signedIn();
    await checks.run();
    expect(asked.length).toBeLessThanOrEqual(2);
    expect(device.session.size).toBe(0);
  });
});

describe('A connection that is another by now', () => {
  test('is never asked for the IDs of the one before', async () => {
    const { checks } = startWorker();
    answer = async () => {
      connection = { ...connection, id: uuid(9) };
      await device.browser.storage.local.set({ connection });
    };
    await startRun(checks, typedIds(12));
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'paused', failure: { reason: 'connectionChanged' } });
    expect(asked.length).toBeLessThanOrEqual(CHECKS_AT_ONCE);
  });
});

describe('A browser without room', () => {
  const quota = () => Promise.reject(new Error('Session storage quota bytes exceeded. Values were not stored.'));

  test('for what is to be checked lets nothing begin, and keeps the run before', async () => {
    const { checks } = startWorker();
    await startRun(checks, ['123456']);
    await checks.run();
    writes = quota;
    expect(await checks.start(uuid(2), '234567')).toBe('noRoom');
    await checks.run();
    expect(asked).toEqual(['123456']);
    expect(await kept()).toMatchObject({ id: uuid(1), state: 'done' });
    expect(alarm).toBe(false);
  });

  test('for what was found ends the run, which is written in no more room than it had', async () => {
    const { checks } = startWorker();
    const roomFor = 6;
    writes = async (entries) => {
      const before = sizeOf(Object.fromEntries(device.session));
      const after = sizeOf({ ...Object.fromEntries(device.session), ...entries });
      // Not a byte more than there is, once so many results are kept.
      if (resultsIn({ ...Object.fromEntries(device.session), ...entries }) > roomFor && after > before) return quota();
    };
    const ids = typedIds(20);
    await startRun(checks, ids);
    await checks.run();
    const run = await kept();
    expect(run.state).toBe('noRoom');
    expect(run.results.length).toBeLessThanOrEqual(roomFor);
    expect(asked.length).toBeLessThanOrEqual(roomFor + 2 * CHECKS_AT_ONCE);
    // What was answered is in the history all the same.
    expect((await checkRows()).length).toBeGreaterThanOrEqual(run.results.length);
    expect(alarm).toBe(false);
    // The next worker does not begin again.
    const before = asked.length;
    await startWorker().checks.run();
    expect(asked).toHaveLength(before);
  });

  test('in the history tells what was found all the same', async () => {
    const { checks } = startWorker(undefined, {
      history: { addChecks: () => Promise.reject(new StorageFull('No room')) },
    });
    await startRun(checks, ['123456']);
    await checks.run();
    expect(await kept()).toMatchObject({ state: 'done', results: [{ outcome: { kind: 'found' }, recorded: true }] });
  });
});

/** How many answers stand in what a browser keeps. */
function resultsIn(content: Record<string, unknown>): number {
  return Object.entries(content)
    .filter(([key]) => key.startsWith('checkResults'))
    .reduce((sum, [, value]) => sum + (value as { results: unknown[] }).results.length, 0);
}

function sizeOf(content: object): number {
  return JSON.stringify(content).length;
}
