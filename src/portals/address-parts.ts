import { parseSubscriptionId, type SubscriptionId } from '../domain/subscription';
import { parseTenant } from '../domain/tenant';

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NAME = /^[a-z][\w.-]*$/i;

/** The subscription ID in a text that is exactly one GUID, in any letter case; null for any other text. */
export function subscriptionGuid(text: string | null | undefined): SubscriptionId | null {
  return text && GUID.test(text) ? parseSubscriptionId(text) : null;
}

/**
 * Whether a part of an address is the plain name of a view or a menu. What only resembles one (`resourceGroups%20`) is none, and
 * neither is a GUID: of two in one address nobody knows which the page is about.
 */
export function isName(part: string): boolean {
  return NAME.test(part) && !GUID.test(part);
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
 * The parts of a path between its slashes, percent-decoded. Doubled slashes, and those at its beginning and end, name nothing. Null
 * when the encoding is malformed, when an encoded slash hides in a part (portals read that as a slash or as a name, and we can't
 * tell which), and for the steps `.` and `..`.
 */
export function partsOf(path: string): readonly string[] | null {
  const parts: string[] = [];
  for (const raw of path.split('/')) {
    const part = percentDecode(raw);
    if (part === null || /^\.\.?$|[/\\]/.test(part)) return null;
    if (part !== '') parts.push(part);
  }
  return parts;
}

/** The parts of the route that a single-page application keeps in the hash, without the route's own query; as {@link partsOf}. */
export function routeOf(url: URL): readonly string[] | null {
  const [route = ''] = url.hash.slice(1).split(/[?&]/, 1);
  return partsOf(route);
}

/** The parts that come after those names, which count in any letter case; null when the parts begin otherwise. */
export function partsAfter(names: readonly string[], parts: readonly string[] | null): readonly string[] | null {
  const begins = names.every((name, index) => parts?.[index]?.toLowerCase() === name);
  return parts !== null && begins ? parts.slice(names.length) : null;
}

/** Every value of a parameter of the query, whose name counts in any letter case. */
export function valuesOf(parameter: string, { searchParams }: URL): string[] {
  return [...searchParams].filter(([name]) => name.toLowerCase() === parameter).map(([, value]) => value);
}

/** The tenant in a part of an address, with an `@` before it or not; null where there is none. */
export function tenantIn(part: string | undefined): string | null {
  return part === undefined ? null : parseTenant(part.replace(/^@/, ''));
}
