import { failureOf } from '../backends/backend';
import { type AzureAccount, accountName, personOfAccount } from '../domain/azure-account';
import { AZURE_ENDPOINTS, azureCloudAt } from '../domain/azure-cloud';
import { linkPlace } from '../domain/attribution';
import { type EntraConnection, isOfLinks, linkConnectionFor } from '../domain/connection';
import type { Failure } from '../domain/failure';
import type { Person } from '../domain/person';
import type { Settings } from '../domain/settings';
import type { LinkTarget } from '../domain/target';
import type { LinkFacts, LinkView } from '../messaging/protocol';
import type { Log } from '../platform/log';
import type { SubscriptionPage } from '../portals';
import type { AzureReader } from './azure-reader';
import type { Connections, CurrentConnection } from './connections';
import type { EntraSignIn } from './entra-sign-in';
import { nothingKnown, type Subscriptions } from './subscriptions';

export interface LinksParts {
  readonly settings: () => Promise<Settings>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'viewOf' | 'readAnewOf'>;
  readonly entra: Pick<EntraSignIn, 'accounts'>;
  readonly reader: Pick<AzureReader, 'tenantOf' | 'facts' | 'tenants' | 'shown'>;
  readonly log: Log;
}

/** Whose link a page shows, and where. */
export interface LinkPlaceFound {
  readonly current: CurrentConnection;
  readonly connection: EntraConnection;
  readonly link: LinkFacts;
  /** Why {@link LinkFacts.target} is not known. */
  readonly failure: Failure | null;
}

/** What is known of links, by the pages that show subscriptions. */
export interface Links {
  /**
   * Whose link is shown on a page. Null where no connection holds links for it.
   * @param user the account that the person chose; null: the one that is at home there, else the first
   */
  placeFor(page: SubscriptionPage, user: string | null): Promise<LinkPlaceFound | null>;
  /** The same with what is known of the link. @param anew Azure is asked */
  viewFor(page: SubscriptionPage, user: string | null, anew: boolean): Promise<LinkView | null>;
  /** Whose a link is, whether or not that account is signed in; null where its connection is gone. */
  personOf(target: LinkTarget): Promise<Person | null>;
  /** What people call a link: by its tenant and its account. */
  nameOf(target: LinkTarget): Promise<string>;
}

export function createLinks({ settings, connections, subscriptions, entra, reader, log }: LinksParts): Links {
  async function placeFor(page: SubscriptionPage, user: string | null): Promise<LinkPlaceFound | null> {
    const connection = linkConnectionFor(page, cloudOf(page), (await settings()).connections);
    const current = connection && (await connections.byId(connection.id));
    if (connection === null || current === null) return null;
    const signedIn = await entra.accounts(connection);
    const accounts = signedIn.map((account) => ({ user: account.user, name: accountName(account) }));
    const nowhere: LinkFacts = {
      target: null,
      account: null,
      accounts,
      tenant: null,
      isDelegated: false,
      attribution: null,
    };
    const found = { current, connection };
    const mineAs = (account: AzureAccount) => ({
      ...nowhere,
      account: { user: account.user, name: accountName(account) },
    });
    try {
      const pageTenant = await reader.tenantOf(connection, page);
      const account = chosenOf(signedIn, user, pageTenant);
      if (account === null) {
        const tenant = pageTenant === null ? null : { id: pageTenant, name: null };
        return { ...found, link: { ...nowhere, tenant }, failure: { reason: 'signInNeeded' } };
      }
      const mine = mineAs(account);
      const place = await tenantFor(connection, page, account, pageTenant);
      if (place === null) return { ...found, link: mine, failure: { reason: 'refused', code: 'TenantNotKnown' } };
      const { tenant, isDelegated, attribution } = place;
      const link: LinkFacts = {
        ...mine,
        tenant: { id: tenant, name: await tenantName(connection, account, tenant) },
        target: { kind: 'signIn', connectionId: connection.id, tenant, user: account.user },
        isDelegated,
        attribution,
      };
      return { ...found, link, failure: null };
    } catch (cause) {
      // Who is signed in is known, though not where the page is.
      const account = chosenOf(signedIn, user, null);
      return { ...found, link: account === null ? nowhere : mineAs(account), failure: failureOf(cause) };
    }
  }

  /** Where an account's link counts for a page's subscription. What the subscription says is a help: without it the page's tenant counts. */
  async function tenantFor(
    connection: EntraConnection,
    { subscriptionId }: SubscriptionPage,
    account: AzureAccount,
    pageTenant: string | null,
  ) {
    const { user, homeTenant } = account;
    const home = { user, tenant: homeTenant };
    const nothingSaid = pageTenant === null ? null : { tenant: pageTenant, isDelegated: false, attribution: null };
    try {
      const reached = (await reader.tenants(connection, home)).map(({ id }) => id);
      const isReached = pageTenant !== null && reached.includes(pageTenant);
      // In a customer's tenant that delegates a subscription the account is nobody: its own shows that one. No other is asked for there.
      if (!isReached && !(await reader.shown(connection, home)).has(subscriptionId)) return nothingSaid;
      const facts = await reader.facts(connection, subscriptionId, isReached ? { user, tenant: pageTenant } : home);
      return { ...linkPlace(facts, account, reached, pageTenant), attribution: facts.attribution };
    } catch (cause) {
      log.info('What a subscription says of links is not known', { why: failureOf(cause).reason });
      return nothingSaid;
    }
  }

  async function tenantName(
    connection: EntraConnection,
    account: AzureAccount,
    tenant: string,
  ): Promise<string | null> {
    const { user, homeTenant } = account;
    try {
      const tenants = await reader.tenants(connection, { user, tenant: homeTenant });
      const found = tenants.find(({ id }) => id === tenant);
      return found?.name ?? found?.domain ?? null;
    } catch (cause) {
      log.info('What a tenant is called is not known', { why: failureOf(cause).reason });
      return null;
    }
  }

  async function viewFor(page: SubscriptionPage, user: string | null, anew: boolean): Promise<LinkView | null> {
    const place = await placeFor(page, user);
    if (place === null) return null;
    const { current, link, failure } = place;
    const { subscriptionId } = page;
    if (link.target === null) {
      const { connection, backend } = current;
      return { ...nothingKnown(subscriptionId), source: connection.name, can: backend.can, failure, link };
    }
    const known = await (anew
      ? subscriptions.readAnewOf(current, link.target)
      : subscriptions.viewOf(current, link.target));
    return { subscriptionId, ...known, link };
  }

  /** `account`: null where it is not signed in. */
  async function accountOf({ connectionId, user }: LinkTarget) {
    const current = await connections.byId(connectionId);
    if (current === null || !isOfLinks(current.connection)) return null;
    const { connection } = current;
    const account = (await entra.accounts(connection)).find((one) => one.user === user);
    return { connection, account: account ?? null };
  }

  return {
    placeFor,
    viewFor,
    async personOf(target) {
      const found = await accountOf(target);
      const cloud = found && azureCloudAt(found.connection.address);
      if (found === null || cloud === null) return null;
      const { user } = target;
      return personOfAccount(found.account ?? { user, username: null, name: null }, AZURE_ENDPOINTS[cloud]);
    },
    async nameOf(target) {
      const found = await accountOf(target);
      if (found === null || found.account === null) return target.tenant;
      const { connection, account } = found;
      return `${(await tenantName(connection, account, target.tenant)) ?? target.tenant} (${accountName(account)})`;
    },
  };
}

/** The account that was chosen, else one that is at home in the page's tenant, else the first. */
function chosenOf(accounts: readonly AzureAccount[], user: string | null, tenant: string | null): AzureAccount | null {
  const chosen = accounts.find((account) => account.user === user);
  return chosen ?? accounts.find(({ homeTenant }) => homeTenant === tenant) ?? accounts[0] ?? null;
}

/** Azure's cloud that a portal's page is in; null where that is not known. */
function cloudOf(page: SubscriptionPage) {
  if (page.portal === 'own') return null;
  // The defence's subscriptions are managed where the government's are.
  return page.cloud === 'usDefence' ? 'usGovernment' : page.cloud;
}
