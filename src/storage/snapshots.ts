import * as v from 'valibot';
import { type PartnerState, stateOf } from '../domain/partner-state';
import type { Person } from '../domain/person';
import { partnerStateSchema, personSchema, subscriptionRecordSchema } from '../domain/schemas';
import type { Target } from '../domain/target';
import { write } from './database';
import { inPresentWords } from './earlier-targets';
import type { Database } from './schema';

/** The last state read of a target. */
export interface Snapshot {
  readonly state: PartnerState;
  /** When, in milliseconds since the epoch, for people: the clock may have been set since, so nothing is put in order by it. */
  readonly readAt: number;
  /** Which of all that were ever kept of that subscription it is: the higher is the newer. */
  readonly order: number;
  /** Whom the backend showed it to; null where nobody was known, or an earlier version did not note it. */
  readonly readAs: Person | null;
}

export interface Snapshots {
  /** Null when none was ever read. */
  read(target: Target): Promise<Snapshot | null>;
  /**
   * Keeps it as the newest. Whoever calls it knows that it is.
   * @throws {StorageFull} when there is no room
   */
  write(target: Target, snapshot: Omit<Snapshot, 'order'>): Promise<void>;
}

const noted = {
  readAt: v.number(),
  // None was given by earlier versions.
  order: v.optional(v.number(), 0),
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
        const order = (readable(await store.get(key))?.order ?? 0) + 1;
        await store.put({ ...snapshot, order }, key);
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
