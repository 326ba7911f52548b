import * as v from 'valibot';
import { parseTenant } from '../domain/tenant';
import { nameIn } from '../domain/subscription';
import { BackendError } from './backend';
import { failed, readBody } from './http';
import type { Requests } from './requests';

/** A tenant that an account reaches. */
export interface Tenant {
  /** A GUID in lower case. */
  readonly id: string;
  readonly name: string | null;
  readonly domain: string | null;
}

/** As many pages as are followed: Azure shows some hundred tenants on each. */
const MOST_PAGES = 50;

const guid = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const tenant = parseTenant(dataset.value);
    if (tenant !== null) return tenant;
    addIssue({ message: 'Not a tenant’s ID' });
    return NEVER;
  }),
);
const textOrNull = v.optional(v.fallback(v.nullable(v.string()), null), null);
const tenantsSchema = v.object({
  value: v.array(v.object({ tenantId: guid, displayName: textOrNull, defaultDomain: textOrNull })),
  nextLink: v.optional(v.nullable(v.string()), null),
});

/**
 * The tenants that whoever sends these requests reaches, each once.
 * @param base the address of the management interface
 * @throws {BackendError} as every request does, and where a page leads elsewhere
 */
export async function readTenants(
  base: string,
  { send }: Pick<Requests, 'send'>,
  signal: AbortSignal,
): Promise<readonly Tenant[]> {
  const found = new Map<string, Tenant>();
  let url: string | null = `${base}/tenants?api-version=2022-12-01`;
  for (let page = 0; url !== null && page < MOST_PAGES; page += 1) {
    const answer = await send({ method: 'GET', url }, signal);
    if (!answer.ok) throw failed(answer);
    const { value, nextLink } = readBody(answer, tenantsSchema);
    for (const { tenantId, displayName, defaultDomain } of value) {
      if (!found.has(tenantId))
        found.set(tenantId, { id: tenantId, name: nameIn(displayName), domain: nameIn(defaultDomain) });
    }
    if (nextLink !== null && !nextLink.startsWith(`${base}/`)) {
      throw new BackendError({ reason: 'unreadable', detail: { code: 'fieldUnexpected', field: 'nextLink' } });
    }
    url = nextLink;
  }
  return [...found.values()];
}
