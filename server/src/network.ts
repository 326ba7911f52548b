import type { RateLimits } from './plugins/rate-limits';

/** Who may reach the service, from where and how often. */
export interface Network {
  /** How callers reach the service from elsewhere, without a slash at the end: `https://example.com/por`; null: as they address it. */
  readonly publicUrl: string | null;
  /** The addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  /** What a proxy may send as `Host` besides the public address's own, each a name with a port or without. */
  readonly allowedHosts: readonly string[];
  /** Whose pages may call the service from a browser, besides its own. */
  readonly allowedOrigins: readonly string[];
  readonly rateLimits: RateLimits;
}

/** For callers on this machine alone, without a limit. */
export const THIS_MACHINE: Network = {
  publicUrl: null,
  trustedProxies: [],
  allowedHosts: [],
  allowedOrigins: [],
  rateLimits: { perCaller: 0, perAddress: 0 },
};
