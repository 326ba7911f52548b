import { parseSubscriptionId, type SubscriptionId } from '../domain/subscription';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The subscription ID in a text that is exactly one GUID, in any letter case; null for any other text. */
export function subscriptionGuid(text: string | null | undefined): SubscriptionId | null {
  return text && GUID.test(text) ? parseSubscriptionId(text) : null;
}

/** Percent-decoded text; null when the encoding is malformed. */
export function percentDecode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/**
 * The parts of a path between its slashes, percent-decoded. Null when the encoding is malformed or an encoded slash hides
 * in a part: portals read that as a slash or as a name, and we can't tell which.
 */
export function segmentsOf(path: string): readonly string[] | null {
  const segments: string[] = [];
  for (const raw of path.split('/')) {
    const segment = percentDecode(raw);
    if (segment === null || segment.includes('/')) return null;
    segments.push(segment);
  }
  return segments;
}

/** The route that a single-page application keeps in the hash, without the `#` and without the route's own query. */
export function hashRoute(url: URL): string {
  const [route = ''] = url.hash.slice(1).split('?', 1);
  return route;
}
