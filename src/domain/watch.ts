import type { Capabilities } from './capabilities';
import type { Failure } from './failure';
import { isSamePartner } from './partner-state';
import type { ForeignChange } from './history';
import { mayShareView, type Person, type TenantSignIn } from './person';
import type { WatchEvery, Watched } from './settings';
import type { LoggedChange, SubscriptionId } from './subscription';
import { endOf, isOver, type Wait } from './wait';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** From the beginning of one pass to that of the next. */
export const WATCH_MINUTES: Readonly<Record<Exclude<WatchEvery, 'off'>, number>> = {
  hour: 60,
  sixHours: 6 * 60,
  day: 24 * 60,
};

/**
 * How many requests the watching of one connection may send in how long: enough for 60,000 subscriptions by pages of 200, and few
 * beside what a person at work sends. What is left of a pass goes on when the time is over.
 */
export const WATCH_BUDGET = { requests: 300, ms: HOUR_MS } as const;
/** Between two requests of a pass: a service is never asked in a rush. */
export const WATCH_PAUSE_MS = 1000;
/** So many removals of one pass have the log read for who made them; of the others it is read when somebody opens them. */
export const LOGS_A_PASS = 20;

/** A pass may begin so much early, as alarms do: a pass of every hour is not put off for an hour by a second. */
const EARLY_MS = 2 * MINUTE_MS;
/** A request that came to nothing is sent again after that, and after twice that. */
const AGAIN_AFTER_MS = 2 * MINUTE_MS;
const TRIES = 3;
const LONGEST_HOLD_MS = 24 * HOUR_MS;
/** Of a list whose pages nobody has counted. */
const LIKELY_PAGES = 10;
/** Of a longer list nobody notes what is in it: that would be written with each of its pages. */
const MOST_NOTED = 10_000;

/** What a pass has still to read. */
export type WatchPlan =
  /**
   * `next`: what the page before named; null for the first. `mark`: what an earlier page named, by which pages that lead in a circle
   * are known. `unmet`: the starred ones that no page has shown yet; null: all are watched. Then `unseen` are those of the last list that
   * no page has shown yet, and `seen` those that one has.
   */
  | {
      readonly by: 'list';
      readonly next: string | null;
      readonly mark: string | null;
      readonly pages: number;
      readonly unmet: readonly SubscriptionId[] | null;
      readonly unseen: readonly SubscriptionId[];
      readonly seen: readonly SubscriptionId[];
    }
  | { readonly by: 'single'; readonly left: readonly SubscriptionId[] }
  /** `accounts`: those whose tenants are still to be read; `listed`: those whose are. `left`: the links of these. */
  | {
      readonly by: 'links';
      readonly accounts: readonly string[];
      readonly listed: readonly string[];
      readonly left: readonly TenantSignIn[];
    };

/** What keeps a pass from its next request. */
export type WatchHold = { readonly for: 'signIn' } | { readonly for: 'time'; readonly wait: Wait };

/** A pass over what is watched of one connection, as far as it has come: subscriptions, or at Azure links. */
export interface WatchPass {
  readonly plan: WatchPlan;
  /** Nothing is announced: it is the first of this person here, so nobody was told what is there already. */
  readonly quiet: boolean;
  readonly hold: WatchHold | null;
  /** How often the next request has come to nothing by now. */
  readonly tries: number;
  /** How many logs were read for who removed a partner. */
  readonly logs: number;
  /** What was read. */
  readonly read: number;
  /** What could not be read, or at Azure not without the person: nobody knows who is on it. */
  readonly unknown: number;
  /** Watched subscriptions that are not in the list. */
  readonly missing: number;
}

/** How the last pass ended. Its numbers are those of {@link WatchPass}. */
export interface WatchOutcome extends Pick<WatchPass, 'read' | 'unknown' | 'missing'> {
  /** Milliseconds since the epoch. */
  readonly endedAt: number;
  /** The list was read to its end, and nothing was given up on the way. */
  readonly whole: boolean;
}

/** How far the watching of one connection is. */
export interface Watching {
  /** Whose: another person was shown something else. */
  readonly person: Person;
  /** The connection's. */
  readonly address: string;
  /** When the last pass began (milliseconds since the epoch); null: none has. */
  readonly begunAt: number | null;
  /** Whether a pass of this person here has ended. */
  readonly hasBase: boolean;
  /** Of how many pages the list was, when it was read last; null: it was not. */
  readonly pages: number | null;
  /** What the last list had, where all are watched: what the next one has no more is told, once. */
  readonly listed: readonly SubscriptionId[];
  /** At Azure: the accounts whose links a pass has gone through. Of any other nobody was told what is there already. */
  readonly accounts: readonly string[];
  readonly budget: { readonly from: number; readonly used: number };
  readonly pass: WatchPass | null;
  readonly last: WatchOutcome | null;
}

/** Whose watching it is, and where. */
export interface WatchedBy {
  readonly person: Person;
  readonly address: string;
}

/** The watching of this person here: what an earlier one has come to counts for nobody else and nowhere else. */
export function watchingOf(earlier: Watching | null, { person, address }: WatchedBy, now: number): Watching {
  if (earlier !== null && mayShareView(earlier.person, person) && earlier.address === address)
    return { ...earlier, person };
  return {
    person,
    address,
    begunAt: null,
    hasBase: false,
    pages: null,
    listed: [],
    accounts: [],
    budget: earlier?.address === address ? earlier.budget : { from: now, used: 0 },
    pass: null,
    last: null,
  };
}

/** Whether the next pass is due. One that began in the future, by a clock that was set since, counts as long ago. */
export function isPassDue({ begunAt, pass }: Watching, every: Exclude<WatchEvery, 'off'>, now: number): boolean {
  if (pass !== null) return false;
  return begunAt === null || isOver({ from: begunAt, ms: WATCH_MINUTES[every] * MINUTE_MS - EARLY_MS }, now);
}

/** What a pass begins with: at Azure the accounts that are signed in. */
export type ToWatch = RecordToWatch | { readonly accounts: readonly string[] };

interface RecordToWatch {
  readonly watched: Watched;
  /** Those that the person has starred; of no account where all are watched. */
  readonly starred: readonly SubscriptionId[];
  readonly can: Pick<Capabilities, 'list'>;
}

/** The watching once another pass has begun; with nothing to read it has ended, too. Null: the backend lists nothing, so nobody knows what all is. */
export function withPass(watching: Watching, toWatch: ToWatch, now: number): Watching | null {
  const isOfLinks = 'accounts' in toWatch;
  const plan = isOfLinks
    ? ({ by: 'links', accounts: toWatch.accounts, listed: [], left: [] } as const)
    : planFor(toWatch, watching);
  if (plan === null) return null;
  const pass = {
    plan,
    quiet: !watching.hasBase,
    hold: null,
    tries: 0,
    logs: 0,
    read: 0,
    unknown: 0,
    missing: 0,
  };
  // What is not looked for is of no list any more.
  const listed = !isOfLinks && toWatch.watched === 'all' ? watching.listed : [];
  // Whoever signs in again later begins anew.
  const accounts = isOfLinks ? watching.accounts.filter((user) => toWatch.accounts.includes(user)) : [];
  const begun = { ...watching, begunAt: now, pass, listed, accounts };
  return plan.by === 'single' && plan.left.length === 0 ? ended(begun, pass, true, now) : begun;
}

/** Pages of the list, or one subscription after the other: whichever is fewer requests. */
function planFor(
  { watched, starred, can }: RecordToWatch,
  { pages, listed }: Pick<Watching, 'pages' | 'listed'>,
): WatchPlan | null {
  const list = { by: 'list', next: null, mark: null, pages: 0, unseen: [], seen: [] } as const;
  if (watched === 'all') return can.list ? { ...list, unmet: null, unseen: listed } : null;
  return !can.list || starred.length <= (pages ?? LIKELY_PAGES)
    ? { by: 'single', left: starred }
    : { ...list, unmet: starred };
}

/** What a pass does next. `until`: milliseconds since the epoch; null: only a sign-in helps. */
export type WatchStep =
  | { readonly do: 'page'; readonly next: string | null }
  | { readonly do: 'single'; readonly id: SubscriptionId }
  /** The tenants of an account. */
  | { readonly do: 'tenants'; readonly user: string }
  | { readonly do: 'link'; readonly of: TenantSignIn }
  | { readonly do: 'wait'; readonly until: number | null }
  | { readonly do: 'end' };

export function nextWatchStep({ pass, budget }: Watching, now: number): WatchStep {
  if (pass === null) return { do: 'end' };
  const { plan, hold } = pass;
  if (hold?.for === 'signIn') return { do: 'wait', until: null };
  if (hold !== null && !isOver(hold.wait, now)) return { do: 'wait', until: endOf(hold.wait, now) };
  if (!hasBudget({ budget }, now)) return { do: 'wait', until: endOf(windowOf(budget), now) };
  switch (plan.by) {
    case 'list':
      return { do: 'page', next: plan.next };
    case 'single': {
      const [id] = plan.left;
      return id === undefined ? { do: 'end' } : { do: 'single', id };
    }
    case 'links': {
      const [of] = plan.left;
      if (of !== undefined) return { do: 'link', of };
      const [user] = plan.accounts;
      return user === undefined ? { do: 'end' } : { do: 'tenants', user };
    }
  }
}

/** Whether nobody is to be called for what the next step finds. */
export function isQuiet({ pass, accounts }: Watching, step: WatchStep): boolean {
  return step.do === 'link' ? !accounts.includes(step.of.user) : (pass?.quiet ?? true);
}

/** Whether one more request may leave now. */
export function hasBudget({ budget }: Pick<Watching, 'budget'>, now: number): boolean {
  return budget.used < WATCH_BUDGET.requests || isOver(windowOf(budget), now);
}

/** The watching once a request has left. */
export function spent(watching: Watching, now: number): Watching {
  const { budget } = watching;
  return {
    ...watching,
    budget: isOver(windowOf(budget), now) ? { from: now, used: 1 } : { ...budget, used: budget.used + 1 },
  };
}

function windowOf({ from }: Watching['budget']): Wait {
  return { from, ms: WATCH_BUDGET.ms };
}

/** What happened on a pass. */
export type WatchEvent =
  /** A page has come. `met`: those on it. */
  | { readonly type: 'page'; readonly met: readonly SubscriptionId[]; readonly next: string | null }
  | { readonly type: 'read'; readonly id: SubscriptionId }
  /** An account's tenants have come, by their IDs. */
  | { readonly type: 'tenants'; readonly user: string; readonly tenants: readonly string[] }
  | { readonly type: 'link' }
  /** `retryAfterMs`: how long the backend asks to wait. */
  | { readonly type: 'failed'; readonly failure: Failure; readonly retryAfterMs: number | null }
  /** Somebody signed in, or may reach the backend now. */
  | { readonly type: 'signedIn' };

/** The watching after that. A pass that has nothing more to read has ended. */
export function afterWatchEvent(watching: Watching, event: WatchEvent, now: number): Watching {
  const { pass } = watching;
  if (pass === null) return watching;
  const going = { ...pass, hold: null, tries: 0 };
  const { plan } = pass;
  switch (event.type) {
    case 'signedIn':
      return pass.hold?.for === 'signIn' ? { ...watching, pass: { ...pass, hold: null } } : watching;
    case 'page': {
      if (plan.by !== 'list') return watching;
      const met = new Set(event.met);
      const unmet = plan.unmet === null ? null : plan.unmet.filter((id) => !met.has(id));
      const read = plan.unmet === null ? event.met.length : plan.unmet.length - (unmet ?? []).length;
      const unseen = plan.unseen.filter((id) => !met.has(id));
      const seen = plan.unmet === null ? [...plan.seen, ...met].slice(0, MOST_NOTED + 1) : [];
      const pages = plan.pages + 1;
      // Remembered at the first page, the second, the fourth and so on: however long a circle is, it is met (R. P. Brent, 1980).
      const mark = Number.isInteger(Math.log2(pages)) ? event.next : plan.mark;
      const next = {
        ...going,
        plan: { ...plan, next: event.next, mark, pages, unmet, unseen, seen },
        read: pass.read + read,
      };
      if (event.next !== null && event.next === plan.mark) return ended(watching, next, false, now);
      if (event.next !== null) return { ...watching, pass: next };
      const listed = seen.length > MOST_NOTED ? [] : seen;
      return ended({ ...watching, pages, listed }, { ...next, missing: (unmet ?? unseen).length }, true, now);
    }
    case 'read':
      return afterSingle(watching, { ...going, read: pass.read + 1 }, event.id, now);
    case 'tenants': {
      if (plan.by !== 'links') return watching;
      const { user, tenants } = event;
      const accounts = plan.accounts.filter((one) => one !== user);
      const left = [...plan.left, ...tenants.map((tenant) => ({ user, tenant }))];
      const next = { ...going, plan: { ...plan, accounts, listed: [...plan.listed, user], left } };
      return goneOn(watching, next, now);
    }
    case 'link':
      if (plan.by !== 'links') return watching;
      return goneOn(watching, { ...going, read: pass.read + 1, plan: { ...plan, left: plan.left.slice(1) } }, now);
    case 'failed':
      return plan.by === 'links'
        ? afterLinkFailure(watching, { ...pass, plan }, event, now)
        : afterFailure(watching, pass, event, now);
  }
}

function afterSingle(watching: Watching, pass: WatchPass, id: SubscriptionId, now: number): Watching {
  if (pass.plan.by !== 'single') return watching;
  const left = pass.plan.left.filter((one) => one !== id);
  const next = { ...pass, plan: { ...pass.plan, left } };
  return left.length === 0 ? ended(watching, next, next.unknown === 0, now) : { ...watching, pass: next };
}

interface LinksPass extends WatchPass {
  readonly plan: Extract<WatchPlan, { readonly by: 'links' }>;
}

/** A pass over links, which ends with the last of them. */
function goneOn(watching: Watching, pass: LinksPass, now: number): Watching {
  const { accounts, listed, left } = pass.plan;
  if (accounts.length > 0 || left.length > 0) return { ...watching, pass };
  const told = { ...watching, accounts: [...new Set([...watching.accounts, ...listed])] };
  return ended(told, pass, pass.unknown === 0, now);
}

/** Each tenant is asked for itself: one that needs the person, refuses or asks to wait for long holds up no other. */
function afterLinkFailure(
  watching: Watching,
  pass: LinksPass,
  { failure, retryAfterMs }: Extract<WatchEvent, { type: 'failed' }>,
  now: number,
): Watching {
  if (failure.reason === 'permissionMissing') return { ...watching, pass: { ...pass, hold: { for: 'signIn' } } };
  const tries = pass.tries + 1;
  const ms = retryAfterMs ?? AGAIN_AFTER_MS * tries;
  const isKnown = failure.reason === 'refused' || failure.reason === 'signInNeeded' || failure.reason === 'otherPerson';
  if (!isKnown && tries < TRIES && ms <= AGAIN_AFTER_MS * TRIES)
    return { ...watching, pass: { ...pass, tries, hold: { for: 'time', wait: { from: now, ms } } } };
  const { accounts, left } = pass.plan;
  const plan = left.length > 0 ? { ...pass.plan, left: left.slice(1) } : { ...pass.plan, accounts: accounts.slice(1) };
  return goneOn(watching, { ...pass, plan, hold: null, tries: 0, unknown: pass.unknown + 1 }, now);
}

function afterFailure(
  watching: Watching,
  pass: WatchPass,
  { failure, retryAfterMs }: Extract<WatchEvent, { type: 'failed' }>,
  now: number,
): Watching {
  const held = (hold: WatchHold, tries = pass.tries): Watching => ({ ...watching, pass: { ...pass, hold, tries } });
  switch (failure.reason) {
    case 'signInNeeded':
    case 'otherPerson':
    case 'permissionMissing':
      return held({ for: 'signIn' });
  }
  if (retryAfterMs !== null) {
    return held({ for: 'time', wait: { from: now, ms: Math.min(retryAfterMs, LONGEST_HOLD_MS) } });
  }
  const [id] = pass.plan.by === 'single' ? pass.plan.left : [];
  const next = { ...pass, hold: null, tries: 0 };
  // What the backend refuses of one subscription it refuses again.
  if (id !== undefined && failure.reason === 'refused') {
    const isMissing = failure.code === 'SubscriptionNotFound';
    const counted = isMissing ? { missing: pass.missing + 1 } : { unknown: pass.unknown + 1 };
    return afterSingle(watching, { ...next, ...counted }, id, now);
  }
  const tries = pass.tries + 1;
  if (tries < TRIES) return held({ for: 'time', wait: { from: now, ms: AGAIN_AFTER_MS * tries } }, tries);
  if (id !== undefined) return afterSingle(watching, { ...next, unknown: pass.unknown + 1 }, id, now);
  // The rest of the list is not known, and nothing on it is called missing.
  return ended(watching, next, false, now);
}

function ended(watching: Watching, { read, unknown, missing }: WatchPass, whole: boolean, now: number): Watching {
  const hasBase = watching.hasBase || whole || read > 0;
  return { ...watching, hasBase, pass: null, last: { endedAt: now, read, unknown, missing, whole } };
}

/** By so much the service's clock may be ahead of ours. */
const CLOCKS_APART_MS = 5 * MINUTE_MS;

/**
 * Who made a change elsewhere, by the backend's log: the newest of its changes that led to what was found, and were not made after
 * it was found. Null where the log does not say.
 */
export function madeByLog(
  { after, foundAt }: Pick<ForeignChange, 'after' | 'foundAt'>,
  log: readonly LoggedChange[],
): string | null {
  const made = log.filter((logged) => isSamePartner(logged.after, after));
  const before = made.find(({ at }) => Date.parse(at) <= foundAt + CLOCKS_APART_MS);
  return (before ?? (made.length === 1 ? made[0] : undefined))?.by ?? null;
}
