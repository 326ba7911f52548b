import * as v from 'valibot';
import { personSchema, subscriptionIdSchema, waitSchema } from '../domain/schemas';
import type { Watching } from '../domain/watch';
import { write } from './database';
import type { Database } from './schema';

/** How far the watching of each connection is. */
export interface Watches {
  /** Null where nothing is kept, or what is kept cannot be read: then a first pass begins. */
  read(connectionId: string): Promise<Watching | null>;
  /** Whether a pass is under way anywhere. */
  isAnyUnderWay(): Promise<boolean>;
}

export interface WatchesWriter extends Watches {
  write(connectionId: string, watching: Watching): Promise<void>;
  /** Reads, alters and writes in one transaction; null forgets it. */
  alter(connectionId: string, change: (watching: Watching) => Watching | null): Promise<void>;
  /** Forgets the watching of all connections but those. */
  keepOnly(connectionIds: readonly string[]): Promise<void>;
}

const time = v.pipe(v.number(), v.finite(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const looked = { read: count, unknown: count, missing: count };

const ids = v.optional(v.array(subscriptionIdSchema), []);

const passSchema = v.object({
  plan: v.variant('by', [
    v.object({
      by: v.literal('list'),
      next: v.nullable(v.string()),
      mark: v.nullable(v.string()),
      pages: count,
      unmet: v.nullable(v.array(subscriptionIdSchema)),
      // None was noted by earlier versions.
      unseen: ids,
      seen: ids,
    }),
    v.object({ by: v.literal('single'), left: v.array(subscriptionIdSchema) }),
    v.object({
      by: v.literal('links'),
      accounts: v.array(v.string()),
      listed: v.array(v.string()),
      left: v.array(v.object({ user: v.string(), tenant: v.string() })),
    }),
  ]),
  quiet: v.boolean(),
  hold: v.nullable(
    v.variant('for', [v.object({ for: v.literal('signIn') }), v.object({ for: v.literal('time'), wait: waitSchema })]),
  ),
  tries: count,
  logs: count,
  ...looked,
});

const watchingSchema = v.object({
  person: personSchema,
  address: v.string(),
  begunAt: v.nullable(time),
  hasBase: v.boolean(),
  pages: v.nullable(count),
  listed: ids,
  // None was noted by earlier versions.
  accounts: v.optional(v.array(v.string()), []),
  budget: v.object({ from: time, used: count }),
  pass: v.nullable(passSchema),
  last: v.nullable(v.object({ ...looked, endedAt: time, whole: v.boolean() })),
}) satisfies v.GenericSchema<unknown, Watching>;

/** For pages: reads only. */
export function createWatchesReader(open: () => Promise<Database>): Watches {
  return {
    read: async (connectionId) => readable(await (await open()).get('watches', connectionId)),
    async isAnyUnderWay() {
      const all = await (await open()).getAll('watches');
      return all.some((stored) => (readable(stored)?.pass ?? null) !== null);
    },
  };
}

export function createWatches(open: () => Promise<Database>): WatchesWriter {
  return {
    ...createWatchesReader(open),
    write: (connectionId, watching) =>
      write(open, ['watches'], 'relaxed', async ({ store }) => {
        await store.put(watching, connectionId);
      }),
    alter: (connectionId, change) =>
      write(open, ['watches'], 'relaxed', async ({ store }) => {
        const present = readable(await store.get(connectionId));
        const altered = present && change(present);
        await (altered === null ? store.delete(connectionId) : store.put(altered, connectionId));
      }),
    keepOnly: (connectionIds) =>
      write(open, ['watches'], 'relaxed', async ({ store }) => {
        const gone = (await store.getAllKeys()).filter((key) => !connectionIds.includes(key));
        await Promise.all(gone.map((key) => store.delete(key)));
      }),
  };
}

function readable(stored: unknown): Watching | null {
  const parsed = v.safeParse(watchingSchema, stored);
  return parsed.success ? parsed.output : null;
}
