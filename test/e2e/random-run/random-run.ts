import { markOf } from '../../../src/domain/partner-state';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Change, IN_FLIGHT_MS } from '../../../src/domain/change';
import type { ChangeAnswer } from '../../../src/messaging/protocol';
import { type ExtensionBrowser, launchBrowser } from '../harness/browser';
import { drawFrom } from '../harness/draw';
import { type FaultProxy, startFaultProxy } from '../harness/fault-proxy';
import { fillConnection, saveConnection } from '../harness/options';
import { panelOn } from '../harness/panel';
import { type Portals, startPortals } from '../harness/portals';
import { type Service, startService } from '../harness/service';
import { ADATUM, FABRIKAM, HOSTILE, NORTHWIND } from '../harness/spec';
import { until } from '../harness/until';
import { type Backstage, openBackstage } from '../harness/worker';
import { azurePage } from '../harness/world';
import { type DrawnFaults, drawFaults } from './faults';
import { judge, type Requested, type Verdict } from './verdict';

/**
 * How time passes. `real`: a write is held before the service for as long as a request is waited for, and a change that was stopped
 * waits until none of its requests can take effect any more. `quick`: neither takes so long. What was stopped is aged, once the
 * proxy has seen the end of each request of it.
 */
export type Pace = 'real' | 'quick';

export interface RandomRunOptions {
  readonly seed: number;
  /** How long changes are asked for and faults are caused, and longer until there were as many as {@link LEAST}. */
  readonly seconds: number;
  readonly pace: Pace;
  readonly print: (line: string) => void;
}

export interface RandomRun {
  readonly seconds: number;
  /** Every change in the history, also those that the service never heard of. */
  readonly changes: number;
  readonly kills: number;
  readonly restarts: number;
  readonly verdict: Verdict;
}

/** What is done, and how often in each round of acts, which come in an order that is drawn. */
const ACTS = {
  ask: 24,
  stop: 4,
  'try now': 5,
  'answer a conflict': 3,
  'change elsewhere': 2,
  kill: 7,
  ring: 1,
  panel: 1,
  offline: 1,
  'service away': 1,
  'service stopped': 1,
  'time passes': 4,
  close: 1,
  crash: 1,
};
type Act = keyof typeof ACTS;
const ROUND = (Object.keys(ACTS) as Act[]).flatMap((act) => Array.from({ length: ACTS[act] }, () => act));

/** How many the person of the run may not change: the service refuses those for good. */
const NOT_PERMITTED = 4;
const PARTNERS = [FABRIKAM, NORTHWIND, ADATUM, HOSTILE];
type Named = (typeof PARTNERS)[number];
const LONGEST_HOLD_MS: Readonly<Record<Pace, number>> = { real: 30_000, quick: 1500 };
/** Far above the longest hold, what a stopped change waits for after it, and the longest pause that is not cut short by trying now. */
const END_PATIENCE_MS = 240_000;
const A_MINUTE_MS = 60_000;
/** Fewer show nothing. Acts come in an order that is drawn, and on a busy machine a short run ends amid its first round of them. */
export const LEAST = { changes: 30, kills: 3, restarts: 1 };
/** The longest that is waited for them. */
const LEAST_WITHIN_MS = 150_000;

/**
 * Asks for changes as pages and panels do while requests fail, the worker is killed and the browser restarted; then lets the
 * faults cease, waits until every change has ended, and compares the service's log with the history.
 *
 * The seed draws what is done and in what order, every id, partner, delay and fault. Not drawn, and so not the same twice: how
 * far the worker has come when the next thing happens, in what order requests of different subscriptions meet, the engine's own
 * jitter, and the ids that panels make.
 */
export async function runAtRandom({ seed, seconds, pace, print }: RandomRunOptions): Promise<RandomRun> {
  print(`Seed ${seed}`);
  const [service, portals, profile] = await Promise.all([
    startService(),
    startPortals(),
    mkdtemp(join(tmpdir(), 'partner-of-record-random-run-')),
  ]);
  const proxy = await startFaultProxy(service.url);
  try {
    return await run({ seed, seconds, pace, print, service, portals, proxy, profile });
  } finally {
    await Promise.all([proxy.close(), portals.close(), service.stop()]);
    await rm(profile, { recursive: true, force: true });
  }
}

interface Ground extends RandomRunOptions {
  readonly service: Service;
  readonly portals: Portals;
  readonly proxy: FaultProxy;
  readonly profile: string;
}

async function run({ seed, seconds, pace, print, service, portals, proxy, profile }: Ground): Promise<RandomRun> {
  const chance = drawFrom(seed, 'acts');
  const faults = drawFaults(seed, LONGEST_HOLD_MS[pace]);
  const acts = new Map<string, number>();
  const count = (what: string) => acts.set(what, (acts.get(what) ?? 0) + 1);
  const kills = () => acts.get('kill') ?? 0;
  const restarts = () => (acts.get('close') ?? 0) + (acts.get('crash') ?? 0);
  const requested: Requested[] = [];
  const declined: string[] = [];
  const foreignKeys = new Set<string>();
  const start = Date.now();

  const subscriptions = chooseSubscriptions(await service.subscriptions());
  const ids = subscriptions.map(({ subscriptionId }) => subscriptionId);
  const changeable = subscriptions.filter((one) => one.caller.canChangePartner).map((one) => one.subscriptionId);
  const effectsBefore = new Map(
    await Promise.all(ids.map(async (id) => [id, (await service.effects(id)).length] as const)),
  );
  let { browser, backstage } = await launch();
  const welcome = await browser.welcomePage();
  await fillConnection(welcome, proxy.url, service.token);
  // A browser that was restarted goes on only with a token that was remembered.
  await welcome.getByRole('checkbox', { name: 'Remember on this device' }).check();
  await saveConnection(welcome);
  await welcome.close();
  // The name of a partner comes from a check, and nothing is assigned without one.
  for (const { partnerId } of PARTNERS) {
    await until(`a check of ${partnerId}`, () => backstage.call('partner.check', { partnerId }));
  }

  async function launch(): Promise<{ browser: ExtensionBrowser; backstage: Backstage }> {
    const launched = await launchBrowser({ profile, hostResolverRules: portals.hostResolverRules });
    return { browser: launched, backstage: await openBackstage(launched) };
  }

  /** As panel and popup ask: when there is no answer once more, under the same id. */
  async function ask(wanted: Requested, send: () => Promise<ChangeAnswer | null>): Promise<void> {
    const answer = await until('an answer to a change that was asked for', send);
    if (answer.ok) requested.push(wanted);
    else declined.push(wanted.id);
  }

  /** Reads a subscription as a page does, from the service or from what is known, and asks for another partner or for none. */
  async function askAbout(subscriptionId: string, anew: boolean): Promise<void> {
    const id = chance.uuid();
    const partner = chance.one([...PARTNERS, null]);
    const twice = chance.fraction() < 0.1;
    const view = await backstage.call('subscription.read', { subscriptionId, anew });
    if (view === null || view.state === null) return;
    const present = idOf(view.state.partnerOfRecord);
    const after = idOf(partner) === present ? null : idOf(partner);
    const asking = { id, subscriptionId, seen: markOf(view.state) };
    const send = () =>
      after === null
        ? backstage.call('change.remove', asking)
        : backstage.call('change.assign', { ...asking, partnerId: after });
    await Promise.all([ask({ id, subscriptionId, after }, send), ...(twice ? [send()] : [])]);
  }

  async function askAboutSome(anew: boolean): Promise<void> {
    const some = Array.from({ length: chance.between(2, 14) }, () => chance.one(ids));
    await Promise.all([...new Set(some)].map((id) => askAbout(id, anew)));
  }

  async function openChanges(): Promise<Change[]> {
    return changesIn(await backstage.history('openTarget'));
  }

  /** Waits between attempts that a person cuts short. */
  async function tryNow(): Promise<void> {
    for (const { id, life } of await openChanges()) {
      if (life.state === 'waiting') await backstage.call('change.tryNow', { changeId: id });
    }
  }

  /**
   * Lets the time pass in which a request of a stopped change may still take effect, where nothing of it is under way any more, with
   * no worker there: between a look at the row and its writing nobody sends.
   */
  async function letTimePass(): Promise<void> {
    const settling = (await openChanges()).filter(({ life }) => life.state === 'waiting' && life.settle !== null);
    if (pace === 'real' || settling.length === 0) return;
    await killWorker();
    const open = await openChanges();
    for (const { id, life } of open) {
      const isSettling = life.state === 'waiting' && life.settle !== null;
      if (isSettling && !proxy.isUnderWay(id)) await backstage.age(id, IN_FLIGHT_MS);
    }
    await backstage.ringAlarm();
  }

  async function killWorker(): Promise<void> {
    count('kill');
    await backstage.killWorker();
  }

  async function restart(how: 'close' | 'crash'): Promise<void> {
    await browser[how]();
    ({ browser, backstage } = await launch());
  }

  /** Checks and saves on a subscription's page as a person does, and leaves it where a fault is in the way. */
  async function useThePanel(subscriptionId: string, partner: Named, killed: boolean): Promise<void> {
    const page = await browser.open(azurePage(subscriptionId));
    const panel = panelOn(page);
    const rows = async () =>
      changesIn(await backstage.history('newestFirst', 30)).filter(
        (change) => change.askedFrom === 'panel' && subscriptionOf(change) === subscriptionId,
      );
    const earlier = new Set((await rows()).map(({ id }) => id));
    const use = async (role: string, name: string, act: () => Promise<void>) => {
      const there = await appears(async () => (await panel.find(role, name))?.disabled === false);
      if (there) await act();
      return there;
    };
    const asked =
      (await use('textbox', 'Partner ID', () => panel.type('Partner ID', partner.partnerId))) &&
      (await use('button', 'Check ID', () => panel.click('button', 'Check ID'))) &&
      (await use('button', 'Save partner', () => panel.click('button', 'Save partner')));
    if (asked) {
      if (killed) await killWorker();
      await until(
        'the row of a change that was asked for in a panel, or a sentence why there is none',
        async () => {
          const row = (await rows()).find(({ id }) => !earlier.has(id));
          if (row === undefined) return (await panel.find('alert', /./)) !== null;
          requested.push({ id: row.id, subscriptionId, after: partner.partnerId });
          return true;
        },
        { state: () => panel.text() },
      );
    }
    await page.close();
  }

  async function doOne(act: Act): Promise<void> {
    if (act !== 'kill') count(act);
    switch (act) {
      case 'ask':
        return askAboutSome(chance.fraction() < 0.6);
      case 'stop': {
        const [drawn, killed] = [chance.fraction(), chance.fraction() < 0.5];
        // With requests still on their way that nobody waits for any more.
        if (killed) await killWorker();
        const open = await openChanges();
        const change = open[Math.floor(drawn * open.length)];
        if (change !== undefined) await backstage.call('change.stop', { changeId: change.id });
        return;
      }
      case 'try now':
        return tryNow();
      case 'answer a conflict': {
        const [keep, id] = [chance.fraction() < 0.3, chance.uuid()];
        const conflict = changesIn(await backstage.history('attention')).find(({ life }) => life.state === 'conflict');
        if (conflict?.life.state !== 'conflict') return;
        if (keep) await backstage.call('change.keep', { changeId: conflict.id });
        else {
          const wanted = { id, subscriptionId: subscriptionOf(conflict), after: idOf(conflict.after) };
          const overwriting = { id, changeId: conflict.id, seen: markOf(conflict.life.found) };
          await ask(wanted, () => backstage.call('change.overwrite', overwriting));
        }
        return;
      }
      case 'change elsewhere': {
        const subscriptionId = chance.one(changeable);
        foreignKeys.add(await service.setPartner(subscriptionId, idOf(chance.one([...PARTNERS, null]))));
        return;
      }
      case 'kill': {
        // Sometimes in the middle of an asking.
        const asking = chance.fraction() < 0.5 ? askAboutSome(false) : null;
        await pause(chance.between(0, 40));
        await killWorker();
        return (await asking) ?? undefined;
      }
      case 'ring':
        return backstage.ringAlarm();
      case 'panel': {
        const [drawn, partner, killed] = [chance.fraction(), chance.one(PARTNERS), chance.fraction() < 0.4];
        const busy = new Set((await openChanges()).map(subscriptionOf));
        const free = changeable.filter((id) => !busy.has(id));
        const id = free[Math.floor(drawn * free.length)];
        if (id !== undefined) await useThePanel(id, partner, killed);
        return;
      }
      case 'offline': {
        // Not by the browser's own switch: Playwright 1.65 waits there for a worker that was killed, for ever if nothing starts it.
        const plugIn = proxy.unplug();
        await askAboutSome(false);
        await pause(chance.between(100, 1500));
        return plugIn();
      }
      case 'service away': {
        const comeBack = await proxy.leave();
        await askAboutSome(false);
        await pause(chance.between(100, 1500));
        return comeBack();
      }
      case 'service stopped': {
        const [how, killed] = [chance.one(['stop', 'kill'] as const), chance.fraction() < 0.3];
        const asking = askAboutSome(false);
        await pause(chance.between(0, 60));
        await service.restart(how);
        if (killed) await killWorker();
        return asking;
      }
      case 'time passes':
        return letTimePass();
      case 'close':
      case 'crash':
        return restart(act);
    }
  }

  async function causeFaults(): Promise<void> {
    // What pages have seen before the first fault.
    for (const id of ids) await backstage.call('subscription.read', { subscriptionId: id, anew: true });
    proxy.reset();
    proxy.draw(faults.draw);
    const end = Date.now() + seconds * 1000;
    let told = Date.now();
    const goesOn = () => {
      if (Date.now() < end) return true;
      const isLittle = requested.length < LEAST.changes || kills() < LEAST.kills || restarts() < LEAST.restarts;
      return isLittle && Date.now() < end + LEAST_WITHIN_MS;
    };
    for (let round = chance.shuffled(ROUND); goesOn(); ) {
      const act = round.pop();
      if (act === undefined) round = chance.shuffled(ROUND);
      else await doOne(act);
      if (Date.now() - told < A_MINUTE_MS) continue;
      told = Date.now();
      print(`${Math.round((told - start) / 1000)} s: ${requested.length} changes, ${kills()} kills`);
    }

    proxy.draw(() => undefined);
    await backstage.ringAlarm();
    await until('the end of every request', requestsEnded, { patienceMs: END_PATIENCE_MS });
    await until(
      'the end of every change',
      async () => {
        await tryNow();
        await letTimePass();
        await pause(200);
        return (await openChanges()).length === 0;
      },
      { patienceMs: END_PATIENCE_MS, state: async () => JSON.stringify(await openChanges(), null, 1) },
    );
    await until('the end of every request', requestsEnded);
  }

  async function requestsEnded(): Promise<boolean> {
    return proxy.requests.every(({ endedAt }) => endedAt !== null);
  }

  /** Compares once every change has ended. */
  async function compare(): Promise<RandomRun> {
    const changes = changesIn(await backstage.history());
    const effects = new Map(
      await Promise.all(
        ids.map(async (id) => {
          const log = await service.effects(id);
          return [id, log.slice(0, log.length - (effectsBefore.get(id) ?? 0))] as const;
        }),
      ),
    );
    const partnersBefore = new Map(subscriptions.map((one) => [one.subscriptionId, idOf(one.partnerOfRecord)]));
    const verdict = judge({
      requested,
      declined,
      changes,
      effects,
      foreignKeys,
      partnersBefore,
    });
    const result: RandomRun = {
      seconds: Math.round((Date.now() - start) / 1000),
      changes: changes.length,
      kills: kills(),
      restarts: restarts(),
      verdict,
    };
    for (const line of figures(result, { seed, changes, effects, faults, acts, requests: proxy.requests.length }))
      print(line);
    return result;
  }

  try {
    await causeFaults();
    return await compare();
  } finally {
    await browser.close();
  }
}

interface Details {
  readonly seed: number;
  readonly changes: readonly Change[];
  readonly effects: ReadonlyMap<string, readonly unknown[]>;
  readonly faults: DrawnFaults;
  readonly acts: ReadonlyMap<string, number>;
  readonly requests: number;
}

function figures({ seconds, changes, kills, restarts, verdict }: RandomRun, details: Details): string[] {
  const states = new Map<string, number>();
  for (const { life } of details.changes) states.set(life.state, (states.get(life.state) ?? 0) + 1);
  const times = (what: string) => details.acts.get(what) ?? 0;
  const faults = [...details.faults.counts.values()].reduce((sum, one) => sum + one, 0);
  const effects = [...details.effects.values()].reduce((sum, log) => sum + log.length, 0);
  return [
    `${changes} changes over ${details.effects.size} subscriptions in ${seconds} s: ${listed(states)}`,
    `${details.requests} requests, ${faults} faults: ${listed(details.faults.counts)}`,
    `worker killed ${kills} times, browser restarted ${restarts} times (${times('crash')} by a crash), offline ${times('offline')} times, service away ${times('service away')} times, stopped in the middle ${times('service stopped')} times`,
    `${effects} effects in the service’s log; ${verdict.alreadySo} changes done without one, since the record was so already; ${verdict.unknown} unknown, the key being kept no more`,
    `lost ${verdict.lost.length}, doubled ${verdict.doubled.length}, unexplained ${verdict.unexplained.length} (seed ${details.seed})`,
    ...[...verdict.lost, ...verdict.doubled, ...verdict.unexplained],
  ];
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, times]) => `${what} ${times}`).join(', ');
}

/** All that the caller may change, and a few that it may not. */
function chooseSubscriptions<T extends { readonly caller: { readonly canChangePartner: boolean } }>(
  all: readonly T[],
): T[] {
  return [
    ...all.filter(({ caller }) => caller.canChangePartner),
    ...all.filter(({ caller }) => !caller.canChangePartner).slice(0, NOT_PERMITTED),
  ];
}

function subscriptionOf({ target }: Change): string {
  if (target.kind !== 'subscription') throw new Error('The run changes subscriptions only');
  return target.id;
}

function changesIn(rows: Awaited<ReturnType<Backstage['history']>>): Change[] {
  return rows.flatMap((row) => (row.type === 'change' ? [row.change] : []));
}

function idOf(partner: { readonly partnerId: string } | null): string | null {
  return partner?.partnerId ?? null;
}

/** Whether something is there within a few seconds. */
async function appears(look: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + 4000; Date.now() < end; await pause(50)) if (await look()) return true;
  return false;
}
