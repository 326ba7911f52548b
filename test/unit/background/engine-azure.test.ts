import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import type { BackendPorts } from '../../../src/backends/backend';
import { createAzurePal } from '../../../src/backends/azure-pal';
import { personOfAccount } from '../../../src/domain/azure-account';
import { type Change, type ChangeLife, IN_FLIGHT_MS } from '../../../src/domain/change';
import type { Partner } from '../../../src/domain/partner';
import type { TenantSignIn } from '../../../src/domain/person';
import { testDirectory } from '../../azure/directory';
import type { Fault } from '../../azure/faults';
import { PATIENCE_MS } from '../../patience';
import { aChange } from '../../support/changes';
import { MINUTE, SECOND } from '../../support/clock';
import { deferred } from '../../support/deferred';
import { FOREIGN, OLD, WANTED } from '../../support/partners';
import { uuid } from '../../support/targets';
import { accountAt, type AzureWorld, signInAt, startAzure } from '../backends/azure-world';
import { createBrowser, type DeathMoment } from './worker-life';

/** A browser whose workers carry links to Azure, over real sockets. */
async function startBrowser(tenants = 1, credential?: (azure: AzureWorld) => BackendPorts['credential']) {
  const azure = await startAzure({ directory: testDirectory(tenants) });
  const browser = createBrowser();
  const onTheWay = new Set<unknown>();
  const ports: BackendPorts = {
    ...azure.ports,
    ...(credential && { credential: credential(azure) }),
    async fetch(address, init) {
      const request = azure.ports.fetch(address, init);
      onTheWay.add(request);
      return request.finally(() => onTheWay.delete(request));
    },
  };
  const backend = createAzurePal(azure.connection, ports);
  const lifeOf = async (number: number): Promise<ChangeLife | undefined> =>
    (await browser.history.readChange(uuid(number)))?.life;

  /** A change of Ada's link in one of the tenants. */
  function change(number: number, before: Partner | null, after: Partner | null): Change {
    const { user, tenant } = signInAt(azure.directory, { tenant: number - 1 });
    return aChange({
      id: uuid(number),
      target: { kind: 'signIn', connectionId: azure.connection.id, tenant, user },
      kind: after === null ? 'remove' : before === null ? 'assign' : 'change',
      before,
      after,
      basedOn: before && '1',
      replay: 'readFirst',
      person: personOfAccount(accountAt(azure.directory, 0), azure.endpoints),
    });
  }

  return {
    ...browser,
    azure,
    change,
    lifeOf,
    startWorker: (death?: DeathMoment) => browser.startWorker({ backendFor: async () => backend }, death),
    /** What a dead worker had sent has arrived, or never will. */
    allArrived: () => vi.waitFor(() => expect(onTheWay.size).toBe(0), { interval: 1 }),
    /** Lets time pass until something is so. */
    async timePasses(holds: () => Promise<boolean>): Promise<void> {
      await vi.waitFor(
        async () => {
          if (await holds()) return;
          // Time passes while nothing is on its way: what a test's wire takes is no time of Azure's.
          if (onTheWay.size === 0) browser.clock.moveTo(browser.clock.now() + SECOND);
          throw new Error('It is not so yet');
        },
        // Sixty tenants on a machine with much else to do.
        { interval: 1, timeout: 4 * PATIENCE_MS },
      );
    },
    writes: () => azure.server.requests.filter(({ method }) => method !== 'GET'),
  };
}

const CHANGES = [
  ['a new link', null, WANTED],
  ['a changed link', OLD, WANTED],
  ['a removal', OLD, null],
] as const;

const FAULTS = [
  ['answers', null, 1],
  ['loses its answer behind the effect', { kind: 'answerLost', when: 'after' }, 1],
  ['loses the request', { kind: 'answerLost', when: 'before' }, 2],
  ['fails behind the effect', { kind: 'serverError', status: 500, when: 'after' }, 1],
  ['asks to wait', { kind: 'throttled', retryAfter: '30' }, 2],
] as const satisfies readonly (readonly [string, Fault | null, number])[];

test.each(
  CHANGES.flatMap(([what, ...change]) => FAULTS.map(([how, ...fault]) => [what, how, ...change, ...fault] as const)),
)(
  'of %s there is one effect and nothing that must never be sent, where Azure %s',
  async (_what, _how, before, after, fault, writes) => {
    const browser = await startBrowser();
    const { azure, timePasses, lifeOf } = browser;
    const of = signInAt(azure.directory);
    if (before !== null) azure.server.setLink(of, before.partnerId);
    if (fault !== null) azure.server.startFault(fault, { on: ['write'] });
    const { engine } = browser.startWorker();
    await engine.ask(browser.change(1, before, after), null);
    await timePasses(async () => (await lifeOf(1))?.state === 'done');
    expect(azure.server.link(of)?.partnerId ?? null).toBe(after?.partnerId ?? null);
    expect(browser.writes().filter(({ hadEffect }) => hadEffect)).toHaveLength(1);
    expect(browser.writes()).toHaveLength(writes);
  },
);

test('a change whose answer the worker did not live to hear is found done, and is not written again', async () => {
  const browser = await startBrowser();
  const { azure, clock, lifeOf } = browser;
  const { promise, resolve } = deferred();
  azure.server.startFault({ kind: 'held', when: 'after', until: promise }, { on: ['write'] });
  const first = browser.startWorker();
  await first.engine.ask(browser.change(1, null, WANTED), null);
  await vi.waitFor(() => expect(browser.writes().map(({ hadEffect }) => hadEffect)).toEqual([true]), { interval: 1 });
  first.die();
  resolve();
  await browser.allArrived();
  const second = browser.startWorker();
  await second.engine.run();
  clock.moveTo(clock.now() + IN_FLIGHT_MS);
  await vi.waitFor(async () => expect((await lifeOf(1))?.state).toBe('done'), { interval: 1 });
  expect(browser.writes()).toHaveLength(1);
});

test('a worker that dies at any step leaves one effect, whoever takes the change up', async () => {
  async function dieAt(death: DeathMoment): Promise<boolean> {
    const browser = await startBrowser();
    const { azure, timePasses, lifeOf } = browser;
    const first = browser.startWorker(death);
    let isAsked = false;
    void first.engine.ask(browser.change(1, null, WANTED), null).then(() => {
      isAsked = true;
    });
    await timePasses(async () => first.isOver() || (await lifeOf(1))?.state === 'done');
    if (!first.isOver()) await Promise.race([first.engine.run(), timePasses(async () => first.isOver())]);
    await browser.allArrived();
    const second = browser.startWorker();
    const run = second.engine.run();
    if (!isAsked) await second.engine.ask(browser.change(1, null, WANTED), null);
    await run;
    await timePasses(async () => (await lifeOf(1))?.state === 'done');
    await second.engine.run();
    expect(browser.writes().map(({ hadEffect }) => hadEffect)).toEqual([true]);
    const died = first.isOver();
    await azure.server.close();
    return died;
  }
  for (const when of ['before', 'after'] as const) {
    let step = 1;
    while (await dieAt({ step, when })) step += 1;
    expect(step).toBeGreaterThan(10);
  }
});

test('a change that meets another’s is a conflict that names it', async () => {
  const browser = await startBrowser();
  const { azure, lifeOf } = browser;
  azure.server.startFault({ kind: 'changedElsewhere', to: FOREIGN.partnerId }, { on: ['write'] });
  const { engine } = browser.startWorker();
  await engine.ask(browser.change(1, null, WANTED), null);
  await engine.run();
  expect(await lifeOf(1)).toMatchObject({
    state: 'conflict',
    found: { partnerOfRecord: { partnerId: FOREIGN.partnerId } },
  });
});

test('of 60 tenants those go on that may: one that is throttled, three without a sign-in and two that refuse hold no other', async () => {
  const SIGNED_OUT = [10, 20, 30];
  const REFUSING = [40, 50];
  const THROTTLED = 5;
  let isSignedIn = false;
  const browser = await startBrowser(60, ({ ports, directory }) => async (wanted) => {
    const isOut = SIGNED_OUT.some(
      (number) => signInAt(directory, { tenant: number - 1 }).tenant === wanted?.of?.tenant,
    );
    return isOut && !isSignedIn ? null : ports.credential(wanted);
  });
  const { azure, clock, lifeOf, timePasses } = browser;
  const { server, directory } = azure;
  const at = (number: number): TenantSignIn => signInAt(directory, { tenant: number - 1 });
  for (const number of REFUSING) server.startFault({ kind: 'cspRefusal' }, { of: at(number), times: 9 });
  server.startFault({ kind: 'throttled', retryAfter: '600' }, { of: at(THROTTLED), on: ['write'] });

  const numbers = Array.from({ length: 60 }, (_, index) => index + 1);
  const states = async () => {
    const lives = await Promise.all(numbers.map(lifeOf));
    return lives.map((life) => (life?.state === 'waiting' ? life.for : life?.state));
  };
  const counted = async (state: string) => (await states()).filter((one) => one === state).length;

  let worker = browser.startWorker();
  for (const number of numbers) await worker.engine.ask(browser.change(number, null, WANTED), null);
  for (const done of [10, 25, 40]) {
    await timePasses(async () => (await counted('done')) >= done);
    worker.die();
    await browser.allArrived();
    worker = browser.startWorker();
    void worker.engine.run();
  }
  await timePasses(async () => (await counted('done')) >= 54);
  expect((await states())[THROTTLED - 1]).not.toBe('done');
  await timePasses(async () => (await counted('done')) === 55 && (await counted('refused')) === 2);
  expect(await counted('signIn')).toBe(3);
  for (const number of REFUSING) expect((await states())[number - 1]).toBe('refused');

  isSignedIn = true;
  const person = personOfAccount(accountAt(directory, 0), azure.endpoints);
  await worker.engine.noteOpen(azure.connection.id, { type: 'signedIn', at: clock.now(), person });
  await timePasses(async () => (await counted('done')) === 58);
  clock.moveTo(clock.now() + MINUTE);
  await worker.engine.run();
  for (const number of numbers) {
    const effects = browser.writes().filter(({ of, hadEffect }) => hadEffect && of?.tenant === at(number).tenant);
    expect([number, effects.length]).toEqual([number, REFUSING.includes(number) ? 0 : 1]);
  }
});
