import type { Failure } from '../domain/failure';
import type { ListedSubscription } from '../domain/partner-state';
import type { SubscriptionsPage } from '../messaging/protocol';

/** What is loaded of the list. `readAt`: when its first page was read, in milliseconds since the epoch. */
export interface List {
  readonly filter: string;
  readonly subscriptions: readonly ListedSubscription[];
  readonly next: string | null;
  /** The links that led to the pages loaded after the first one. */
  readonly followed: readonly string[];
  readonly readAt: number | null;
  readonly state: 'reading' | 'here' | { readonly failure: Failure };
}

export const EMPTY_LIST: List = {
  filter: '',
  subscriptions: [],
  next: null,
  followed: [],
  readAt: null,
  state: 'reading',
};

/** The list while a page is read: from its start when the filter is another, else further on. */
export function reading(list: List, filter: string, from: 'start' | 'next'): List {
  if (from === 'next') return { ...list, state: 'reading' };
  // What was there stays while it is read again; what another filter showed does not.
  return filter === list.filter ? { ...list, state: 'reading' } : { ...EMPTY_LIST, filter };
}

/** The list after a page has come. */
export function withPage(list: List, page: SubscriptionsPage, from: 'start' | 'next'): List {
  if (!page.ok) return { ...list, state: { failure: page.failure } };
  if (from === 'start') {
    return {
      ...list,
      subscriptions: page.subscriptions,
      next: page.next,
      followed: [],
      readAt: page.readAt,
      state: 'here',
    };
  }
  const followed = list.next === null ? list.followed : [...list.followed, list.next];
  // One that moved between two pages comes twice.
  const known = new Set(list.subscriptions.map(({ subscriptionId }) => subscriptionId));
  const added = page.subscriptions.filter(({ subscriptionId }) => !known.has(subscriptionId));
  const subscriptions = [...list.subscriptions, ...added];
  // Pages that lead to each other in a circle would never end.
  if (page.next !== null && followed.includes(page.next))
    return { ...list, subscriptions, followed, next: null, state: CIRCLE };
  return { ...list, subscriptions, followed, next: page.next, state: 'here' };
}

const CIRCLE = {
  failure: { reason: 'unreadable', detail: { code: 'fieldUnexpected', field: 'nextLink' } },
} as const;

/** The list with what was read of a subscription since, in the place of what it had. */
export function withListed(list: List, listed: ListedSubscription): List {
  const subscriptions = list.subscriptions.map((known) =>
    known.subscriptionId === listed.subscriptionId ? listed : known,
  );
  return { ...list, subscriptions };
}
