import { failureOf, NOT_SUPPORTED } from '../../backends/backend';
import type { Person } from '../../domain/person';
import type { Connection } from '../../domain/connection';
import type { SubscriptionId } from '../../domain/subscription';
import type { Handlers } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { Log } from '../../platform/log';
import type { Stars } from '../../storage/stars';
import { ASK_FOR_MS, type Connections } from '../connections';
import type { MessageScope } from '../message-scope';
import { isListing, type Subscriptions } from '../subscriptions';

export interface ListParts {
  readonly scope: MessageScope;
  readonly connections: Connections;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
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
  const { connections, person, stars } = parts;

  return {
    async 'subscriptions.list'({ next, filter }, sender) {
      const current = await connections.for(null);
      if (current === null) return { ok: false, failure: await parts.scope.whyNone(sender) };
      if (!isListing(current)) return { ok: false, failure: NOT_SUPPORTED };
      try {
        // Of what is read to lead somewhere the person sees nothing, so nothing is compared with it later.
        const isShown = sender.kind === 'page' && sender.page === 'subscriptions';
        const only = isShown ? null : new Set<SubscriptionId>();
        const look = { only, quiet: false, signal: AbortSignal.timeout(ASK_FOR_MS) };
        const { found, ...page } = await parts.subscriptions.listPage(current, next, filter, look);
        // Nobody waits for that: the page shows what was read.
        found.then(
          (changes) => {
            if (changes.length > 0) parts.onForeign();
          },
          (cause: unknown) => parts.log.error('What a list showed could not be compared with what was known', cause),
        );
        return { ok: true, ...page, readAt: parts.clock.now() };
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
}
