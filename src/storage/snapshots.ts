import type { SubscriptionId, SubscriptionRecord } from '../domain/subscription';
import type { Database } from './database';

/** The last record read of a subscription, and when (milliseconds since the epoch). */
export interface Snapshot {
  readonly record: SubscriptionRecord;
  readonly readAt: number;
}

export interface Snapshots {
  /** Null when none was ever read. */
  read(connectionId: string, subscriptionId: SubscriptionId): Promise<Snapshot | null>;
  /** Keeps it unless a later one is there. Answers the one it replaced or stands behind, null when it is the first. */
  write(connectionId: string, snapshot: Snapshot): Promise<Snapshot | null>;
}

export function createSnapshots(_open: () => Promise<Database>): Snapshots {
  throw new Error('In the making');
}
