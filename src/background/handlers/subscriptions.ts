import { failureOf, NOT_SUPPORTED } from '../../backends/backend';
import type { Settings } from '../../domain/settings';
import type { SubscriptionId } from '../../domain/subscription';
import { subscriptionTarget } from '../../domain/target';
import type { SubscriptionView } from '../../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import { ASK_FOR_MS, type Connections } from '../connections';
import type { MessageScope } from '../message-scope';
import { asPanelSees } from '../panel-view';
import type { PortalLimits } from '../portal-limits';
import { nothingKnown, type Subscriptions } from '../subscriptions';

export interface SubscriptionParts {
  readonly scope: MessageScope;
  readonly settings: () => Promise<Settings>;
  readonly connections: Connections;
  readonly subscriptions: Subscriptions;
  readonly limits: PortalLimits;
  readonly clock: Clock;
}

/** What is known of one subscription. */
export function createSubscriptionHandlers(
  parts: SubscriptionParts,
): Pick<Handlers, Extract<keyof Handlers, `subscription.${string}`>> {
  const { settings, subscriptions, limits, clock } = parts;
  const { requireShown, connectionMeant, currentFor, whyNone } = parts.scope;

  return {
    async 'subscription.read'({ subscriptionId, connectionId, anew }, sender) {
      await requireShown(subscriptionId, sender);
      // Counted before anything is read: a page that leads the panel about would have the person's token used. Without a service there is
      // nothing to read, on whatever page.
      const isCounted = (await connectionMeant(connectionId, sender)) !== null;
      if (isCounted && !(await limits.mayShow(sender, subscriptionId, false)))
        return { ...nothingKnown(subscriptionId), withheld: true };
      if (anew) await subscriptions.readAnew(await currentFor(sender, connectionId), subscriptionId);
      // After the read it may be another connection.
      const view = await viewFor(subscriptionId, sender, connectionId);
      return sender.kind === 'page' ? view : asPanelSees(view, (await settings()).confirm);
    },

    async 'subscription.show'({ subscriptionId }, sender) {
      await requireShown(subscriptionId, sender);
      if (!(await limits.mayShow(sender, subscriptionId, true)))
        return { ...nothingKnown(subscriptionId), withheld: true };
      const view = await viewFor(subscriptionId, sender);
      return asPanelSees(view, (await settings()).confirm);
    },

    async 'subscription.changes'({ subscriptionId }, sender) {
      await requireShown(subscriptionId, sender);
      // A panel that may not show the record may not show its log.
      if (!(await limits.mayShow(sender, subscriptionId, false))) throw new NotAllowed('Not shown on this page yet');
      const current = await currentFor(sender);
      if (current === null) return { ok: false, failure: await whyNone(sender) };
      const { backend } = current;
      if (backend.changes === undefined) return { ok: false, failure: NOT_SUPPORTED };
      const target = subscriptionTarget(current.connection.id, subscriptionId);
      try {
        const log = await backend.changes(target, AbortSignal.timeout(ASK_FOR_MS));
        return { ok: true, ...log, readAt: clock.now() };
      } catch (cause) {
        return { ok: false, failure: failureOf(cause) };
      }
    },
  };

  /** What is known of it at the connection that is meant; where this version does not know its kind, that. */
  async function viewFor(
    subscriptionId: SubscriptionId,
    sender: VerifiedSender,
    connectionId?: string,
  ): Promise<SubscriptionView> {
    const current = await currentFor(sender, connectionId);
    const unknown = current === null ? await connectionMeant(connectionId, sender) : null;
    return unknown === null
      ? subscriptions.view(current, subscriptionId)
      : { ...nothingKnown(subscriptionId), source: unknown.name, failure: await whyNone(sender, connectionId) };
  }
}
