import { fold } from '../domain/fold';
import { type ListedSubscription, type PartnerState, subscriptionName } from '../domain/partner-state';
import { isOnItsWay } from '../domain/phase';
import type { Standing } from '../domain/standing';
import { nameOrId } from '../domain/subscription';
import { type RowId, rowKey } from './row-id';

/** Whether a change of ours keeps from being known who a subscription's partner is. */
export type RowChange = 'none' | 'open' | 'outcomeUnknown';

/** A subscription in the list. What it is searched and ordered by is made once. */
export interface Row extends RowId {
  readonly key: string;
  readonly state: PartnerState;
  /** Milliseconds since the epoch. */
  readonly readAt: number;
  readonly change: RowChange;
  readonly name: string;
  /** What people call the customer; empty where the backend knows none. */
  readonly customer: string;
  /** What people call the partner; empty where there is none. */
  readonly partner: string;
  /** All that it is found by, folded, with what can't be typed between. */
  readonly text: string;
}

export function rowOf(
  connectionId: string,
  { subscriptionId, state }: ListedSubscription,
  readAt: number,
  change: RowChange,
): Row {
  const { subscription, partnerOfRecord } = state;
  const name = subscriptionName(subscriptionId, state);
  const customer = subscription === null ? '' : nameOrId(subscription.customer.name, subscription.customer.id);
  const partner = partnerOfRecord === null ? '' : nameOrId(partnerOfRecord.name, partnerOfRecord.partnerId);
  const found = [name, subscriptionId, customer, partner, partnerOfRecord?.partnerId ?? ''];
  const key = rowKey({ connectionId, subscriptionId });
  const text = found.map(fold).join('\n');
  return { connectionId, subscriptionId, key, state, readAt, change, name, customer, partner, text };
}

/** What the newest change of a subscription says of how well its partner is known. */
export function rowChange(standing: Standing | null): RowChange {
  if (standing === null) return 'none';
  const { at } = standing;
  if (at.phase === 'unknown' || at.phase === 'outcomeUnknown') return 'outcomeUnknown';
  return isOnItsWay(at) ? 'open' : 'none';
}

/** The customers of two connections are two, whatever they are called. Null where the backend knows none. */
export function customerKey({ connectionId, state }: Pick<Row, 'connectionId' | 'state'>): string | null {
  return state.subscription === null ? null : JSON.stringify([connectionId, state.subscription.customer.id]);
}
