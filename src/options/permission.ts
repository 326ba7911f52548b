import { parseIssuer, type SignIn } from '../domain/connection';
import { browser } from '../platform/browser';
import { matchPatternOf } from '../portals/index';

/** What the manifest has as optional. */
export type Permission = 'notifications' | 'identity';

/** Reachable without asking: the manifest has them. */
const HELD_FROM_THE_START = ['http://localhost/*', 'http://127.0.0.1/*'];

/** Gives back the permission for an origin, unless it is one of those that are still needed. */
export async function releaseOrigin(origin: string, needed: readonly string[]): Promise<void> {
  const pattern = matchPatternOf(origin);
  // The manifest's own can't be given back.
  if (HELD_FROM_THE_START.includes(pattern) || needed.map(matchPatternOf).includes(pattern)) return;
  await browser.permissions.remove({ origins: [pattern] });
}

/**
 * Asks the browser for what is not held yet. To be called first of all in a click: the browser asks only while that lasts.
 * @param origins such as `https://service.example.com`
 */
export function requestPermissions(origins: readonly string[], permissions: Permission[] = []): Promise<boolean> {
  const patterns = [...new Set(origins.map(matchPatternOf))].filter(
    (pattern) => !HELD_FROM_THE_START.includes(pattern),
  );
  // What a browser grants from the start it does not let anyone ask for.
  const held = browser.runtime.getManifest().permissions ?? [];
  const missing = permissions.filter((permission) => !held.includes(permission));
  // Nothing but https can be asked for, and the browser throws when one tries.
  if (patterns.some((pattern) => !pattern.startsWith('https:'))) return Promise.resolve(false);
  if (patterns.length === 0 && missing.length === 0) return Promise.resolve(true);
  // The polyfill's types do not know that Chromium takes `identity` here.
  const api: { request(wanted: { origins?: string[]; permissions?: string[] }): Promise<boolean> } =
    browser.permissions;
  return api.request({ origins: patterns, permissions: missing });
}

/** What signing in so asks of the browser, besides the connection's own origin. */
export function neededToSignIn(signIn: SignIn): [origins: string[], permissions: Permission[]] {
  switch (signIn.signIn) {
    case 'none':
    case 'accessToken':
      return [[], []];
    case 'openIdConnect': {
      const parsed = parseIssuer(signIn.issuer);
      return [parsed.ok ? [parsed.origin] : [], ['identity']];
    }
    // Entra lets the worker read its answers without a permission (CORS).
    case 'entra':
      return [[], ['identity']];
  }
}
