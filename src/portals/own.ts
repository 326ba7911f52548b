import { type PastedAddressProblem, pastedAddress } from '../domain/pasted-text';
import { isLoopbackInBrackets } from '../domain/connection';
import { parseSubscriptionId, type SubscriptionId } from '../domain/subscription';
import { percentDecode } from './address-parts';

/**
 * Why a text can't be a portal of one's own.
 * `notAPattern`: the browser refuses it. `loopbackInBrackets`: this machine by an address of IPv6. `notHttps`: https, or http on localhost and 127.0.0.1 only.
 * `hostNotLiteral`: host or port hold a wildcard or a group, or there is a user name before them.
 * `noSubscriptionIdGroup`: path, query and hash hold no group of that name.
 * `severalSubscriptionIdGroups`: more than one of them does.
 */
export type OwnPatternProblem =
  | PastedAddressProblem
  | 'notAPattern'
  | 'loopbackInBrackets'
  | 'notHttps'
  | 'hostNotLiteral'
  | 'noSubscriptionIdGroup'
  | 'severalSubscriptionIdGroups';

export type CheckedOwnPattern =
  | { readonly ok: true; readonly pattern: string; readonly origin: string }
  | { readonly ok: false; readonly problem: OwnPatternProblem };

const GROUP_PARTS = ['pathname', 'search', 'hash'] as const;
type GroupPart = (typeof GROUP_PARTS)[number];

interface OwnPortal {
  /** As it was typed, without what came along with a paste. */
  readonly text: string;
  readonly pattern: URLPattern;
  readonly origin: string;
  /** The part of the address that holds the group. */
  readonly part: GroupPart;
}

const LITERAL_HOST = /^[a-z0-9._-]+$/;
const LITERAL_PORT = /^\d*$/;
const HTTP_HOSTS = ['localhost', '127.0.0.1'];
/** `:subscriptionId`, neither escaped nor the beginning of a longer name. */
const ID_GROUP = /(?<!\\):subscriptionId(?![\p{ID_Continue}$\u200c\u200d])/u;

/** Reads a `URLPattern` as a person types or pastes it. Never throws for a bad one; `pattern` is the text without what came along. */
export function checkOwnPattern(typed: string): CheckedOwnPattern {
  const portal = readPattern(typed);
  return typeof portal === 'string'
    ? { ok: false, problem: portal }
    : { ok: true, pattern: portal.text, origin: portal.origin };
}

/**
 * The subscription that an address shows by a pattern; null when it shows none or the pattern is a bad one. Slashes and needless
 * percent-encoding are forgiven; letter case is the pattern's, since there are servers that tell it apart.
 * @param address one that `URL` can read
 */
export function subscriptionByPattern(pattern: string, address: string): SubscriptionId | null {
  const portal = compiled(pattern);
  const url = new URL(address);
  if (portal === null || url.origin !== portal.origin) return null;
  for (const spelling of spellingsOf(url, portal.part)) {
    const { subscriptionId: raw } = portal.pattern.exec(spelling)?.[portal.part].groups ?? {};
    const value = raw === undefined ? null : wholeValue(raw, portal.part);
    const id = value === null ? null : percentDecode(value);
    if (id !== null) return parseSubscriptionId(id);
  }
  return null;
}

/** The origin of a pattern; null when the pattern is a bad one. */
export function originOfPattern(pattern: string): string | null {
  return compiled(pattern)?.origin ?? null;
}

/** Letters, digits, hyphen, dot, underscore and tilde, percent-encoded: the same address as without (RFC 3986, 2.3). */
const UNRESERVED = /%(?:2d|2e|5f|7e|3\d|[46][1-9a-f]|[57][\da])/gi;

const cache = new Map<string, OwnPortal | null>();

/** Patterns are compiled once: one is asked for at every address of every portal tab. */
function compiled(pattern: string): OwnPortal | null {
  let portal = cache.get(pattern);
  if (portal === undefined) {
    const read = readPattern(pattern);
    portal = typeof read === 'string' ? null : read;
    cache.set(pattern, portal);
  }
  return portal;
}

function readPattern(typed: string): OwnPortal | OwnPatternProblem {
  const pasted = pastedAddress(typed);
  if (!pasted.ok) return pasted.problem;
  const { text } = pasted;
  if (isLoopbackInBrackets(hostInBrackets(text))) return 'loopbackInBrackets';
  const pattern = parsePattern(text);
  if (pattern === null) return 'notAPattern';
  const { protocol, username, password, hostname, port } = pattern;
  if (protocol !== 'https' && !(protocol === 'http' && HTTP_HOSTS.includes(hostname))) return 'notHttps';
  const literal = LITERAL_HOST.test(hostname) && LITERAL_PORT.test(port) && username === '*' && password === '*';
  if (!literal) return 'hostNotLiteral';
  const [part, ...others] = GROUP_PARTS.filter((name) => ID_GROUP.test(pattern[name]));
  if (part === undefined) return 'noSubscriptionIdGroup';
  if (others.length > 0) return 'severalSubscriptionIdGroups';
  return { text, pattern, part, origin: `${protocol}://${hostname}${port && `:${port}`}` };
}

/** The host that an address or pattern writes in brackets, as `URL` writes it: to a `URLPattern` its colons would begin groups. */
function hostInBrackets(text: string): string {
  const [, host = ''] = /^https?:\/\/(?:[^/?#@]*@)?(\[[^\]/?#]*\])/i.exec(text) ?? [];
  return URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : '';
}

function parsePattern(text: string): URLPattern | null {
  try {
    return new URLPattern(text);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** The address as it is, and then as others spell it: slashes once, and at the ends of path and route or not. */
function spellingsOf(url: URL, part: GroupPart): string[] {
  const path = plain(url.pathname);
  const paths = [path, `${path}/`];
  const [route = '', ...query] = url.hash.slice(1).split(/(?=\?)/);
  const name = plain(route).slice(1);
  const hashes =
    part === 'hash' && name !== ''
      ? [name, `/${name}`, `${name}/`, `/${name}/`].map((one) => `#${one}${query.join('')}`)
      : [url.hash];
  return [url.href, ...paths.flatMap((one) => hashes.map((hash) => `${url.origin}${one}${url.search}${hash}`))];
}

/** A path with a slash before each name, in which nothing is percent-encoded that need not be. */
function plain(path: string): string {
  const decoded = path.replace(UNRESERVED, decodeURIComponent);
  return decoded
    .split('/')
    .map((name) => name && `/${name}`)
    .join('');
}

/**
 * In a path a group ends at the next slash. In query and hash nothing ends it, so that it swallows whatever follows: what
 * comes after `&` (and `?` in a hash route) belongs to the page, not to the ID; a deeper hash route is another page.
 */
function wholeValue(raw: string, part: GroupPart): string | null {
  if (part === 'pathname') return raw;
  const [value = ''] = raw.split(part === 'search' ? '&' : /[?&]/, 1);
  return part === 'hash' && value.includes('/') ? null : value;
}
