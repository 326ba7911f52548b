import type { SubscriptionId } from '../domain/subscription';
import { subscriptionTarget, targetKey } from '../domain/target';

/** What tells a row of the list from all others: the same subscription at another connection is another row. */
export interface RowId {
  readonly connectionId: string;
  readonly subscriptionId: SubscriptionId;
}

/** The text by which a row is selected. */
export function rowKey({ connectionId, subscriptionId }: RowId): string {
  return targetKey(subscriptionTarget(connectionId, subscriptionId));
}
