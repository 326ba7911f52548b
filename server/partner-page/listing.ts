import { fold } from '../../src/domain/fold';
import type { Shared } from './api';

/** By what the subscriptions can be sorted. */
export const SORTED_BY = ['subscription', 'customer', 'period', 'associated'] as const;
export type SortedBy = (typeof SORTED_BY)[number];

export interface Order {
  readonly by: SortedBy;
  readonly descending: boolean;
}

/** What is sorted by: names by the reader's alphabet, times by their text, which RFC 3339 makes comparable in UTC. */
const SORT_KEYS: Record<SortedBy, (one: Shared) => string> = {
  subscription: ({ displayName }) => displayName,
  customer: ({ customer }) => customer.name,
  period: ({ endDate }) => new Date(endDate).toISOString(),
  associated: ({ associatedAt }) => new Date(associatedAt).toISOString(),
};

/** Pressing a column's head sorts by it, and turns the order round when it is sorted by it already. */
export function orderAfterPress(order: Order, by: SortedBy): Order {
  return { by, descending: order.by === by && !order.descending };
}

/**
 * The subscriptions that a search finds, in the order wished for; what is alike in it stays as the service has it.
 * @param searched looked for in names and IDs of subscription and customer, by its fold; '' finds all
 */
export function listed(
  subscriptions: readonly Shared[],
  searched: string,
  { by, descending }: Order,
  compare: (one: string, other: string) => number,
): Shared[] {
  const wanted = fold(searched.trim());
  const found = subscriptions.filter(({ displayName, subscriptionId, customer }) =>
    [displayName, subscriptionId, customer.name, customer.id].some((text) => fold(text).includes(wanted)),
  );
  const keyOf = SORT_KEYS[by];
  const direction = descending ? -1 : 1;
  return found.toSorted((one, other) => direction * compare(keyOf(one), keyOf(other)));
}
