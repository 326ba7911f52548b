import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { BackendError } from '../backends/backend';
import { exchange, fetchBounded, type HttpParts, readBody } from '../backends/http';
import { scopesSchema } from '../domain/schemas';
import { isSameAddress, type NamedScopes } from '../domain/scopes';
import type { OpenIdConnection } from '../domain/connection';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';

export type Provider = oauth.AuthorizationServer;

/** How long one answer may take. */
export const ANSWER_WITHIN_MS = 20_000;

/** How the provider of an issuer is asked: plain http only on this machine, and within bounds of time and size. */
export function askedOf(issuer: string, fetch: HttpParts['fetch']) {
  return {
    [oauth.allowInsecureRequests]: new URL(issuer).protocol === 'http:',
    [oauth.customFetch]: (url: string, request: Parameters<typeof fetchBounded>[1]) =>
      fetchBounded(url, request, fetch),
    signal: () => AbortSignal.timeout(ANSWER_WITHIN_MS),
  };
}

/** Reads what a provider says of itself. @throws when it can not be read, or names another issuer */
export async function discover({ issuer }: OpenIdConnection, fetch: HttpParts['fetch']): Promise<Provider> {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, askedOf(issuer, fetch)));
}

/** Whether the provider may hear which service a token is for (RFC 8707): some refuse a request that says so. */
export function mayNameService(provider: Provider, { address, sendResource }: OpenIdConnection): boolean {
  return sendResource || (provider.protected_resources ?? []).some((resource) => isSameAddress(resource, address));
}

const metadataSchema = v.object({
  resource: v.string(),
  scopes_supported: v.optional(scopesSchema),
});

/** Reads from a service's metadata (RFC 9728) what to ask the provider for. Metadata of another service are not followed. */
export async function namedScopes(
  address: string,
  { fetch, clock, log }: { readonly fetch: HttpParts['fetch']; readonly clock: Clock; readonly log: Log },
): Promise<NamedScopes> {
  const { origin, pathname } = new URL(address);
  const url = `${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}`;
  try {
    const answer = await exchange(
      { method: 'GET', url, headers: {} },
      { fetch, now: () => clock.now(), timeoutMs: ANSWER_WITHIN_MS },
      new AbortController().signal,
    );
    // Most services say nothing of the kind.
    if (!answer.ok) return answer.status >= 500 || answer.status === 429 ? { kind: 'away' } : { kind: 'none' };
    const { resource, scopes_supported } = readBody(answer, metadataSchema);
    if (!isSameAddress(resource, address)) return { kind: 'ignored', why: 'otherResource' };
    return scopes_supported === undefined ? { kind: 'none' } : { kind: 'named', scopes: scopes_supported };
  } catch (cause) {
    if (!(cause instanceof BackendError)) throw cause;
    log.info('The service did not say what to ask for', { why: cause.message });
    const { reason } = cause.failure;
    return reason === 'noAnswer' || reason === 'timedOut' ? { kind: 'away' } : { kind: 'ignored', why: 'unreadable' };
  }
}
