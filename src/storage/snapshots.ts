import * as v from 'valibot';
import { type PartnerState, stateOf } from '../domain/partner-state';
import type { Person } from '../domain/person';
import { partnerStateSchema, personSchema, subscriptionRecordSchema } from '../domain/schemas';
import type { Target } from '../domain/target';
import { type Database, write } from './database';
import { inPresentWords } from './earlier-targets';

/** The last state read of a target, and when (milliseconds since the epoch). */
export interface Snapshot {
  readonly state: PartnerState;
  readonly readAt: number;
  /** Whom the backend showed it to; null where nobody was known, or an earlier version did not note it. */
  readonly readAs: Person | null;
}

export interface Snapshots {
  /** Null when none was ever read. */
  read(target: Target): Promise<Snapshot | null>;
  /**
   * Keeps it unless a later one is there. Answers the one that was there, null when it is the first.
   * @throws {StorageFull} when there is no room
   */
  write(target: Target, snapshot: Snapshot): Promise<Snapshot | null>;
}

const noted = {
  readAt: v.number(),
  readAs: v.pipe(v.optional(v.unknown(), null), v.transform(inPresentWords), v.nullable(personSchema)),
};

const snapshotSchema = v.union([
  v.object({ state: partnerStateSchema, ...noted }),
  // As earlier versions kept it: the service's record.
  v.pipe(
    v.object({ record: subscriptionRecordSchema, ...noted }),
    v.transform(({ record, ...rest }) => ({ state: stateOf(record), ...rest })),
  ),
]);

/** The last state read of every target, so that something is shown at once, with its age. */
export function createSnapshots(open: () => Promise<Database>): Snapshots {
  return {
    async read(target) {
      return readable(await (await open()).get('snapshots', keyOf(target)));
    },

    write: (target, snapshot) =>
      write(open, ['snapshots'], 'relaxed', async ({ store }) => {
        const key = keyOf(target);
        const before = readable(await store.get(key));
        if (before === null || before.readAt <= snapshot.readAt) await store.put(snapshot, key);
        return before;
      }),
  };
}

function keyOf(target: Target): [connectionId: string, of: string] {
  switch (target.kind) {
    case 'subscription':
      return [target.connectionId, target.id];
    case 'signIn':
      return [target.connectionId, JSON.stringify([target.tenant, target.user])];
  }
}

/** One that is damaged counts as none: the next read replaces it. */
function readable(stored: unknown): Snapshot | null {
  const parsed = v.safeParse(snapshotSchema, stored);
  return parsed.success ? parsed.output : null;
}
