import type { SubscriptionId } from './subscription';

/**
 * How much the panels on portal pages get before a person is asked: a page can set its own address and lead the panel through
 * subscription after subscription, and a content script that a page has taken over can send what the panel sends. What the
 * extension's own pages do is not counted.
 *
 * - `shown`: subscriptions whose record was given to a tab
 * - `pressed`: those of them that a press on "Show partner" asked for
 * - `changes`, `checks`: what was asked for from a panel
 * - `windows`: how often a window or page of the extension's own, or one to sign in, was brought before the person
 */
export const LIMITED = ['shown', 'pressed', 'changes', 'checks', 'windows'] as const;
export type Limited = (typeof LIMITED)[number];

/** One thing that a tab got. `at` in milliseconds since the epoch. */
export interface Use {
  readonly tabId: number;
  readonly at: number;
}

/** What portals got so far, as far as it still counts; each list oldest first. */
export interface PortalUses {
  readonly uses: Readonly<Record<Limited, readonly Use[]>>;
  /**
   * The subscription that each tab was shown last: showing it again there costs nothing. The latest last. `link`: which link beside it;
   * absent: none yet.
   */
  readonly present: readonly {
    readonly tabId: number;
    readonly subscriptionId: SubscriptionId;
    readonly link?: string;
  }[];
  /** Portals made many changes in a short time; null while they did not. `seen`: the person has met it. */
  readonly manyChanges: { readonly seen: boolean } | null;
}

export const NO_USES: PortalUses = {
  uses: { shown: [], pressed: [], changes: [], checks: [], windows: [] },
  present: [],
  manyChanges: null,
};

/** What a portal asks for. */
export type PortalWish =
  /**
   * `pressed`: the person pressed "Show partner". `link`: one text for each tenant and account whose link is to be shown: the first comes
   * with its subscription, and each other one counts as a subscription does, since a page may name any tenant beside it.
   */
  | {
      readonly kind: 'show';
      readonly tabId: number;
      readonly subscriptionId: SubscriptionId;
      readonly pressed: boolean;
      readonly link?: string;
    }
  | { readonly kind: 'change'; readonly tabId: number; readonly subscriptionId: SubscriptionId }
  | { readonly kind: 'check' | 'window'; readonly tabId: number };

export interface Judged {
  readonly granted: boolean;
  /** What portals got by now. What was not granted costs nothing. */
  readonly after: PortalUses;
}

/** Of one tab, or of all tabs together: so many within that time, or so many at once and then one each time that long. */
type Limit = { readonly of: 'tab' | 'all' } & (
  | { readonly most: number; readonly inMs: number }
  | { readonly atOnce: number; readonly thenEveryMs: number }
);

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const LIMITS: Record<Limited, readonly Limit[]> = {
  shown: [
    { of: 'tab', atOnce: 8, thenEveryMs: 2 * SECOND_MS },
    { of: 'all', most: 300, inMs: HOUR_MS },
  ],
  // About as fast as a person presses: a content script that a page has taken over can claim a press.
  pressed: [
    { of: 'tab', atOnce: 5, thenEveryMs: 2 * SECOND_MS },
    { of: 'all', most: 20, inMs: MINUTE_MS },
  ],
  changes: [
    { of: 'tab', most: 10, inMs: MINUTE_MS },
    { of: 'all', most: 20, inMs: MINUTE_MS },
    { of: 'all', most: 120, inMs: HOUR_MS },
  ],
  checks: [
    { of: 'tab', most: 20, inMs: MINUTE_MS },
    { of: 'all', most: 40, inMs: MINUTE_MS },
  ],
  // Bringing it to the front again counts too: each takes the focus from whatever the person is at.
  windows: [{ of: 'all', most: 6, inMs: MINUTE_MS }],
};

/** No limit looks further back. Over an hour the pace of `shown` lets more through than its 300, so it needs no longer memory. */
const COUNTS_FOR_MS = HOUR_MS;
/** One that is forgotten is only counted again. */
const MOST_TABS = 200;

const MANY_CHANGES = 10;
const MANY_IN_MS = 10 * MINUTE_MS;

/** Whether a portal gets what it asks for now, and what is then counted. What is not granted does not count. */
export function judge(before: PortalUses, wish: PortalWish, now: number): Judged {
  const state = { ...before, uses: stillCounting(before.uses, now) };
  const after = afterWish(state, wish, now);
  if (after === null)
    return { granted: false, after: wish.kind === 'show' ? withoutPresent(before, wish.tabId) : before };
  return { granted: true, after: after === state ? before : after };
}

/** Null when it is not granted. */
function afterWish(state: PortalUses, wish: PortalWish, now: number): PortalUses | null {
  const { tabId } = wish;
  switch (wish.kind) {
    case 'show': {
      const { subscriptionId, link } = wish;
      const others = state.present.filter((one) => one.tabId !== tabId);
      const shown = { tabId, subscriptionId, ...(link !== undefined && { link }) };
      const before = state.present.find((one) => one.tabId === tabId && one.subscriptionId === subscriptionId);
      if (before !== undefined && (link === undefined || link === before.link)) return state;
      if (before !== undefined && before.link === undefined) return { ...state, present: [...others, shown] };
      const limited = wish.pressed ? 'pressed' : 'shown';
      if (!isWithin(limited, state.uses[limited], tabId, now)) return null;
      // What a press shows comes in beside the pace of the others, and then weighs on it.
      const spent = wish.pressed ? spend(state, 'pressed', tabId, now) : state;
      return { ...spend(spent, 'shown', tabId, now), present: [...others, shown].slice(-MOST_TABS) };
    }
    case 'change': {
      // The answer to a change shows the partner there was.
      const shown = afterWish(state, { ...wish, kind: 'show', pressed: false }, now);
      if (shown === null || !isWithin('changes', state.uses.changes, tabId, now)) return null;
      return withManyChanges(spend(shown, 'changes', tabId, now), now);
    }
    case 'check':
      return isWithin('checks', state.uses.checks, tabId, now) ? spend(state, 'checks', tabId, now) : null;
    case 'window':
      return isWithin('windows', state.uses.windows, tabId, now) ? spend(state, 'windows', tabId, now) : null;
  }
}

/** Whether that subscription is the one that this tab was shown last. */
export function isPresent({ present }: PortalUses, tabId: number, subscriptionId: SubscriptionId): boolean {
  return present.some((one) => one.tabId === tabId && one.subscriptionId === subscriptionId);
}

/** The tab has gone on to what it is not shown: back again is another time. */
function withoutPresent(before: PortalUses, tabId: number): PortalUses {
  const present = before.present.filter((one) => one.tabId !== tabId);
  return present.length === before.present.length ? before : { ...before, present };
}

/** The person has met that portals made many changes: it is told again only after they have made fewer. */
export function manyChangesSeen(before: PortalUses): PortalUses {
  return before.manyChanges === null ? before : { ...before, manyChanges: { seen: true } };
}

/** A use in the future was noted before the clock was put back: it counts no more, so that nobody waits for that time. */
function stillCounting(uses: PortalUses['uses'], now: number): PortalUses['uses'] {
  const counting = (one: Use) => one.at <= now && now - one.at < COUNTS_FOR_MS;
  return {
    shown: uses.shown.filter(counting),
    pressed: uses.pressed.filter(counting),
    changes: uses.changes.filter(counting),
    checks: uses.checks.filter(counting),
    windows: uses.windows.filter(counting),
  };
}

function isWithin(limited: Limited, uses: readonly Use[], tabId: number, now: number): boolean {
  return LIMITS[limited].every((limit) => {
    const counted = limit.of === 'all' ? uses : uses.filter((one) => one.tabId === tabId);
    const agesNewestFirst = counted.map(({ at }) => now - at).toReversed();
    if ('most' in limit) {
      const oldest = agesNewestFirst[limit.most - 1];
      return oldest === undefined || oldest >= limit.inMs;
    }
    const { atOnce, thenEveryMs } = limit;
    return agesNewestFirst.every((age, index) => index + 1 < atOnce || age >= (index + 2 - atOnce) * thenEveryMs);
  });
}

function spend(state: PortalUses, limited: Limited, tabId: number, now: number): PortalUses {
  return { ...state, uses: { ...state.uses, [limited]: [...state.uses[limited], { tabId, at: now }] } };
}

function withManyChanges(state: PortalUses, now: number): PortalUses {
  const recent = state.uses.changes.filter(({ at }) => now - at < MANY_IN_MS).length;
  if (recent > MANY_CHANGES) return { ...state, manyChanges: state.manyChanges ?? { seen: false } };
  return state.manyChanges?.seen ? { ...state, manyChanges: null } : state;
}
