import type { Network } from '../../network';

/**
 * The sentence for an operator whose callers nothing sets apart: those from elsewhere come by a proxy, since the service
 * itself has no TLS. Null where they are, or where nobody is limited.
 */
export function whyLimitsAreShared({
  publicUrl,
  trustedProxies,
  rateLimits,
}: Pick<Network, 'publicUrl' | 'trustedProxies' | 'rateLimits'>): string | null {
  const isShared = publicUrl?.startsWith('https:') && trustedProxies.length === 0 && rateLimits.perAddress > 0;
  return isShared
    ? 'TRUST_PROXY is not set, so all who come by the proxy of PUBLIC_URL share the limit of one address. Set it to the address that the proxy calls from.'
    : null;
}
