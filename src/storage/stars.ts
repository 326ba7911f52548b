import { personKey } from '../domain/person';
import { parseSubscriptionId, type SubscriptionId } from '../domain/subscription';
import { write } from './database';
import type { ListOwner } from './kept-lists';
import type { Database } from './schema';

/** The subscriptions of a connection that a person has starred. */
export interface StarsReader {
  read(owner: ListOwner): Promise<ReadonlySet<SubscriptionId>>;
}

/** The same as the worker has it: it alone writes. */
export interface Stars extends StarsReader {
  set(owner: ListOwner, subscriptionId: SubscriptionId, starred: boolean): Promise<void>;
  /** Forgets what was starred at a connection, by whomever. */
  forget(connectionId: string): Promise<void>;
}

export function createStarsReader(open: () => Promise<Database>): StarsReader {
  return {
    async read({ connectionId, person }) {
      const start: [string, string] = [connectionId, personKey(person)];
      const keys = await (await open()).getAllKeys('stars', IDBKeyRange.bound(start, [...start, []]));
      return new Set(keys.map(([, , id]) => parseSubscriptionId(id)).filter((id) => id !== null));
    },
  };
}

export function createStars(open: () => Promise<Database>): Stars {
  return {
    ...createStarsReader(open),

    set: ({ connectionId, person }, subscriptionId, starred) =>
      write(open, ['stars'], 'relaxed', async ({ store }) => {
        const key: [string, string, string] = [connectionId, personKey(person), subscriptionId];
        // All there is to know stands in the key.
        if (starred) await store.put(true, key);
        else await store.delete(key);
      }),

    forget: (connectionId) =>
      write(open, ['stars'], 'relaxed', async ({ store }) => {
        await store.delete(IDBKeyRange.bound([connectionId], [connectionId, []]));
      }),
  };
}
