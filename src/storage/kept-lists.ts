import * as v from 'valibot';
import { type ListPlace, MOST_PAGES, placeAfter } from '../domain/listing';
import type { ListedSubscription } from '../domain/partner-state';
import { type Person, personKey } from '../domain/person';
import { partnerStateSchema, subscriptionIdSchema } from '../domain/schemas';
import { write } from './database';
import type { Database, Schema, Writing } from './schema';

/** Whom a connection has listed subscriptions to. Nobody is shown what another person was. */
export interface ListOwner {
  readonly connectionId: string;
  readonly person: Person;
}

/** A page of a list, as it was read. */
export interface KeptPage {
  /** Milliseconds since the epoch. */
  readonly readAt: number;
  readonly subscriptions: readonly ListedSubscription[];
}

/** A page to be kept. */
export interface PageToKeep extends KeptPage {
  /** Where the page before it was kept; null for the first of a reading. */
  readonly after: ListPlace | null;
  /** Nothing comes after it, so whatever earlier readings kept is over. */
  readonly isLast: boolean;
}

/** The pages that were read of a list, for pages of the extension to show at once. */
export interface KeptListReader {
  /**
   * The newest reading first, its pages in their order; then the earlier ones, as far as the newest that came to its end. So a
   * subscription may come twice, and the first is the newest. A page that is damaged is left out. They come one by one, since
   * tens of thousands of records take a while to check.
   */
  read(owner: ListOwner): AsyncIterable<KeptPage>;
}

/** The same as the worker has it: it alone writes. */
export interface KeptLists extends KeptListReader {
  /**
   * Keeps a page. One that is the last takes the place of every earlier reading, unless one of its own pages was not kept.
   * @returns where it is kept; null when its reading is no longer kept, since a newer one has taken its place
   */
  writePage(owner: ListOwner, page: PageToKeep): Promise<ListPlace | null>;
  /** Forgets what a connection has listed, to whomever. */
  forget(connectionId: string): Promise<void>;
}

/** The first of all, which may have come to its end, and the newest. */
const READINGS_KEPT = 3;

/** `isLast`: its reading came to its end with it, and every page is there. */
interface StoredPage extends KeptPage {
  readonly isLast: boolean;
}

const storedPageSchema = v.object({
  readAt: v.pipe(v.number(), v.finite(), v.minValue(0)),
  isLast: v.boolean(),
  subscriptions: v.array(v.object({ subscriptionId: subscriptionIdSchema, state: partnerStateSchema })),
}) satisfies v.GenericSchema<unknown, StoredPage>;

type Key = Schema['lists']['key'];
type Store = Writing<['lists']>['store'];

export function createKeptListReader(open: () => Promise<Database>): KeptListReader {
  return {
    async *read(owner) {
      const database = await open();
      const keys = await database.getAllKeys('lists', rangeOf(owner, startOf(0), startOf(Number.POSITIVE_INFINITY)));
      for (const run of runsOf(keys).toReversed()) {
        let last: StoredPage | null = null;
        for (const key of keys.filter((one) => placeOf(one).run === run)) {
          const kept = v.safeParse(storedPageSchema, await database.get('lists', key));
          last = kept.success ? kept.output : null;
          if (last !== null) yield { readAt: last.readAt, subscriptions: last.subscriptions };
        }
        if (last?.isLast) return;
      }
    },
  };
}

export function createKeptLists(open: () => Promise<Database>): KeptLists {
  return {
    ...createKeptListReader(open),

    writePage: (owner, { after, readAt, isLast, subscriptions }) =>
      write(open, ['lists'], 'relaxed', async ({ store }) => {
        const place = after === null ? await begin(store, owner) : placeAfter(after);
        if (after !== null && (await store.getKey(keyOf(owner, startOf(place.run)))) === undefined) return null;
        const isWhole = isLast && (await store.count(rangeOf(owner, startOf(place.run), place))) === place.page;
        await store.put({ readAt, isLast: isWhole, subscriptions } satisfies StoredPage, keyOf(owner, place));
        if (isWhole) await store.delete(rangeOf(owner, startOf(0), startOf(place.run)));
        return place;
      }),

    forget: (connectionId) =>
      write(open, ['lists'], 'relaxed', async ({ store }) => {
        await store.delete(IDBKeyRange.bound([connectionId], [connectionId, []]));
      }),
  };
}

/** Makes room for another reading: of many that came to no end, the newest are enough. */
async function begin(store: Store, owner: ListOwner): Promise<ListPlace> {
  const runs = runsOf(await store.getAllKeys(rangeOf(owner, startOf(0), startOf(Number.POSITIVE_INFINITY))));
  for (const run of runs.slice(1, Math.max(1, runs.length + 2 - READINGS_KEPT)))
    await store.delete(rangeOf(owner, startOf(run), startOf(run + 1)));
  return startOf((runs.at(-1) ?? 0) + 1);
}

function startOf(run: number): ListPlace {
  return { run, page: 0 };
}

/** Every reading of which something is kept, the oldest first. */
function runsOf(keys: readonly Key[]): number[] {
  return [...new Set(keys.map((key) => placeOf(key).run))];
}

function keyOf({ connectionId, person }: ListOwner, { run, page }: ListPlace): Key {
  return [connectionId, personKey(person), run * MOST_PAGES + page];
}

function placeOf([, , part]: Key): ListPlace {
  return { run: Math.floor(part / MOST_PAGES), page: part % MOST_PAGES };
}

/** From one place to before another, which may be the same. */
function rangeOf(owner: ListOwner, from: ListPlace, to: ListPlace): IDBKeyRange {
  // A range whose ends are the same and left out is none (Indexed Database API 3.0, key range).
  const before = { ...from, page: from.page - 1 };
  return IDBKeyRange.bound(keyOf(owner, before), keyOf(owner, to), true, true);
}
