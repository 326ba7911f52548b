import { browser, type Manifest } from '../platform/browser';
import { matchPatternOf } from '../portals/index';

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
export function requestPermissions(
  origins: readonly string[],
  permissions: Manifest.OptionalPermission[] = [],
): Promise<boolean> {
  const patterns = [...new Set(origins.map(matchPatternOf))].filter(
    (pattern) => !HELD_FROM_THE_START.includes(pattern),
  );
  // Nothing but https can be asked for, and the browser throws when one tries.
  if (patterns.some((pattern) => !pattern.startsWith('https:'))) return Promise.resolve(false);
  if (patterns.length === 0 && permissions.length === 0) return Promise.resolve(true);
  return browser.permissions.request({ origins: patterns, permissions });
}
