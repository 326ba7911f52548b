import { failureOf, NOT_SUPPORTED } from '../../backends/backend';
import { type ListPlace, placeAfter } from '../../domain/listing';
import { isSamePerson, type Person } from '../../domain/person';
import type { Connection } from '../../domain/connection';
import type { SubscriptionsPage } from '../../messaging/protocol';
import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { Log } from '../../platform/log';
import type { KeptLists, PageToKeep } from '../../storage/kept-lists';
import type { Stars } from '../../storage/stars';
import { ASK_FOR_MS, type Connections } from '../connections';
import type { MessageScope } from '../message-scope';

export interface ListParts {
  readonly scope: MessageScope;
  readonly connections: Connections;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly lists: KeptLists;
  readonly stars: Stars;
  readonly clock: Clock;
  readonly log: Log;
  /** Other subscriptions are starred than before. */
  readonly onStars: () => void;
}

/** The list of all subscriptions of a connection, page by page, and which of them are starred. */
export function createListHandlers(parts: ListParts): Pick<Handlers, 'subscriptions.list' | 'stars.set'> {
  const { connections, person, lists, stars, clock, log } = parts;

  return {
    async 'subscriptions.list'({ connectionId, after }, sender): Promise<SubscriptionsPage> {
      const current = await connections.byId(connectionId);
      if (current === null) return { ok: false, failure: await parts.scope.whyNone(sender, connectionId) };
      const { connection, backend } = current;
      if (backend.list === undefined) return { ok: false, failure: NOT_SUPPORTED };
      const askedAs = await person(connection);
      try {
        const { subscriptions, next } = await backend.list(after?.next ?? null, '', AbortSignal.timeout(ASK_FOR_MS));
        const readAt = clock.now();
        const readAs = await person(connection);
        const page = { after: after?.place ?? null, readAt, subscriptions, isLast: next === null };
        const isKept = after === null || after.place !== null;
        // Whose it is nobody knows where another person signed in meanwhile.
        const owner = isKept && askedAs !== null && readAs !== null && isSamePerson(askedAs, readAs) ? readAs : null;
        const place = owner === null ? null : await keep(connectionId, owner, page);
        return { ok: true, subscriptions, next, place, readAs, readAt };
      } catch (cause) {
        return { ok: false, failure: failureOf(cause) };
      }
    },

    async 'stars.set'({ connectionId, subscriptionId, starred }) {
      const current = await connections.byId(connectionId);
      const owner = current && (await person(current.connection));
      if (owner === null) return { ok: false, problem: 'nobodySignedIn' };
      await stars.set({ connectionId, person: owner }, subscriptionId, starred);
      parts.onStars();
      return { ok: true };
    },
  };

  /** Keeps a page. Whoever asked for one further on does not wait for that, and nobody goes without it where it cannot be kept. */
  async function keep(connectionId: string, owner: Person, page: PageToKeep): Promise<ListPlace | null> {
    const kept = lists.writePage({ connectionId, person: owner }, page).catch((cause: unknown) => {
      log.error('A page of a list could not be kept', cause);
      return null;
    });
    return page.after === null ? kept : placeAfter(page.after);
  }
}
