import { accountName } from '../../domain/azure-account';
import type { EntraConnection } from '../../domain/connection';
import { placeOf } from '../../domain/place';
import type { Settings } from '../../domain/settings';
import type { SubscriptionId } from '../../domain/subscription';
import type { LinkSignInAnswer, LinkView } from '../../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../../messaging/serve';
import type { SubscriptionPage } from '../../portals';
import { readPlaces } from '../../storage/places';
import type { EntraSignIn, EntraWanted } from '../entra-sign-in';
import type { Links } from '../links';
import type { MessageScope } from '../message-scope';
import { asPanelSees } from '../panel-view';
import type { PortalLimits } from '../portal-limits';
import { signInAtAzure, type SignInAtAzureParts } from '../sign-in-at-azure';
import { visitOptions } from '../sign-in-visit';
import { nothingKnown } from '../subscriptions';

export interface LinkParts extends Omit<SignInAtAzureParts, 'entra'> {
  readonly scope: MessageScope;
  readonly settings: () => Promise<Settings>;
  readonly links: Links;
  readonly entra: Pick<EntraSignIn, 'start' | 'mayStart'>;
  readonly limits: PortalLimits;
}

/** What is known of links on subscriptions' pages, and signing in for them. */
export function createLinkHandlers(parts: LinkParts): Pick<Handlers, 'link.read' | 'link.signIn'> {
  const { links, limits, clock } = parts;

  return {
    async 'link.read'({ subscriptionId, user, anew }, sender) {
      const page = await pageMeant(subscriptionId, sender);
      if (!(await limits.mayShow(sender, subscriptionId, false))) return withheld(subscriptionId);
      const view = await links.viewFor(page, user, anew);
      if (view === null || sender.kind === 'page') return view;
      return asPanelSees(view, (await parts.settings()).confirm);
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
      case 'cancelled':
        return { kind: outcome.kind };
      case 'otherAccount':
        return { kind: 'otherAccount', name: accountName(outcome.account) };
      case 'failed':
        return outcome;
    }
  }

  /** A panel's own page; for a page of ours that of the subscription that it names. */
  async function pageMeant(subscriptionId: SubscriptionId, sender: VerifiedSender): Promise<SubscriptionPage> {
    if (sender.kind === 'page')
      return { portal: 'azure', subscriptionId, ...placeOf(subscriptionId, await readPlaces()) };
    const page = await parts.scope.pageShownIn(sender);
    if (page?.subscriptionId !== subscriptionId) throw new NotAllowed('Not the subscription on this page');
    return page;
  }
}

function withheld(subscriptionId: SubscriptionId): LinkView {
  const link = { target: null, account: null, accounts: [], tenant: null, isDelegated: false, attribution: null };
  return { ...nothingKnown(subscriptionId), withheld: true, link };
}
