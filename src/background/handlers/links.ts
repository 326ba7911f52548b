import { accountName } from '../../domain/azure-account';
import { type EntraConnection, isOfLinks } from '../../domain/connection';
import type { Settings } from '../../domain/settings';
import type { SubscriptionId } from '../../domain/subscription';
import type { LinkSignInAnswer, LinkView } from '../../messaging/protocol';
import type { Handlers } from '../../messaging/serve';
import type { Connections } from '../connections';
import type { EntraSignIn, EntraWanted } from '../entra-sign-in';
import type { Links } from '../links';
import type { MessageScope } from '../message-scope';
import { asPanelSees } from '../panel-view';
import type { PortalLimits } from '../portal-limits';
import { signInAtAzure, type SignInAtAzureParts } from '../sign-in-at-azure';
import { visitOptions } from '../sign-in-visit';
import { nothingKnown, type Subscriptions } from '../subscriptions';

export interface LinkParts extends Omit<SignInAtAzureParts, 'entra'> {
  readonly scope: MessageScope;
  readonly settings: () => Promise<Settings>;
  readonly links: Links;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'viewOf' | 'readAnewOf'>;
  readonly entra: Pick<EntraSignIn, 'start' | 'mayStart'>;
  readonly limits: PortalLimits;
}

/** What is known of links on subscriptions' pages, and signing in for them. */
export function createLinkHandlers(parts: LinkParts): Pick<Handlers, 'link.read' | 'link.known' | 'link.signIn'> {
  const { links, limits, clock, subscriptions } = parts;
  const { pageMeant } = parts.scope;

  return {
    async 'link.read'({ subscriptionId, user, anew }, sender) {
      const page = await pageMeant(subscriptionId, sender);
      // Where there are no links at all, none is withheld. Which pages a connection holds them for is told no page that may not see them.
      if (!(await parts.settings()).connections.some(isOfLinks)) return null;
      // Counted before anything is read: a page that leads the panel about would have the account's tokens used in any tenant.
      if (!(await limits.mayShowLink(sender, page, user))) return withheld(subscriptionId);
      const view = await links.viewFor(page, user, anew);
      if (view === null || sender.kind === 'page') return view;
      return asPanelSees(view, (await parts.settings()).confirm);
    },

    async 'link.known'({ subscriptionId, target, anew }) {
      const current = await parts.connections.byId(target.connectionId);
      if (current === null) return nothingKnown(subscriptionId);
      const view = await (anew ? subscriptions.readAnewOf(current, target) : subscriptions.viewOf(current, target));
      return { ...view, subscriptionId };
    },

    async 'link.signIn'({ subscriptionId, user }, sender) {
      const page = await pageMeant(subscriptionId, sender);
      if (!(await limits.mayOpenWindow(sender))) return { kind: 'tooMany' };
      const place = await links.placeFor(page, user);
      if (place === null || !(await parts.entra.mayStart(place.connection))) {
        await visitOptions('notAllowed', sender, clock.now());
        return { kind: 'optionsOpened' };
      }
      return signIn(place.connection, { user, tenant: place.link.tenant?.id ?? null });
    },
  };

  async function signIn(connection: EntraConnection, wanted: EntraWanted): Promise<LinkSignInAnswer> {
    const outcome = await signInAtAzure(parts, connection, wanted);
    switch (outcome.kind) {
      case 'signedIn':
        return { kind: 'signedIn', user: outcome.account.user };
      case 'otherAccount':
        return { kind: 'otherAccount', name: accountName(outcome.account) };
      case 'cancelled':
      case 'failed':
        return outcome;
    }
  }
}

function withheld(subscriptionId: SubscriptionId): LinkView {
  const link = { target: null, account: null, accounts: [], tenant: null, isDelegated: false, attribution: null };
  return { ...nothingKnown(subscriptionId), withheld: true, link };
}
