import { failureOf, NOT_SUPPORTED } from '../../backends/backend';
import type { ForeignChange } from '../../domain/history';
import { type ListPlace, placeAfter } from '../../domain/listing';
import { isSamePerson, type Person } from '../../domain/person';
import type { Connection } from '../../domain/connection';
import type { SubscriptionId } from '../../domain/subscription';
import type { SubscriptionsPage } from '../../messaging/protocol';
import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { Log } from '../../platform/log';
import type { KeptLists, PageToKeep } from '../../storage/kept-lists';
import type { Stars } from '../../storage/stars';
import { ASK_FOR_MS, type Connections } from '../connections';
import type { MessageScope } from '../message-scope';
import { isListing, type Subscriptions } from '../subscriptions';

export interface ListParts {
  readonly scope: MessageScope;
  readonly connections: Connections;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
  readonly lists: KeptLists;
  readonly stars: Stars;
  readonly subscriptions: Pick<Subscriptions, 'listPage'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Changes made elsewhere are in the history, of which nobody was told. */
  readonly onForeign: () => void;
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
      const { connection } = current;
      if (!isListing(current)) return { ok: false, failure: NOT_SUPPORTED };
      const askedAs = await person(connection);
      try {
        // Of what is read to lead somewhere the person sees nothing: nothing is compared with it later, and nothing kept.
        const isShown = sender.kind === 'page' && sender.page === 'subscriptions';
        const only = isShown ? null : new Set<SubscriptionId>();
        const look = { only, quiet: false, signal: AbortSignal.timeout(ASK_FOR_MS) };
        const { subscriptions, next, found } = await parts.subscriptions.listPage(current, after?.next ?? null, look);
        tellForeign(found);
        const readAt = clock.now();
        const readAs = await person(connection);
        const page = { after: after?.place ?? null, readAt, subscriptions, isLast: next === null };
        const isKept = isShown && (after === null || after.place !== null);
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

  /** Nobody waits for that: the page shows what was read. */
  function tellForeign(found: Promise<readonly ForeignChange[]>): void {
    found.then(
      (changes) => {
        if (changes.length > 0) parts.onForeign();
      },
      (cause: unknown) => log.error('What a list showed could not be compared with what was known', cause),
    );
  }

  /** Keeps a page. Whoever asked for one further on does not wait for that, and nobody goes without it where it cannot be kept. */
  async function keep(connectionId: string, owner: Person, page: PageToKeep): Promise<ListPlace | null> {
    const kept = lists.writePage({ connectionId, person: owner }, page).catch((cause: unknown) => {
      log.error('A page of a list could not be kept', cause);
      return null;
    });
    return page.after === null ? kept : placeAfter(page.after);
  }
}
