import { accountName, personOfAccount } from '../../domain/azure-account';
import { AZURE_ENDPOINTS, azureCloudAt } from '../../domain/azure-cloud';
import type { EntraConnection } from '../../domain/connection';
import { placeOf } from '../../domain/place';
import type { Settings } from '../../domain/settings';
import type { SubscriptionId } from '../../domain/subscription';
import type { LinkSignInAnswer, LinkView } from '../../messaging/protocol';
import { type Handlers, NotAllowed, type VerifiedSender } from '../../messaging/serve';
import type { Clock } from '../../platform/clock';
import type { SubscriptionPage } from '../../portals';
import { readPlaces } from '../../storage/places';
import type { AzureReader } from '../azure-reader';
import type { Engine } from '../engine';
import type { EntraOutcome, EntraSignIn, EntraWanted } from '../entra-sign-in';
import type { Links } from '../links';
import type { MessageScope } from '../message-scope';
import { asPanelSees } from '../panel-view';
import type { PortalLimits } from '../portal-limits';
import { visitOptions } from '../sign-in-visit';
import { nothingKnown } from '../subscriptions';

export interface LinkParts {
  readonly scope: MessageScope;
  readonly settings: () => Promise<Settings>;
  readonly links: Links;
  readonly entra: Pick<EntraSignIn, 'start' | 'mayStart'>;
  readonly reader: Pick<AzureReader, 'forget'>;
  readonly engine: Pick<Engine, 'noteOpen'>;
  readonly limits: PortalLimits;
  readonly clock: Clock;
  /** Somebody signed in or out, or tried to. */
  readonly onSignIn: () => Promise<void>;
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
    const outcome = await parts.entra.start(connection, wanted);
    if (outcome.kind === 'signedIn' || outcome.kind === 'otherAccount') await goOn(connection, outcome);
    await parts.onSignIn();
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

  /** What waited for that account goes on. */
  async function goOn(
    connection: EntraConnection,
    { account }: Extract<EntraOutcome, { kind: 'signedIn' | 'otherAccount' }>,
  ): Promise<void> {
    parts.reader.forget();
    const cloud = azureCloudAt(connection.address);
    if (cloud === null) return;
    const person = personOfAccount(account, AZURE_ENDPOINTS[cloud]);
    await parts.engine.noteOpen(connection.id, { type: 'signedIn', at: clock.now(), person });
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
