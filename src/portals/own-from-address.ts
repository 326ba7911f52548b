import { pastedAddress } from '../domain/pasted-text';
import { type CheckedOwnPattern, checkOwnPattern, subscriptionByPattern } from './own';

/** A GUID, which no other letter or digit touches; what is percent-encoded right before it does not. */
const GUID = /(?<=^|[^0-9a-z]|%[0-9a-f]{2})[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z-])/gi;
/** What portals call the ID they have of a subscription, right before it. */
const SUBSCRIPTION_BEFORE = /subscription[^/?&#]*(?:[/=]|%2f|%3d)[^0-9a-z%]*(?:%7b)?$/i;
const PARTS = ['pathname', 'search', 'hash'] as const;
type Part = (typeof PARTS)[number];

interface Found {
  readonly part: Part;
  readonly id: string;
  readonly from: number;
  /** It stands where a subscription's ID does, by the word before it. */
  readonly named: boolean;
}

/**
 * The pattern of an own portal, made from the address of one of its subscription pages: the subscription's GUID becomes
 * `:subscriptionId`, and whatever GUID stands there besides becomes `*`. What is a pattern already is checked and stays.
 * Of several GUIDs it takes the one after a word for a subscription, else the first part's last.
 * @param typed an address or a pattern, as a person types or pastes it
 */
export function ownPatternFrom(typed: string): CheckedOwnPattern {
  const pasted = pastedAddress(typed);
  if (!pasted.ok) return pasted;
  const { text } = pasted;
  const isAddress = !text.includes(':subscriptionId') && URL.canParse(text);
  const pattern = isAddress ? patternOf(new URL(text)) : null;
  return checkOwnPattern(pattern ?? text);
}

function patternOf(address: URL): string | null {
  const found = PARTS.flatMap((part) => idsIn(address[part], part));
  const [first] = found;
  const chosen = found.find(({ named }) => named) ?? found.findLast(({ part }) => part === first?.part);
  if (chosen === undefined) return null;
  const pattern = address.origin + upTo(chosen, address);
  // Only one by which that very page is recognised.
  return subscriptionByPattern(pattern, address.href) === chosen.id.toLowerCase() ? pattern : null;
}

function idsIn(text: string, part: Part): Found[] {
  return Array.from(text.matchAll(GUID), ({ 0: id, index: from }) => ({
    part,
    id,
    from,
    named: SUBSCRIPTION_BEFORE.test(text.slice(0, from)),
  }));
}

/** The pattern of the parts of an address up to the one that holds the ID; what comes after that part may be anything. */
function upTo(chosen: Found, { pathname, search, hash }: URL): string {
  switch (chosen.part) {
    case 'pathname':
      return patternIn(pathname, chosen);
    case 'search':
      return `${literal(pathname)}\\?${inSearch(search.slice(1), { ...chosen, from: chosen.from - 1 })}`;
    case 'hash':
      // The page before the route may have a query of its own, which tells no subscription.
      return `${literal(pathname)}${search === '' ? '' : '\\?*'}#${inHash(hash.slice(1), { ...chosen, from: chosen.from - 1 })}`;
  }
}

/** Of a query the parameter that holds the ID; those before it differ from page to page, and those after it are no part of the ID. */
function inSearch(query: string, chosen: Found): string {
  const begins = query.lastIndexOf('&', chosen.from) + 1;
  const [parameter = ''] = query.slice(begins).split('&', 1);
  return `${begins === 0 ? '' : '*&'}${patternIn(parameter, { ...chosen, from: chosen.from - begins })}`;
}

/** A route in the hash, without the route's own query behind the ID. */
function inHash(route: string, chosen: Found): string {
  const query = /[?&]/.exec(route.slice(chosen.from + chosen.id.length));
  if (query === null) return patternIn(route, chosen);
  const ends = chosen.from + chosen.id.length + query.index;
  const kept = patternIn(route.slice(0, ends), chosen);
  // Right behind the ID the query is cut off anyway.
  return query.index === 0 ? kept : `${kept}*`;
}

function patternIn(text: string, { id, from }: Found): string {
  return `${literal(text.slice(0, from))}:subscriptionId${literal(text.slice(from + id.length))}`;
}

/** What stands for itself in a pattern, but for other GUIDs, which differ from page to page. */
function literal(text: string): string {
  return text
    .split(GUID)
    .map((words) => words.replace(/[\\{}()*+?:]/g, '\\$&'))
    .join('*');
}
