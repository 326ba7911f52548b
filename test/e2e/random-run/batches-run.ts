import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Change } from '../../../src/domain/change';
import { WIDEST } from '../../../src/domain/lane';
import { drawFrom } from '../harness/draw';
import { type FaultProxy, isWrite, startFaultProxy } from '../harness/fault-proxy';
import { manyChanges, type OutcomeCounts } from '../harness/many-changes';
import { folderOfMany, manyId } from '../harness/many-subscriptions';
import { ADATUM, FABRIKAM, NORTHWIND } from '../harness/partners';
import { until } from '../harness/until';
import { startWorld, type World } from '../harness/world';
import { drawFaults } from './faults';
import { judge, type Verdict } from './verdict';

/** Batches at random, at two connections of which one is slow and one refuses. */

export interface BatchesRunOptions {
  readonly seed: number;
  /** How long batches are asked for; at least one round of acts is done. */
  readonly seconds: number;
  readonly print: (line: string) => void;
}

export interface BatchesRun {
  readonly batches: number;
  readonly rounds: number;
  readonly changes: number;
  readonly kills: number;
  /** How often the slow connection had all it may on the wire, and a batch of the other one came to its end meanwhile. */
  readonly passed: number;
  readonly verdict: Verdict;
}

const ACTS = { ask: 8, kill: 4, undo: 1, retry: 1, 'sign in': 2, 'change elsewhere': 2 };
type Act = keyof typeof ACTS;
const ROUND = (Object.keys(ACTS) as Act[]).flatMap((act) => Array.from({ length: ACTS[act] }, () => act));
/** At each of the two connections. */
const SUBSCRIPTIONS = 60;
const PARTNERS = [ADATUM, FABRIKAM, NORTHWIND];
const WANTED = [...PARTNERS.map(({ partnerId }) => partnerId), null];
const LONGEST_HOLD_MS = 1500;
const SLOWEST_MS = 3000;
const END_PATIENCE_MS = 240_000;

/**
 * Asks for batches at both connections while requests fail or take long and the worker is killed; then lets the faults cease, waits
 * until all have ended, and compares the service's log with the history. Between the rounds, with all that the slow one may have on
 * the wire held there, a batch of the other one has to come to its end.
 */
export async function runBatchesAtRandom(options: BatchesRunOptions): Promise<BatchesRun> {
  options.print(`Batches: seed ${options.seed}`);
  const folder = await folderOfMany(2 * SUBSCRIPTIONS);
  try {
    const world = await startWorld({}, { dataFolder: folder });
    try {
      const refusing = await startFaultProxy(world.service.url);
      try {
        return await run(options, world, refusing);
      } finally {
        await refusing.close();
      }
    } finally {
      await world.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(
  { seed, seconds, print }: BatchesRunOptions,
  world: World,
  refusing: FaultProxy,
): Promise<BatchesRun> {
  const { proxy: slow, backstage, service } = world;
  const chance = drawFrom(seed, 'batches in the browser');
  const faults = drawFaults(seed, LONGEST_HOLD_MS);
  const many = manyChanges(world);
  const foreignKeys = new Set<string>();
  const sizes = new Map<string, number>();
  let kills = 0;
  let passed = 0;
  let slowed = 0;

  await many.saveToken(refusing.url, 'Refusing', null);
  const idsFrom = (first: number) => Array.from({ length: SUBSCRIPTIONS }, (_, n) => manyId(first + n));
  const sides = {
    slow: { name: 'Slow', proxy: slow, connectionId: await many.connectionAt(slow.url), ids: idsFrom(0) },
    refusing: {
      name: 'Refusing',
      proxy: refusing,
      connectionId: await many.connectionAt(refusing.url),
      ids: idsFrom(SUBSCRIPTIONS),
    },
  };
  type Side = (typeof sides)[keyof typeof sides];
  const all = Object.values(sides);
  // The name of a partner comes from a check, and nothing is assigned without one.
  for (const { connectionId } of all)
    for (const { partnerId } of PARTNERS)
      await until(`a check of ${partnerId}`, () => backstage.call('partner.check', { partnerId, connectionId }));

  function causeFaults(): void {
    refusing.draw(faults.draw);
    slow.draw((request) => {
      if (!isWrite(request)) return undefined;
      slowed += 1;
      const drawn = drawFrom(seed, 'slow', slowed);
      if (drawn.fraction() < 0.1) return { kind: 'resetAfter' };
      return { kind: 'holdAfter', released: pause(drawn.between(200, SLOWEST_MS)) };
    });
  }
  function cease(): void {
    for (const { proxy } of all) proxy.draw(() => undefined);
  }

  /** As pages ask: when there is no answer once more, under the same id. */
  async function askFor(side: Side, ids: readonly string[], wanted: () => string | null): Promise<string | null> {
    const id = chance.uuid();
    const each = new Map(ids.map((one) => [one, wanted()]));
    const asked = await until('an answer to a batch', async () => {
      const { answer, size } = await many.ask(id, side.connectionId, each);
      return size === 0 ? { size } : answer?.ok === true && { size: answer.asked };
    });
    if (asked.size === 0) return null;
    sizes.set(id, asked.size);
    return id;
  }

  async function follow(name: 'batch.undo' | 'batch.retry'): Promise<void> {
    const id = chance.uuid();
    const batchId = chance.one([...sizes.keys(), null]);
    if (batchId === null) return;
    const answer = await until('an answer to what follows a batch', () => backstage.call(name, { id, batchId }));
    if (answer.ok) sizes.set(id, answer.asked);
  }

  async function kill(): Promise<void> {
    kills += 1;
    await backstage.killWorker();
    await backstage.askWorker();
  }

  async function signIn(): Promise<void> {
    for (const { name, proxy, connectionId } of all) await many.saveToken(proxy.url, name, connectionId);
  }

  async function doOne(act: Act): Promise<void> {
    switch (act) {
      case 'ask': {
        const side = chance.one(all);
        const some = chance.shuffled(side.ids).slice(0, chance.between(2, SUBSCRIPTIONS / 2));
        await askFor(side, some, () => chance.one(WANTED));
        return;
      }
      case 'kill':
        return kill();
      case 'undo':
      case 'retry':
        return follow(`batch.${act}`);
      case 'sign in':
        return signIn();
      case 'change elsewhere':
        foreignKeys.add(await service.setPartner(chance.one(chance.one(all).ids), chance.one(WANTED)));
        return;
    }
  }

  const isEnded = (counts: OutcomeCounts | undefined) => counts !== undefined && (counts.open ?? 0) === 0;

  async function allEnded(): Promise<void> {
    cease();
    await signIn();
    await backstage.ringAlarm();
    await until(
      'the end of every batch',
      async () => {
        const progress = await many.progress();
        return [...sizes.keys()].every((id) => isEnded(progress.get(id))) && (await openChanges()).length === 0;
      },
      {
        patienceMs: END_PATIENCE_MS,
        state: async () => JSON.stringify([[...(await many.progress())], await openChanges()], null, 1),
      },
    );
    const areAnswered = async () => all.every(({ proxy }) => proxy.requests.every(({ endedAt }) => endedAt !== null));
    await until('the end of every request', areAnswered);
  }

  async function openChanges(): Promise<Change[]> {
    return changesIn(await backstage.history('openTarget'));
  }

  /** With all that the slow one may have on the wire held there, a batch of the other one goes all the way. */
  async function passTheSlowOne(): Promise<void> {
    const hold = slow.hold('before', isWrite);
    const underWay = () => slow.writes().filter(({ endedAt }) => endedAt === null).length;
    try {
      await askFor(sides.slow, sides.slow.ids, () => chance.one(WANTED));
      await until('as many requests of the slow one as it may have', async () => underWay() === WIDEST);
      const quick = await askFor(sides.refusing, sides.refusing.ids, () => chance.one(WANTED));
      if (quick === null) return;
      await until('the end of a batch beside the slow one', async () => isEnded((await many.progress()).get(quick)));
      if (underWay() === WIDEST) passed += 1;
    } finally {
      hold.release();
      // The hold is planned for ever.
      slow.reset();
    }
  }

  const end = Date.now() + seconds * 1000;
  let rounds = 0;
  do {
    causeFaults();
    for (const act of chance.shuffled(ROUND)) {
      await doOne(act);
      await pause(chance.between(0, 400));
    }
    await allEnded();
    await passTheSlowOne();
    await allEnded();
    rounds += 1;
    print(`Batches: round ${rounds}, ${sizes.size} batches, the worker killed ${kills} times`);
  } while (Date.now() < end);

  const verdict = await compare();
  const changes = changesIn(await backstage.history()).length;
  return { batches: sizes.size, rounds, changes, kills, passed, verdict };

  async function compare(): Promise<Verdict> {
    const ids = all.flatMap((side) => side.ids);
    const effects = new Map(await Promise.all(ids.map(async (id) => [id, await service.effects(id)] as const)));
    const found = judge({
      requested: [],
      declined: [],
      changes: changesIn(await backstage.history()),
      effects,
      foreignKeys,
      partnersBefore: new Map(ids.map((id) => [id, null])),
    });
    const progress = await many.progress();
    const short = [...sizes].flatMap(([id, size]) => {
      const counted = Object.values(progress.get(id) ?? {}).reduce((sum, count) => sum + count, 0);
      return counted === size ? [] : `of batch ${id}, ${size} were asked for and ${counted} are told`;
    });
    const outcomes = new Map<string, number>();
    for (const counts of progress.values())
      for (const [outcome, count] of Object.entries(counts))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    const listed = (counts: ReadonlyMap<string, number>) =>
      [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
    const verdict = { ...found, lost: [...found.lost, ...short] };
    print(`Batches: ${sizes.size} in ${rounds} rounds: ${listed(outcomes)}`);
    print(`Batches: slow ${slowed} times; at the refusing one ${listed(faults.counts)}`);
    print(`Batches: the worker killed ${kills} times; the slow one was passed ${passed} times of ${rounds}`);
    print(
      `Batches: lost ${verdict.lost.length}, doubled ${verdict.doubled.length}, unexplained ${verdict.unexplained.length} (seed ${seed})`,
    );
    for (const line of [...verdict.lost, ...verdict.doubled, ...verdict.unexplained]) print(line);
    return verdict;
  }
}

function changesIn(rows: Awaited<ReturnType<World['backstage']['history']>>): Change[] {
  return rows.flatMap((row) => (row.type === 'change' ? [row.change] : []));
}
