import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import type { BatchItem } from '../../../src/domain/batch';
import { WIDEST } from '../../../src/domain/lane';
import type { Holding } from '../../../src/domain/partner-state';
import type { Target } from '../../../src/domain/target';
import { aBatch } from '../../support/batches';
import { MINUTE, SECOND } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { createFakeService, failed, type Fate } from '../../support/fake-service';
import { WANTED } from '../../support/partners';
import { ADA } from '../../support/persons';
import { subscriptionId, uuid } from '../../support/targets';
import { drawFrom } from '../../e2e/harness/draw';
import { createBrowser } from './worker-life';

const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 6);
const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
const REFUSING = CONNECTION_ID;
const SLOW = uuid(77);
const SUBSCRIPTIONS = 40;

/** Batches at two connections, of which one is slow and one refuses, through deaths of the worker; answers what is told otherwise than it was. */
async function soak(seed: number) {
  const chance = drawFrom(seed, 'batches');
  const browser = createBrowser();
  const services = new Map([REFUSING, SLOW].map((id) => [id, createFakeService()] as const));
  const serviceOf = (connectionId: string) => {
    const service = services.get(connectionId);
    if (service === undefined) throw new Error(`Nothing is at ${connectionId}`);
    return service;
  };
  const start = () => browser.startWorker({ backendFor: async (id) => services.get(id) ?? null });
  let worker = start();
  let numbers = 0;
  const next = () => uuid(++numbers);
  const asked: { readonly id: string; readonly size: number }[] = [];
  let kills = 0;

  const refuse = (): Fate =>
    chance.weighted<Fate>([
      [10, 'answered'],
      [2, 'answerLost'],
      [1, failed('noAnswer')],
      [1, failed('busy', SECOND)],
      [1, failed('serverError')],
      [1, failed('serverError', SECOND)],
      [1, failed('signInNeeded')],
    ]);
  const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, chance.between(0, 15)));
  const cause = () => {
    serviceOf(REFUSING).fateOf = async () => refuse();
    serviceOf(SLOW).fateOf = async () => {
      await slowly();
      return chance.fraction() < 0.1 ? 'answerLost' : 'answered';
    };
  };
  const cease = () => {
    for (const service of services.values()) service.fateOf = async () => 'answered';
  };

  async function ask(connectionId: string, size: number): Promise<string> {
    const of = chance.shuffled(Array.from({ length: SUBSCRIPTIONS }, (_, i) => subscriptionId(`s${i}`))).slice(0, size);
    const items = of.map((id): BatchItem => {
      const { partnerOfRecord: held, etag } = serviceOf(connectionId).recordOf(id);
      const before = held && { partnerId: held.partnerId, name: held.name };
      const after = before?.partnerId === WANTED.partnerId ? null : WANTED.partnerId;
      const target = { kind: 'subscription' as const, connectionId, id };
      return { id: next(), target, targetName: id, page: null, before, basedOn: etag, after };
    });
    const batch = aBatch(0, items, { id: next(), connectionId, person: ADA });
    expect(await browser.history.acceptBatch(batch, items)).toBe('accepted');
    asked.push({ id: batch.id, size });
    worker.engine.carryBatch(batch.id);
    return batch.id;
  }

  const isEnded = async (id: string) => (await browser.history.progressOf(id))?.ended === true;
  async function signIn(): Promise<void> {
    for (const id of services.keys())
      await worker.engine.noteOpen(id, { type: 'signedIn', at: browser.clock.now(), person: ADA });
  }

  async function allEnded(): Promise<void> {
    cease();
    for (let tries = 0; tries < 200; tries += 1) {
      await signIn();
      browser.clock.moveTo(browser.clock.now() + MINUTE);
      await worker.engine.run();
      if ((await Promise.all(asked.map(({ id }) => isEnded(id)))).every(Boolean)) return;
    }
  }

  /** With every request of the slow one on the wire, the other one's go all the way. */
  async function passTheSlowOne(): Promise<void> {
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    serviceOf(SLOW).fateOf = async () => {
      await gate;
      return 'answered';
    };
    await ask(SLOW, SUBSCRIPTIONS);
    await vi.waitFor(() => expect(serviceOf(SLOW).wire.now).toBe(WIDEST));
    const quick = await ask(REFUSING, SUBSCRIPTIONS);
    const passes = async () => {
      browser.clock.moveTo(browser.clock.now() + SECOND / 10);
      expect(await isEnded(quick)).toBe(true);
    };
    await vi.waitFor(passes, { timeout: 20_000 });
    expect(serviceOf(SLOW).wire.now).toBe(WIDEST);
    letGo();
  }

  const end = Date.now() + SECONDS * 1000;
  for (let round = 0; round === 0 || Date.now() < end; round += 1) {
    cause();
    for (let act = 0; act < 12; act += 1) {
      const what = chance.fraction();
      if (what < 0.5) await ask(chance.one([REFUSING, SLOW]), chance.between(1, SUBSCRIPTIONS));
      else if (what < 0.6) await signIn();
      else if (what < 0.8) {
        worker.die();
        kills += 1;
        worker = start();
      } else browser.clock.moveTo(browser.clock.now() + chance.between(1, 30) * SECOND);
      void worker.engine.run();
      await slowly();
    }
    await allEnded();
    await passTheSlowOne();
    await allEnded();
  }

  const lost: string[] = [];
  const doubled: string[] = [];
  for (const { id, size } of asked) {
    const progress = await browser.history.progressOf(id);
    const counted = Object.values(progress?.counts ?? {}).reduce((sum, count) => sum + count, 0);
    if (progress?.ended !== true || counted !== size) lost.push(`of batch ${id}: ${JSON.stringify(progress)}`);
  }
  const effects = [...services.values()].flatMap((service) => service.effects);
  const made = new Set(effects);
  if (made.size !== effects.length) doubled.push(`${effects.length - made.size} effects too many`);
  const done = new Map<string, string>();
  for (const { id } of asked)
    for await (const members of browser.history.membersOf(id, 'done'))
      for (const member of members)
        if (member.kind === 'change' && member.change.life.state === 'done')
          done.set(member.change.id, stateAt(member.change.target, member.change.life.outcome));
  const led = new Set([...done].flatMap(([id, state]) => (made.has(id) ? state : [])));
  // What another change had made so already needs no effect of its own.
  for (const [id, state] of done) if (!made.has(id) && !led.has(state)) lost.push(`${id} is done and has no effect`);
  for (const id of made) if (!done.has(id)) lost.push(`${id} has an effect and is not done`);
  return { lost, doubled, kills, batches: asked.length, changes: effects.length, errors: browser.errors };
}

test(
  'Batches at two connections, one slow and one refusing, through deaths of the worker: lost 0, doubled 0, and the slow one holds up nothing of the other',
  async () => {
    console.log(`Seed ${SEED}`);
    const { lost, doubled, kills, batches, changes, errors } = await soak(SEED);
    console.log(`${changes} changes of ${batches} batches, the worker killed ${kills} times`);
    expect({ lost, doubled, errors }).toEqual({ lost: [], doubled: [], errors: [] });
  },
  SECONDS * 1000 + 240_000,
);

/** Which state of which record that is. */
function stateAt(target: Target, { version, partnerOfRecord }: Holding): string {
  return JSON.stringify([target, version, partnerOfRecord?.partnerId]);
}
