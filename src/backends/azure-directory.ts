import * as v from 'valibot';
import { subscriptionIdSchema } from '../domain/schemas';
import { nameIn, type SubscriptionId } from '../domain/subscription';
import { parseTenant, parseTenantId } from '../domain/tenant';
import { readPages } from './azure-pages';
import { tenantWanted } from './challenge';
import { exchange, failed, type HttpParts, readBody, shortened } from './http';
import type { Requests } from './requests';

/** A tenant that an account reaches. */
export interface Tenant {
  /** A GUID in lower case. */
  readonly id: string;
  readonly name: string | null;
  readonly domain: string | null;
}

/** Of tenants and subscriptions alike. */
export const DIRECTORY_VERSION = 'api-version=2022-12-01';

export const tenantIdSchema = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const tenant = parseTenantId(dataset.value);
    if (tenant !== null) return tenant;
    addIssue({ message: 'Not a tenant’s ID' });
    return NEVER;
  }),
);
/** A text that nothing needs, as much of it as a history row holds: what is none counts as not told. */
export const shownOrNull = v.nullish(
  v.fallback(
    v.pipe(
      v.nullable(v.string()),
      v.transform((text) => nameIn(text && shortened(text))),
    ),
    null,
  ),
  null,
);
const tenantSchema = v.object({ tenantId: tenantIdSchema, displayName: shownOrNull, defaultDomain: shownOrNull });

/**
 * The tenants that whoever sends these requests reaches, each once.
 * @param base the address of the management interface
 * @throws {BackendError} as `readPages` does
 */
export async function readTenants(
  base: string,
  requests: Pick<Requests, 'send'>,
  signal: AbortSignal,
): Promise<readonly Tenant[]> {
  const found = new Map<string, Tenant>();
  for (const row of await readPages(tenantsUrl(base), tenantSchema, requests, signal)) {
    const { tenantId: id, displayName: name, defaultDomain: domain } = row;
    if (!found.has(id)) found.set(id, { id, name, domain });
  }
  return [...found.values()];
}

export function tenantsUrl(base: string): string {
  return `${base}/tenants?${DIRECTORY_VERSION}`;
}

const shownSubscriptionSchema = v.object({ subscriptionId: subscriptionIdSchema });

/**
 * The subscriptions that a tenant shows whoever sends these requests: its own, and those that others delegate to it.
 * @param base the address of the management interface
 * @throws {BackendError} as `readPages` does
 */
export async function readShownSubscriptions(
  base: string,
  requests: Pick<Requests, 'send'>,
  signal: AbortSignal,
): Promise<ReadonlySet<SubscriptionId>> {
  const rows = await readPages(`${base}/subscriptions?${DIRECTORY_VERSION}`, shownSubscriptionSchema, requests, signal);
  return new Set(rows.map(({ subscriptionId }) => subscriptionId));
}

export function subscriptionUrl(base: string, id: SubscriptionId): string {
  return `${base}/subscriptions/${encodeURIComponent(id)}`;
}

/**
 * The tenant of a subscription, whoever asks: Azure's refusal of a request without a token names where to get one. Null where there is
 * no such subscription, or none is named.
 * @param base the address of the management interface
 */
export async function tenantOfSubscription(
  base: string,
  id: SubscriptionId,
  { sendUnsigned }: Pick<Requests, 'sendUnsigned'>,
  signal: AbortSignal,
): Promise<string | null> {
  const answer = await sendUnsigned(
    { method: 'GET', url: `${subscriptionUrl(base, id)}?${DIRECTORY_VERSION}` },
    signal,
  );
  if (answer.status === 401) return tenantWanted(answer.challenge);
  if (answer.status === 404) return null;
  throw failed(answer);
}

const metadataSchema = v.object({ issuer: v.string() });
const unknownTenantSchema = v.object({ error: v.literal('invalid_tenant') });

/**
 * The ID of the tenant that has a domain, by the provider's own metadata; null where no tenant of that cloud has it.
 * @param signIn where people of the cloud sign in, which lets everybody read its metadata: no permission of the browser's is needed
 */
export async function tenantOfDomain(
  signIn: string,
  domain: string,
  parts: HttpParts,
  signal: AbortSignal,
): Promise<string | null> {
  const named = parseTenant(domain);
  if (named === null || parseTenantId(named) !== null) return named;
  const url = `${signIn}/${encodeURIComponent(named)}/v2.0/.well-known/openid-configuration`;
  const answer = await exchange({ method: 'GET', url, headers: {} }, parts, signal);
  if (answer.status === 400 && v.is(unknownTenantSchema, answer.json)) return null;
  if (!answer.ok) throw failed(answer);
  const { issuer } = readBody(answer, metadataSchema);
  // A domain of another cloud is told of with that cloud's issuer.
  return issuer.startsWith(`${signIn}/`) ? parseTenantId(issuer.slice(signIn.length + 1).split('/')[0] ?? '') : null;
}
