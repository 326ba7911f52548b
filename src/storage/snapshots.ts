import * as v from 'valibot';
import { type PartnerState, stateOf } from '../domain/partner-state';
import type { ForeignChange } from '../domain/history';
import type { Person } from '../domain/person';
import { partnerStateSchema, personSchema, subscriptionRecordSchema } from '../domain/schemas';
import type { Target } from '../domain/target';
import { write } from './database';
import { inPresentWords } from './earlier-targets';
import { type Database, HISTORY_STORES } from './schema';
import { addForeign } from './writing';

/** The last state known of a target. */
export interface Snapshot extends SeenState {
  /** What is shown in its place: it was read after the change was asked for that led to this one. Absent: this one is shown. */
  readonly since?: SeenState;
}

/** A state that a backend has shown of a target. */
export interface SeenState {
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
   * Keeps each as the newest, in one transaction. Whoever calls it knows that it is. Each has the least order that it gets: what found
   * no room before it had one, too.
   * @throws {StorageFull} when there is no room: then none is kept
   */
  writeAll(snapshots: readonly PlacedSnapshot[]): Promise<void>;
  /** What is known of each, at its place. */
  readAll(targets: readonly Target[]): Promise<readonly (Snapshot | null)[]>;
  /**
   * Keeps each as the newest, and in one transaction with them the rows of the changes made elsewhere, where `foreign` tells one from
   * what was kept before: so one is told once, whenever the worker ends. Answers those changes.
   * @throws {StorageFull} when there is no room: then nothing is kept
   */
  writeAfter(reads: readonly ReadSnapshot[]): Promise<readonly ForeignChange[]>;
}

/** A snapshot and what it is of. */
export interface PlacedSnapshot {
  readonly target: Target;
  readonly snapshot: Snapshot;
}

/** A state that was read. */
export interface ReadSnapshot {
  readonly target: Target;
  readonly snapshot: Omit<Snapshot, 'order'>;
  readonly foreign: ForeignSince;
  /** The least order that it gets. */
  readonly least: number;
}

/** The change made elsewhere that shows against the snapshot before; null when there is none. */
export type ForeignSince = (before: Snapshot | null) => ForeignChange | null;

const noted = {
  readAt: v.number(),
  // None was given by earlier versions.
  order: v.optional(v.number(), 0),
  readAs: v.pipe(v.optional(v.unknown(), null), v.transform(inPresentWords), v.nullable(personSchema)),
};

const seenSchema = v.object({ state: partnerStateSchema, ...noted });
const snapshotSchema = v.union([
  v.object({ ...seenSchema.entries, since: v.exactOptional(seenSchema) }),
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

    writeAll: (snapshots) =>
      write(open, ['snapshots'], 'relaxed', async ({ store }) => {
        await Promise.all(
          snapshots.map(async ({ target, snapshot }) => put(store, target, snapshot, await keptIn(store, target))),
        );
      }),

    async readAll(targets) {
      const { store } = (await open()).transaction('snapshots');
      return Promise.all(targets.map(async (target) => readable(await store.get(keyOf(target)))));
    },

    writeAfter: (reads) =>
      write(open, [...HISTORY_STORES, 'snapshots'], 'relaxed', async (transaction) => {
        const store = transaction.objectStore('snapshots');
        const found: ForeignChange[] = [];
        await Promise.all(
          reads.map(async ({ target, snapshot, foreign, least }) => {
            const before = await keptIn(store, target);
            const change = foreign(before);
            if (change !== null) found.push(change);
            await put(store, target, { ...snapshot, order: least }, before);
          }),
        );
        await addForeign(transaction, found);
        return found;
      }),
  };
}

interface SnapshotStore {
  get(key: SnapshotKey): Promise<unknown>;
  put(snapshot: Snapshot, key: SnapshotKey): Promise<unknown>;
}

async function keptIn(store: SnapshotStore, target: Target): Promise<Snapshot | null> {
  return readable(await store.get(keyOf(target)));
}

/** Keeps it at its order, or at the one after `before` where that is higher. */
async function put(store: SnapshotStore, target: Target, snapshot: Snapshot, before: Snapshot | null): Promise<void> {
  await store.put({ ...snapshot, order: Math.max(snapshot.order, (before?.order ?? 0) + 1) }, keyOf(target));
}

type SnapshotKey = [connectionId: string, of: string];

function keyOf(target: Target): SnapshotKey {
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
