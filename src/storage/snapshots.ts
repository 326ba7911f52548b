import * as v from 'valibot';
import type { Person } from '../domain/person';
import { personSchema, subscriptionRecordSchema } from '../domain/schemas';
import type { SubscriptionId, SubscriptionRecord } from '../domain/subscription';
import { type Database, write } from './database';

/** The last record read of a subscription. */
export interface Snapshot {
  readonly record: SubscriptionRecord;
  /** When, in milliseconds since the epoch, for people: the clock may have been set since, so nothing is put in order by it. */
  readonly readAt: number;
  /** Which of all that were ever kept of that subscription it is: the higher is the newer. */
  readonly order: number;
  /** Whom the backend showed it to; null where nobody was known, or an earlier version did not note it. */
  readonly readAs: Person | null;
}

export interface Snapshots {
  /** Null when none was ever read. */
  read(connectionId: string, subscriptionId: SubscriptionId): Promise<Snapshot | null>;
  /**
   * Keeps it as the newest. Whoever calls it knows that it is.
   * @throws {StorageFull} when there is no room
   */
  write(connectionId: string, snapshot: Omit<Snapshot, 'order'>): Promise<void>;
}

const snapshotSchema = v.object({
  record: subscriptionRecordSchema,
  readAt: v.number(),
  // None was given by earlier versions.
  order: v.optional(v.number(), 0),
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
        const order = (readable(await store.get(key))?.order ?? 0) + 1;
        await store.put({ ...snapshot, order }, key);
      }),
  };
}

/** One that is damaged counts as none: the next read replaces it. */
function readable(stored: unknown): Snapshot | null {
  const parsed = v.safeParse(snapshotSchema, stored);
  return parsed.success ? parsed.output : null;
}
