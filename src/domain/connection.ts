import { type AzureCloud, azureCloudAt } from './azure-cloud';
import { type PastedAddressProblem, pastedAddress } from './pasted-text';
import type { PortalId } from './portal';

export const SIGN_IN_KINDS = ['none', 'accessToken', 'openIdConnect', 'entra'] as const;
export type SignInKind = (typeof SIGN_IN_KINDS)[number];

/** How one signs in at a backend. */
export type SignIn =
  | { readonly signIn: 'none' }
  | { readonly signIn: 'accessToken' }
  | {
      readonly signIn: 'openIdConnect';
      /** The identity provider, exactly as it names itself; https, or http on localhost. */
      readonly issuer: string;
      readonly clientId: string;
      /** Whether the browser stays signed in when it closes. */
      readonly staySignedIn: boolean;
      /** What the provider is asked for, as the person or policy decided; null while nobody has. */
      readonly scopes: readonly string[] | null;
      /** Whether the provider is told which service the token is for (RFC 8707), though its own metadata do not list it. */
      readonly sendResource: boolean;
    }
  | {
      /** Microsoft Entra, of the cloud that the address is in. Several accounts may be signed in, each in many tenants. */
      readonly signIn: 'entra';
      readonly clientId: string;
      /** Whether the browser stays signed in when it closes. */
      readonly staySignedIn: boolean;
    };

/** One configured backend, of any kind. Its secrets are kept elsewhere, by its id. */
export type Connection = SignIn & {
  /** A UUID made from kind and address; another address is another connection, so that a change can only ever go to its own. */
  readonly id: string;
  /** What people call it, wherever they are told where a record is kept; {@link defaultName} unless they gave it one. */
  readonly name: string;
  /** A name in the registry of kinds; one that this version does not know is kept, and nothing is sent there. */
  readonly kind: string;
  /** The backend's base address: https, or http on localhost; without a slash at its end. */
  readonly address: string;
  /** The portals whose pages it serves; empty: all. */
  readonly portals: readonly PortalId[];
  /** The tenants that it serves, as `parseTenant` spells them; empty: all. */
  readonly tenants: readonly string[];
};

/** A connection whose people sign in at an identity provider. */
export type OpenIdConnection = Extract<Connection, { signIn: 'openIdConnect' }>;
/** A connection to one of Azure's clouds. */
export type EntraConnection = Extract<Connection, { signIn: 'entra' }>;

/** As much of a connection's name as fits where it is shown. */
export const LONGEST_NAME = 80;

/** The name of a connection that nobody has named: the host of its address. */
export function defaultName(address: string): string {
  return new URL(address).host.slice(0, LONGEST_NAME);
}

/** The part of a connection, or of anything like one, that says how to sign in. */
export function signInOf(connection: SignIn): SignIn {
  switch (connection.signIn) {
    case 'none':
    case 'accessToken':
      return { signIn: connection.signIn };
    case 'openIdConnect': {
      const { signIn, issuer, clientId, staySignedIn, scopes, sendResource } = connection;
      return { signIn, issuer, clientId, staySignedIn, scopes, sendResource };
    }
    case 'entra': {
      const { signIn, clientId, staySignedIn } = connection;
      return { signIn, clientId, staySignedIn };
    }
  }
}

/** Whether tokens of one way of signing in are good for the other. */
export function isSameSignIn(one: SignIn, other: SignIn): boolean {
  if (one.signIn === 'openIdConnect' && other.signIn === 'openIdConnect')
    return one.issuer === other.issuer && one.clientId === other.clientId;
  if (one.signIn === 'entra' && other.signIn === 'entra') return one.clientId === other.clientId;
  return one.signIn === other.signIn;
}

/** Whether a connection holds the links of accounts, rather than the record of subscriptions. */
export function isOfLinks(connection: Connection): connection is EntraConnection {
  return connection.signIn === 'entra';
}

/** As much of a page as decides which connection serves it. */
export interface ServedPage {
  readonly portal: PortalId;
  /** In the spelling of {@link Connection.tenants}; null: the page's address names none. */
  readonly tenant: string | null;
}

/**
 * The connection that keeps the record of a page: the one that names its tenant, then the one that names its portal, then the default. One
 * that names both goes before one that names either, and between equals the default goes first, then the first in the list.
 * @param page null: no page, so the default
 * @param defaultId where there is no such connection, the first is the default
 * @returns null when there is no such connection at all
 */
export function connectionFor(
  page: ServedPage | null,
  connections: readonly Connection[],
  defaultId: string | null,
): Connection | null {
  const records = connections.filter((connection) => !isOfLinks(connection));
  const fallback = records.find(({ id }) => id === defaultId) ?? records[0] ?? null;
  if (page === null) return fallback;
  let [best, bestFit] = [fallback, 0];
  for (const connection of records) {
    const fit = fitOf(connection, page);
    if (fit > bestFit || (fit === bestFit && connection === fallback)) [best, bestFit] = [connection, fit];
  }
  return best;
}

/** The portals where links mean something unless a connection names others: those of Azure. */
const LINK_PORTALS: readonly PortalId[] = ['azure', 'accountCentre'];

/**
 * The connection that holds the links for a page, in its cloud: the one that names its tenant or portal before one that names neither.
 * @param cloud null: the page's portal is of no cloud that is known, so any will do
 */
export function linkConnectionFor(
  page: ServedPage,
  cloud: AzureCloud | null,
  connections: readonly Connection[],
): EntraConnection | null {
  const fits = connections.filter(isOfLinks).flatMap((connection) => {
    if (cloud !== null && azureCloudAt(connection.address) !== cloud) return [];
    const { portals, tenants } = connection;
    const fit = fitOf({ portals: portals.length === 0 ? LINK_PORTALS : portals, tenants }, page);
    return fit === 0 ? [] : [{ connection, fit }];
  });
  return fits.toSorted((one, other) => other.fit - one.fit)[0]?.connection ?? null;
}

/** How narrowly a connection names a page: 2 for its tenant, 1 for its portal; 0 where it names neither, or another. */
function fitOf({ portals, tenants }: Pick<Connection, 'portals' | 'tenants'>, { portal, tenant }: ServedPage): number {
  const namesTenant = tenant !== null && tenants.includes(tenant);
  const namesPortal = portals.includes(portal);
  const servesOthers = (tenants.length > 0 && !namesTenant) || (portals.length > 0 && !namesPortal);
  return servesOthers ? 0 : (namesTenant ? 2 : 0) + (namesPortal ? 1 : 0);
}

/** Why a text is no address of a backend or provider. `loopbackInBrackets`: see {@link isLoopbackInBrackets}. */
export type AddressProblem =
  | PastedAddressProblem
  | 'notAnAddress'
  | 'loopbackInBrackets'
  | 'notHttps'
  | 'hasCredentials'
  | 'hasQueryOrHash';

export type ParsedAddress =
  | { readonly ok: true; readonly address: string; readonly origin: string }
  | { readonly ok: false; readonly problem: AddressProblem };

// Those that the manifest lets the extension reach.
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1'];

/**
 * Whether a host, as `URL` writes it, is this machine by an address of IPv6. An extension cannot reach it by that
 * name: a policy's `connect-src` has no form for it (CSP 3, host-source; measured with Chromium 156).
 */
export function isLoopbackInBrackets(hostname: string): boolean {
  return /^\[::(?:1|ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4})\]$/.test(hostname);
}

/** Reads a backend's base address: https anywhere, http on this machine only; without user name, query or fragment. */
export function parseAddress(typed: string): ParsedAddress {
  const pasted = pastedAddress(typed);
  if (!pasted.ok) return pasted;
  const { text } = pasted;
  if (!URL.canParse(text)) return { ok: false, problem: 'notAnAddress' };
  const url = new URL(text);
  if (isLoopbackInBrackets(url.hostname)) return { ok: false, problem: 'loopbackInBrackets' };
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.includes(url.hostname));
  if (!secure) return { ok: false, problem: 'notHttps' };
  if (url.username !== '' || url.password !== '') return { ok: false, problem: 'hasCredentials' };
  if (url.search !== '' || url.hash !== '' || /[?#]$/.test(text)) return { ok: false, problem: 'hasQueryOrHash' };
  return { ok: true, address: url.origin + url.pathname.replace(/\/+$/, ''), origin: url.origin };
}

export type ParsedIssuer =
  | { readonly ok: true; readonly issuer: string; readonly origin: string }
  | Extract<ParsedAddress, { ok: false }>;

/** Reads an identity provider's address, by the same rules. It is the provider's name too, so it stays as it was typed. */
export function parseIssuer(typed: string): ParsedIssuer {
  const pasted = pastedAddress(typed);
  if (!pasted.ok) return pasted;
  const parsed = parseAddress(pasted.text);
  return parsed.ok ? { ok: true, issuer: pasted.text, origin: parsed.origin } : parsed;
}
