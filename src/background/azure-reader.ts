import type { BackendPorts } from '../backends/backend';
import {
  readShownSubscriptions,
  readTenants,
  type Tenant,
  tenantOfDomain,
  tenantOfSubscription,
} from '../backends/azure-directory';
import {
  readAgreement,
  readPermissions,
  readSubscription,
  type SubscriptionSeen,
} from '../backends/azure-subscription';
import { createRequests } from '../backends/requests';
import { type Attribution, attributionOf } from '../domain/attribution';
import { AZURE_ENDPOINTS, azureCloudAt } from '../domain/azure-cloud';
import type { EntraConnection } from '../domain/connection';
import type { TenantSignIn } from '../domain/person';
import type { SubscriptionId } from '../domain/subscription';
import { parseTenantId } from '../domain/tenant';
import type { Clock } from '../platform/clock';
import { ASK_FOR_MS } from './connections';

export interface AzureReaderParts {
  readonly portsOf: (connection: EntraConnection) => BackendPorts;
  readonly clock: Clock;
}

/** What a subscription is to one account. */
export interface SubscriptionFacts extends SubscriptionSeen {
  readonly attribution: Attribution;
}

/** What Azure tells of tenants and subscriptions, each kept for some minutes. Every call throws {@link BackendError} as requests do. */
export interface AzureReader {
  /** The ID of the tenant that a page is in, by its address or else by its subscription; null where nobody tells. */
  tenantOf(connection: EntraConnection, page: PageInAzure): Promise<string | null>;
  facts(connection: EntraConnection, id: SubscriptionId, as: TenantSignIn): Promise<SubscriptionFacts>;
  /** The tenants that an account reaches, as its own tenant shows them. */
  tenants(connection: EntraConnection, as: TenantSignIn): Promise<readonly Tenant[]>;
  /** The subscriptions that a tenant shows an account: its own, and those that others delegate to it. */
  shown(connection: EntraConnection, as: TenantSignIn): Promise<ReadonlySet<SubscriptionId>>;
  /** What was told may be another by now: somebody signed in or out, or wants it read anew. */
  forget(): void;
}

export interface PageInAzure {
  readonly subscriptionId: SubscriptionId;
  /** As the page's address names it: a domain or an ID; null where it names none. */
  readonly tenant: string | null;
}

const KEPT_FOR_MS = 10 * 60_000;

export function createAzureReader({ portsOf, clock }: AzureReaderParts): AzureReader {
  const tenantIds = createKept<string | null>(clock);
  const subscriptions = createKept<SubscriptionFacts>(clock);
  const reached = createKept<readonly Tenant[]>(clock);
  const shown = createKept<ReadonlySet<SubscriptionId>>(clock);

  const requestsOf = (connection: EntraConnection, of?: TenantSignIn) =>
    createRequests(connection, portsOf(connection), null, of);

  async function tenantOf(
    connection: EntraConnection,
    { subscriptionId, tenant }: PageInAzure,
  ): Promise<string | null> {
    if (tenant !== null && parseTenantId(tenant) !== null) return tenant;
    const cloud = azureCloudAt(connection.address);
    if (cloud === null) return null;
    if (tenant !== null) {
      const { signIn } = AZURE_ENDPOINTS[cloud];
      return tenantIds.of([signIn, tenant], (signal) => tenantOfDomain(signIn, tenant, portsOf(connection), signal));
    }
    return tenantIds.of([connection.id, subscriptionId], (signal) =>
      tenantOfSubscription(connection.address, subscriptionId, requestsOf(connection), signal),
    );
  }

  async function facts(connection: EntraConnection, id: SubscriptionId, as: TenantSignIn): Promise<SubscriptionFacts> {
    return subscriptions.of([connection.id, id, as.user, as.tenant], async (signal) => {
      const { address } = connection;
      const requests = requestsOf(connection, as);
      const [seen, agreement, permissions] = await Promise.all([
        readSubscription(address, id, requests, signal),
        readAgreement(address, id, requests, signal),
        readPermissions(address, id, requests, signal),
      ]);
      const cloud = azureCloudAt(address) ?? 'public';
      return { ...seen, attribution: attributionOf({ cloud, quotaId: seen.quotaId, agreement, permissions }) };
    });
  }

  return {
    tenantOf,
    facts,
    tenants: (connection, as) =>
      reached.of([connection.id, as.user, as.tenant], (signal) =>
        readTenants(connection.address, requestsOf(connection, as), signal),
      ),
    shown: (connection, as) =>
      shown.of([connection.id, as.user, as.tenant], (signal) =>
        readShownSubscriptions(connection.address, requestsOf(connection, as), signal),
      ),
    forget() {
      for (const one of [tenantIds, subscriptions, reached, shown]) one.forget();
    },
  };
}

/** Answers of one kind, each asked for once for all who want to know it, and kept for some minutes. */
function createKept<T>(clock: Clock) {
  const kept = new Map<string, { readonly at: number; readonly told: Promise<T> }>();
  return {
    of(key: readonly string[], ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
      const name = JSON.stringify(key);
      const before = kept.get(name);
      if (before !== undefined && clock.elapsed() - before.at < KEPT_FOR_MS) return before.told;
      const one = { at: clock.elapsed(), told: ask(AbortSignal.timeout(ASK_FOR_MS)) };
      kept.set(name, one);
      // What failed is asked for anew by the next one.
      one.told.catch(() => {
        if (kept.get(name) === one) kept.delete(name);
      });
      return one.told;
    },
    forget: () => kept.clear(),
  };
}
