import type { SubscriptionId } from '../domain/subscription';
import { checkOwnPattern, subscriptionByPattern } from './own';

/** `:subscriptionId` with the expression and the modifier that may follow, in braces or not. */
const ID_GROUP = /\{?(?<!\\):subscriptionId(?:\((?:[^()\\]|\\.)*\))?\}?[?+*]?/u;
/** What a `URLPattern` leaves open, unless a backslash stands before it. */
const LEFT_OPEN = /(?<!\\)[:(){}*+?]/;

/** An address that a pattern recognises as that subscription's page; null when the pattern leaves more open than the ID. */
export function ownPageOf(pattern: string, subscriptionId: SubscriptionId): string | null {
  const checked = checkOwnPattern(pattern);
  if (!checked.ok) return null;
  const { pathname, search, hash } = new URLPattern(checked.pattern);
  const parts = [filled(pathname, subscriptionId), filled(search, subscriptionId), filled(hash, subscriptionId)];
  const [path, query, fragment] = parts;
  if (path == null || query == null || fragment == null) return null;
  const address = `${checked.origin}${path}${query && `?${query}`}${fragment && `#${fragment}`}`;
  // What reads it has the last word: a pattern can be one that takes another part of the address for the ID.
  return subscriptionByPattern(pattern, address) === subscriptionId ? address : null;
}

/** A part of the pattern with the ID in its place. What a wildcard at its end stands for may as well be nothing. */
function filled(part: string, subscriptionId: SubscriptionId): string | null {
  const [before = '', after] = part.replace(/(?<!\\)\*$/, '').split(ID_GROUP, 2);
  const literals = after === undefined ? [before] : [before, after];
  if (literals.some((literal) => LEFT_OPEN.test(literal))) return null;
  return literals.map((literal) => literal.replace(/\\(.)/gu, '$1')).join(encodeURIComponent(subscriptionId));
}
