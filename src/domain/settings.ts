import { type PastedAddressProblem, pastedAddress } from './pasted-text';

export const BUILT_IN_PORTALS = ['azure', 'accountCentre', 'microsoft365Admin'] as const;
export type BuiltInPortalId = (typeof BUILT_IN_PORTALS)[number];

/** Which portals the extension serves. */
export interface PortalSettings {
  /** The built-in portals that were switched off. */
  readonly off: readonly BuiltInPortalId[];
  /** `URLPattern`s in one string, each with a group named `subscriptionId`. */
  readonly own: readonly string[];
}

export const SIGN_IN_KINDS = ['none', 'accessToken', 'openIdConnect'] as const;
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
    };

/** One configured backend. Its secrets are kept elsewhere. */
export type Connection = SignIn & {
  /** A UUID; another address is another connection, so that a change can only ever go to its own. */
  readonly id: string;
  /** What people call it, wherever they are told where a record is kept; {@link defaultName} unless they gave it one. */
  readonly name: string;
  readonly kind: 'service';
  /** https, or http on localhost; without a slash at its end. */
  readonly serviceUrl: string;
};

/** A connection whose people sign in at an identity provider. */
export type OpenIdConnection = Extract<Connection, { signIn: 'openIdConnect' }>;

/** As much of a connection's name as fits where it is shown. */
export const LONGEST_NAME = 80;

/** What a connection is called that nobody gave a name: the host of its address. */
export function defaultName(serviceUrl: string): string {
  return new URL(serviceUrl).host.slice(0, LONGEST_NAME);
}

/** The part of a connection, or of anything like one, that says how to sign in. */
export function signInOf(connection: SignIn): SignIn {
  if (connection.signIn !== 'openIdConnect') return { signIn: connection.signIn };
  const { signIn, issuer, clientId, staySignedIn, scopes, sendResource } = connection;
  return { signIn, issuer, clientId, staySignedIn, scopes, sendResource };
}

/** Whether what was got by one way of signing in is good for the other. */
export function isSameSignIn(one: SignIn, other: SignIn): boolean {
  if (one.signIn !== 'openIdConnect' || other.signIn !== 'openIdConnect') return one.signIn === other.signIn;
  return one.issuer === other.issuer && one.clientId === other.clientId;
}

/** How long ended history rows are kept; null means without limit. Rows of open changes are always kept. */
export interface Retention {
  readonly maxAgeDays: number | null;
  readonly maxRows: number | null;
}

export const CONFIRM_WHEN = ['whenUnsure', 'always'] as const;
/** When a change that was asked for in a panel is confirmed in the extension's own window: where the panel can't be sure, or always. */
export type ConfirmWhen = (typeof CONFIRM_WHEN)[number];

export interface Settings {
  readonly connection: Connection | null;
  readonly portals: PortalSettings;
  readonly retention: Retention;
  /** Whether a browser notification tells how a change ended. */
  readonly notify: boolean;
  readonly confirm: ConfirmWhen;
}

export const DEFAULT_SETTINGS: Settings = {
  connection: null,
  portals: { off: [], own: [] },
  retention: { maxAgeDays: null, maxRows: null },
  notify: false,
  confirm: 'whenUnsure',
};

/** Why a text is no address of a service or provider. `loopbackInBrackets`: see {@link isLoopbackInBrackets}. */
export type AddressProblem =
  | PastedAddressProblem
  | 'notAnAddress'
  | 'loopbackInBrackets'
  | 'notHttps'
  | 'hasCredentials'
  | 'hasQueryOrHash';

export type ParsedServiceUrl =
  | { readonly ok: true; readonly serviceUrl: string; readonly origin: string }
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

/** Reads a service's base address: https anywhere, http on this machine only; without user name, query or fragment. */
export function parseServiceUrl(typed: string): ParsedServiceUrl {
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
  return { ok: true, serviceUrl: url.origin + url.pathname.replace(/\/+$/, ''), origin: url.origin };
}

export type ParsedIssuer =
  | { readonly ok: true; readonly issuer: string; readonly origin: string }
  | Extract<ParsedServiceUrl, { ok: false }>;

/** Reads an identity provider's address, by the same rules. It is the provider's name too, so it stays as it was typed. */
export function parseIssuer(typed: string): ParsedIssuer {
  const pasted = pastedAddress(typed);
  if (!pasted.ok) return pasted;
  const parsed = parseServiceUrl(pasted.text);
  return parsed.ok ? { ok: true, issuer: pasted.text, origin: parsed.origin } : parsed;
}
