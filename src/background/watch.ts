import { type Backend, BackendError, failureOf } from '../backends/backend';
import type { LaneHold } from '../domain/batch';
import type { AzureAccount } from '../domain/azure-account';
import { type Connection, type EntraConnection, isOfLinks } from '../domain/connection';
import type { ForeignChange } from '../domain/history';
import { mayShareView, type Person } from '../domain/person';
import type { Settings, WatchEvery } from '../domain/settings';
import type { SubscriptionId } from '../domain/subscription';
import { subscriptionTarget, type Target } from '../domain/target';
import {
  afterWatchEvent,
  hasBudget,
  isPassDue,
  isQuiet,
  LOGS_A_PASS,
  nextWatchStep,
  spent,
  WATCH_MINUTES,
  WATCH_PAUSE_MS,
  type Watching,
  watchingOf,
  type WatchStep,
  withPass,
} from '../domain/watch';
import { endOf } from '../domain/wait';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import type { WatchesWriter } from '../storage/watches';
import type { AzureReader } from './azure-reader';
import { ASK_FOR_MS, type Connections, type CurrentConnection } from './connections';
import { learnMaker } from './learn-maker';
import { keepAlarm } from './standing-alarm';
import { isListing, type Subscriptions } from './subscriptions';
import { WATCHING_ALARM, type Wakefulness } from './wakefulness';

export interface WatchParts {
  readonly settings: () => Promise<Settings>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'listPage' | 'look'>;
  readonly watches: WatchesWriter;
  readonly history: Pick<History, 'noteMaker'>;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  /** At Azure: who is signed in there, each with links of their own. */
  readonly accounts: (connection: EntraConnection) => Promise<readonly AzureAccount[]>;
  readonly reader: Pick<AzureReader, 'tenants'>;
  /** Those that this person has starred there. */
  readonly starred: (connectionId: string, person: Person) => Promise<readonly SubscriptionId[]>;
  /** What holds up the requests of that connection: those that nobody waits for wait for its end too. Null where nothing does. */
  readonly holdOf: (connectionId: string) => Promise<LaneHold | null>;
  /** What holds up the requests for one target alone. */
  readonly holdOfTarget: (target: Target, backend: Backend) => Promise<LaneHold | null>;
  readonly wakefulness: Wakefulness;
  readonly clock: Clock;
  readonly log: Log;
  /** Changes made elsewhere are in the history, of which nobody was told. */
  readonly onForeign: () => void;
  /** Rows of the history were written, or are known better. */
  readonly onHistory: () => void;
}

/** Looks for changes made elsewhere, every so often, as the settings say. */
export interface Watch {
  /** The standing alarm has come: the next pass of each connection is due. */
  ring(): Promise<void>;
  /** Takes up what an earlier worker left, and begins what is due. Resolves once nothing can go on by itself. */
  run(): Promise<void>;
  /** Somebody signed in, or a backend can be reached now: what waited for that goes on. */
  signedIn(): Promise<void>;
  /** Brings alarm and passes in line with the settings. */
  follow(): Promise<void>;
}

/** The standing alarm, of which the next pass begins. */
export const WATCH_ALARM = 'watch';
/** Of a worker that only waits this is not much, and each wait is taken up by the alarm after it. */
const LONGEST_PAUSE_MS = 20_000;

/**
 * One pass at a time for each connection, one request at a time in each. How far it is stands on the disk after each answer, once
 * what the answer showed is there, so that a pass that ended with its worker goes on where it was.
 */
export function createWatch(parts: WatchParts): Watch {
  const { watches, subscriptions, clock, log } = parts;
  const going = new Map<string, Promise<void>>();
  /** Asked to go on since they last looked what to do. */
  const nudged = new Set<string>();
  /** When each can go on by itself. */
  const waits = new Map<string, number>();

  async function wanted(): Promise<Wanted | null> {
    const settings = await parts.settings();
    return settings.watch === 'off' ? null : { ...settings, watch: settings.watch };
  }

  async function run(): Promise<void> {
    const ids = ((await wanted())?.connections ?? []).map(({ id }) => id);
    // Of a connection that is gone nobody waits for anything.
    for (const id of waits.keys()) if (!ids.includes(id)) waits.delete(id);
    await Promise.all(ids.map(goOn));
  }

  /** Each connection by itself: a slow one never holds up another. */
  function goOn(connectionId: string): Promise<void> {
    nudged.add(connectionId);
    const present = going.get(connectionId);
    if (present !== undefined) return present;
    const started = goThrough(connectionId)
      .catch((cause: unknown) =>
        log.error('A look for changes made elsewhere has stopped; the next alarm goes on', cause),
      )
      .finally(async () => {
        going.delete(connectionId);
        if (going.size === 0) await wakeForNext();
      });
    going.set(connectionId, started);
    return started;
  }

  async function goThrough(connectionId: string): Promise<void> {
    while (nudged.delete(connectionId)) {
      waits.delete(connectionId);
      const until = await navigator.locks.request(`watch ${connectionId}`, () => passOf(connectionId));
      if (until !== null) waits.set(connectionId, until);
    }
  }

  /** Has the worker come back for the first of what waits. */
  async function wakeForNext(): Promise<void> {
    await parts.wakefulness.allEnded();
    if (waits.size === 0) return;
    const delayInMinutes = Math.max(0.5, (Math.min(...waits.values()) - clock.now()) / 60_000);
    browser.alarms.create(WATCHING_ALARM, { delayInMinutes });
  }

  /** Goes on with a pass as far as it can; answers when it can again by itself, null where it cannot, or has ended. */
  async function passOf(connectionId: string): Promise<number | null> {
    const ended = new AbortController();
    parts.wakefulness.onTheWire(ended.signal);
    let found = false;
    try {
      for (;;) {
        const now = await standing(connectionId);
        if (now === null) return null;
        const { current, watching } = now;
        const step = nextWatchStep(watching, clock.now());
        if (step.do === 'end') return null;
        if (step.do === 'wait') {
          if (step.until === null || step.until - clock.now() > LONGEST_PAUSE_MS) return step.until;
          await pause(step.until - clock.now());
          continue;
        }
        // Of links each tenant is held up for itself.
        const hold = isOfLinks(current.connection) ? null : await parts.holdOf(connectionId);
        // The end of a sign-in is told: until then there is nothing to come back for.
        if (hold !== null) return hold.for === 'signIn' ? null : endOf(hold.wait, clock.now());
        await parts.wakefulness.workOpen();
        const { after, isForeign } = await take(step, current, watching);
        // At its end it tells of what an earlier worker has found on it, too.
        found ||= isForeign || after.pass === null;
        if (after.pass === null) {
          // What a page says of the last look is another by now.
          parts.onHistory();
          return null;
        }
        await pause(WATCH_PAUSE_MS);
      }
    } finally {
      ended.abort();
      // Of all that a pass has found people are told once.
      if (found) parts.onForeign();
    }
  }

  /** The connection and how far its watching is, with a pass begun where one is due. Null where there is none to go on with. */
  async function standing(
    connectionId: string,
  ): Promise<{ readonly current: CurrentConnection; readonly watching: Watching } | null> {
    const settings = await wanted();
    const current = await parts.connections.byId(connectionId);
    if (settings === null) await watches.alter(connectionId, () => null);
    if (settings === null || current === null) return null;
    const { connection } = current;
    const person = await watcherOf(connection);
    if (person === null) return null;
    const { address } = connection;
    const now = clock.now();
    const watching = watchingOf(await watches.read(connectionId), { person, address }, now);
    // A link is read by a request of its own, and changes rarely.
    if (!isPassDue(watching, isOfLinks(connection) ? 'day' : settings.watch, now)) return { current, watching };
    const toWatch = isOfLinks(connection)
      ? { accounts: (await parts.accounts(connection)).map(({ user }) => user) }
      : {
          watched: settings.watched,
          starred: settings.watched === 'starred' ? await parts.starred(connectionId, person) : [],
          can: current.backend.can,
        };
    const begun = withPass(watching, toWatch, now);
    if (begun === null) return null;
    await watches.write(connectionId, begun);
    return { current, watching: begun };
  }

  /** Whose watching it is; null where nobody is signed in. At Azure it is everybody's who is, since each link is of one account. */
  async function watcherOf(connection: Connection): Promise<Person | null> {
    if (!isOfLinks(connection)) return parts.person(connection);
    const accounts = await parts.accounts(connection);
    return accounts.length === 0 ? null : { kind: 'connection', connectionId: connection.id };
  }

  /** Sends one request, and keeps what came of it. */
  async function take(
    step: StepOut,
    current: CurrentConnection,
    before: Watching,
  ): Promise<{ readonly after: Watching; readonly isForeign: boolean }> {
    const { connection } = current;
    const sent = spent(before, clock.now());
    const quiet = isQuiet(sent, step);
    const signal = AbortSignal.timeout(ASK_FOR_MS);
    try {
      const { event, found } = await asked(step, current, sent, { quiet, signal });
      // Somebody else may have signed in meanwhile: then it was nothing of this pass.
      const present = await watcherOf(connection);
      if (present === null || !mayShareView(before.person, present)) return { after: sent, isForeign: false };
      const answered = afterWatchEvent(sent, event, clock.now());
      const after = quiet ? answered : await withMakers(current, answered, found, sent.pass?.logs ?? 0);
      await watches.write(connection.id, after);
      if (found.length > 0) parts.onHistory();
      return { after, isForeign: found.some(({ seen }) => !seen) };
    } catch (cause) {
      const failure = failureOf(cause);
      const retryAfterMs = cause instanceof BackendError ? cause.retryAfterMs : null;
      const after = afterWatchEvent(sent, { type: 'failed', failure, retryAfterMs }, clock.now());
      await watches.write(connection.id, after);
      return { after, isForeign: false };
    }
  }

  async function asked(
    step: StepOut,
    current: CurrentConnection,
    { pass }: Watching,
    look: { readonly quiet: boolean; readonly signal: AbortSignal },
  ) {
    switch (step.do) {
      case 'single': {
        const found = await subscriptions.look(current, subscriptionTarget(current.connection.id, step.id), look);
        return { event: { type: 'read', id: step.id } as const, found };
      }
      case 'tenants':
        return { event: await tenantsOf(current, step.user), found: [] };
      case 'link': {
        const target = { kind: 'signIn', connectionId: current.connection.id, ...step.of } as const;
        const hold = await parts.holdOfTarget(target, current.backend);
        if (hold?.for === 'signIn') throw new BackendError({ reason: 'signInNeeded' });
        if (hold !== null) {
          const retryAfterMs = endOf(hold.wait, clock.now()) - clock.now();
          throw new BackendError({ reason: 'busy' }, { retryAfterMs });
        }
        const found = await subscriptions.look(current, target, look);
        return { event: { type: 'link' } as const, found };
      }
      case 'page': {
        if (!isListing(current)) throw new BackendError({ reason: 'refused', code: 'NotSupported' });
        const unmet = pass?.plan.by === 'list' ? pass.plan.unmet : null;
        const only = unmet === null ? null : new Set(unmet);
        const page = await subscriptions.listPage(current, step.next, { ...look, only });
        const found = await page.found;
        const met = page.subscriptions.map(({ subscriptionId }) => subscriptionId);
        return { event: { type: 'page', met, next: page.next } as const, found };
      }
    }
  }

  async function tenantsOf({ connection }: CurrentConnection, user: string) {
    const account = isOfLinks(connection)
      ? (await parts.accounts(connection)).find((one) => one.user === user)
      : undefined;
    // It was signed out meanwhile.
    if (!isOfLinks(connection) || account === undefined) throw new BackendError({ reason: 'signInNeeded' });
    const tenants = await parts.reader.tenants(connection, { user, tenant: account.homeTenant });
    return { type: 'tenants', user, tenants: tenants.map(({ id }) => id) } as const;
  }

  /** Has the log read for who removed a partner, as often as a pass may. What stays unknown is read when somebody opens it. */
  async function withMakers(
    current: CurrentConnection,
    watching: Watching,
    found: readonly ForeignChange[],
    logsRead: number,
  ): Promise<Watching> {
    if (current.backend.changes === undefined) return watching;
    let logs = logsRead;
    let budget = watching;
    for (const foreign of found) {
      if (foreign.by !== null || logs >= LOGS_A_PASS || !hasBudget(budget, clock.now())) continue;
      await pause(WATCH_PAUSE_MS);
      budget = spent(budget, clock.now());
      logs += 1;
      try {
        await learnMaker(current, foreign, parts.history, AbortSignal.timeout(ASK_FOR_MS));
      } catch (cause) {
        const failure = failureOf(cause);
        log.info('The log that says who made a change could not be read', { why: failure.reason });
        // The next ones would meet the same.
        if (failure.reason !== 'refused') break;
      }
    }
    return { ...budget, pass: budget.pass && { ...budget.pass, logs } };
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => clock.callAt(clock.now() + ms, resolve, new AbortController().signal));
  }

  /** Lets something happen to the watching of each of those connections that has one. */
  async function alterAll(
    change: (watching: Watching) => Watching,
    isMeant: (connection: Connection) => boolean = () => true,
  ): Promise<void> {
    const { connections } = await parts.settings();
    await Promise.all(connections.filter(isMeant).map(({ id }) => watches.alter(id, change)));
  }

  return {
    async ring() {
      await alterAll(
        (watching) => {
          // One that waits for a sign-in gives way: the next one asks again whether it still must.
          const pass = watching.pass?.hold?.for === 'signIn' ? null : watching.pass;
          return { ...watching, pass, begunAt: pass === null ? null : watching.begunAt };
        },
        // Links are looked at once a day, however often it comes.
        (connection) => !isOfLinks(connection),
      );
      await run();
    },

    run,

    async signedIn() {
      await alterAll((watching) => afterWatchEvent(watching, { type: 'signedIn' }, clock.now()));
      void run();
    },

    async follow() {
      const settings = await wanted();
      // Watching that was off begins anew.
      await watches.keepOnly(settings?.connections.map(({ id }) => id) ?? []);
      await keepStandingAlarm(settings?.watch ?? null);
      void run();
    },
  };

  async function keepStandingAlarm(every: Exclude<WatchEvery, 'off'> | null): Promise<void> {
    if (every === null) {
      await browser.alarms.clear(WATCH_ALARM);
      return;
    }
    const present = await browser.alarms.get(WATCH_ALARM);
    if (present !== undefined && present.periodInMinutes !== WATCH_MINUTES[every])
      await browser.alarms.clear(WATCH_ALARM);
    await keepAlarm(WATCH_ALARM, WATCH_MINUTES[every], clock);
  }
}

/** A step that sends a request. */
type StepOut = Exclude<WatchStep, { readonly do: 'wait' | 'end' }>;

interface Wanted extends Settings {
  readonly watch: Exclude<WatchEvery, 'off'>;
}
