import { failureOf } from '../backends/backend';
import { type AzureAccount, accountName, personOfAccount } from '../domain/azure-account';
import { AZURE_ENDPOINTS, azureCloudAt } from '../domain/azure-cloud';
import { linkPlace } from '../domain/attribution';
import { type EntraConnection, isOfLinks, linkConnectionFor } from '../domain/connection';
import type { Failure } from '../domain/failure';
import type { Person } from '../domain/person';
import type { Settings } from '../domain/settings';
import type { LinkTarget } from '../domain/target';
import type { LinkAccount, LinkFacts, LinkView } from '../messaging/protocol';
import type { Log } from '../platform/log';
import { within } from '../platform/within';
import type { SubscriptionPage } from '../portals';
import type { LinkPlaceMet } from '../storage/link-places';
import type { AzureReader } from './azure-reader';
import { ASK_FOR_MS, type Connections, type CurrentConnection } from './connections';
import type { EntraSignIn } from './entra-sign-in';
import { nothingKnown, type Subscriptions } from './subscriptions';

export interface LinksParts {
  readonly settings: () => Promise<Settings>;
  readonly connections: Pick<Connections, 'byId'>;
  readonly subscriptions: Pick<Subscriptions, 'viewOf' | 'readAnewOf'>;
  readonly entra: Pick<EntraSignIn, 'accounts'>;
  readonly reader: Pick<AzureReader, 'tenantOf' | 'facts' | 'tenants' | 'shown'>;
  /** Where links were found to count, which is known without the network, too. */
  readonly places: {
    read(page: string): Promise<readonly LinkPlaceMet[]>;
    write(page: string, place: LinkPlaceMet): Promise<void>;
  };
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
  /** The connection that holds the links for a page; null where none does. Asks nobody. */
  connectionFor(page: SubscriptionPage): Promise<EntraConnection | null>;
  /**
   * Whose link is shown on a page. Null where no connection holds links for it. Where Azure does not tell in a minute, it is where it was
   * found to count before.
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

/** How long what a subscription says of links is waited for: with the page's tenant, which has as long, it is what an answer may take. */
const HELP_WITHIN_MS = ASK_FOR_MS / 2;

export function createLinks({ settings, connections, subscriptions, entra, reader, places, log }: LinksParts): Links {
  async function connectionFor(page: SubscriptionPage): Promise<EntraConnection | null> {
    return linkConnectionFor(page, cloudOf(page), (await settings()).connections);
  }

  async function placeFor(page: SubscriptionPage, user: string | null): Promise<LinkPlaceFound | null> {
    const connection = await connectionFor(page);
    const current = connection && (await connections.byId(connection.id));
    if (connection === null || current === null) return null;
    const signedIn = await entra.accounts(connection);
    const nowhere: LinkFacts = {
      target: null,
      account: null,
      accounts: signedIn.map(namedAccount),
      tenant: null,
      isDelegated: false,
      attribution: null,
    };
    const found = { current, connection };
    const mineAs = (account: AzureAccount) => ({ ...nowhere, account: namedAccount(account) });
    const at = (account: AzureAccount, { tenant, name, isDelegated }: LinkPlaceMet): LinkFacts => ({
      ...mineAs(account),
      tenant: { id: tenant, name },
      target: { kind: 'signIn', connectionId: connection.id, tenant, user: account.user },
      isDelegated,
    });
    const key = JSON.stringify([connection.id, page.subscriptionId, page.tenant]);
    const met = await places.read(key);
    try {
      const pageTenant = await reader.tenantOf(connection, page);
      const account = chosenOf(signedIn, user, pageTenant);
      if (account === null) {
        const tenant = pageTenant === null ? null : { id: pageTenant, name: null };
        return { ...found, link: { ...nowhere, tenant }, failure: { reason: 'signInNeeded' } };
      }
      const limit = AbortSignal.timeout(HELP_WITHIN_MS);
      const told = await tenantFor(connection, page, account, pageTenant, limit);
      const before = met.find((one) => one.user === account.user);
      if (told === 'unknown' && before !== undefined) return { ...found, link: at(account, before), failure: null };
      const nothingSaid = pageTenant === null ? null : { tenant: pageTenant, isDelegated: false, attribution: null };
      const place = told === 'unknown' ? nothingSaid : (told ?? nothingSaid);
      if (place === null)
        return { ...found, link: mineAs(account), failure: { reason: 'refused', code: 'TenantNotKnown' } };
      const { tenant, isDelegated, attribution } = place;
      const name = await tenantName(connection, account, tenant, limit);
      const now = { user: account.user, tenant, name, isDelegated };
      if (!isSamePlace(before, now)) await places.write(key, now);
      return { ...found, link: { ...at(account, now), attribution }, failure: null };
    } catch (cause) {
      const failure = failureOf(cause);
      const before = metBefore(met, signedIn, user);
      if (before !== null) return { ...found, link: at(before.account, before.place), failure: null };
      // Who is signed in is known, though not where the page is.
      const account = chosenOf(signedIn, user, null);
      return { ...found, link: account === null ? nowhere : mineAs(account), failure };
    }
  }

  /**
   * Where an account's link counts for a page's subscription, by what that says. Null: it says nothing to this account, so the page's tenant
   * counts; `unknown`: Azure did not tell.
   */
  async function tenantFor(
    connection: EntraConnection,
    { subscriptionId }: SubscriptionPage,
    account: AzureAccount,
    pageTenant: string | null,
    limit: AbortSignal,
  ) {
    const { user, homeTenant } = account;
    const home = { user, tenant: homeTenant };
    try {
      const reached = (await within(limit, reader.tenants(connection, home))).map(({ id }) => id);
      const isReached = pageTenant !== null && reached.includes(pageTenant);
      // In a customer's tenant that delegates a subscription the account is nobody: its own shows that one. No other is asked for there.
      if (!isReached && !(await within(limit, reader.shown(connection, home))).has(subscriptionId)) return null;
      const as = isReached ? { user, tenant: pageTenant } : home;
      const facts = await within(limit, reader.facts(connection, subscriptionId, as));
      return { ...linkPlace(facts, account, reached, pageTenant), attribution: facts.attribution };
    } catch (cause) {
      log.info('What a subscription says of links is not known', { why: failureOf(cause).reason });
      return 'unknown';
    }
  }

  async function tenantName(
    connection: EntraConnection,
    { user, homeTenant }: AzureAccount,
    tenant: string,
    limit: AbortSignal,
  ): Promise<string | null> {
    try {
      const tenants = await within(limit, reader.tenants(connection, { user, tenant: homeTenant }));
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
    connectionFor,
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
      const limit = AbortSignal.timeout(HELP_WITHIN_MS);
      const name = await tenantName(connection, account, target.tenant, limit);
      return `${name ?? target.tenant} (${accountName(account)})`;
    },
  };
}

function namedAccount(account: AzureAccount): LinkAccount {
  return { user: account.user, name: accountName(account) };
}

/** Where the link of the account that is shown was found to count: of the one that was chosen, else as {@link chosenOf} has it. */
function metBefore(met: readonly LinkPlaceMet[], signedIn: readonly AzureAccount[], user: string | null) {
  const wanted = signedIn.some((account) => account.user === user) ? user : null;
  const known = signedIn.filter(
    (account) => (wanted ?? account.user) === account.user && met.some((one) => one.user === account.user),
  );
  const account = chosenOf(known, wanted, met.find(({ isDelegated }) => !isDelegated)?.tenant ?? null);
  const place = met.find((one) => one.user === account?.user);
  return account === null || place === undefined ? null : { account, place };
}

function isSamePlace(one: LinkPlaceMet | undefined, other: LinkPlaceMet): boolean {
  return (
    one?.user === other.user &&
    one.tenant === other.tenant &&
    one.name === other.name &&
    one.isDelegated === other.isDelegated
  );
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
