import * as v from 'valibot';
import type { Person } from '../domain/person';
import { personSchema, subscriptionRecordSchema } from '../domain/schemas';
import type { SubscriptionId, SubscriptionRecord } from '../domain/subscription';
import { write } from './database';
import type { Database } from './schema';

/** The last record read of a subscription, and when (milliseconds since the epoch). */
export interface Snapshot {
  readonly record: SubscriptionRecord;
  readonly readAt: number;
  /** Whom the backend showed it to; null where nobody was known, or an earlier version did not note it. */
  readonly readAs: Person | null;
}

export interface Snapshots {
  /** Null when none was ever read. */
  read(connectionId: string, subscriptionId: SubscriptionId): Promise<Snapshot | null>;
  /**
   * Keeps it unless a later one is there. Answers the one that was there, null when it is the first.
   * @throws {StorageFull} when there is no room
   */
  write(connectionId: string, snapshot: Snapshot): Promise<Snapshot | null>;
}

const snapshotSchema = v.object({
  record: subscriptionRecordSchema,
  readAt: v.number(),
  readAs: v.optional(v.nullable(personSchema), null),
});

/** The last record read of every subscription, so that something is shown at once, with its age. */
export function createSnapshots(open: () => Promise<Database>): Snapshots {
  return {
    async read(connectionId, subscriptionId) {
      return readable(await (await open()).get('snapshots', [connectionId, subscriptionId]));
    },

    write: (connectionId, snapshot) =>
      write(open, ['snapshots'], 'relaxed', async ({ store }) => {
        const key: [string, string] = [connectionId, snapshot.record.subscriptionId];
        const before = readable(await store.get(key));
        if (before === null || before.readAt <= snapshot.readAt) await store.put(snapshot, key);
        return before;
      }),
  };
}

/** One that is damaged counts as none: the next read replaces it. */
function readable(stored: unknown): Snapshot | null {
  const parsed = v.safeParse(snapshotSchema, stored);
  return parsed.success ? parsed.output : null;
}
