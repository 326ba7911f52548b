export const BUILT_IN_PORTALS = ['azure', 'accountCentre', 'microsoft365Admin'] as const;
export type BuiltInPortalId = (typeof BUILT_IN_PORTALS)[number];

/** Which portals the extension serves. */
export interface PortalSettings {
  /** The built-in portals that were switched off. */
  readonly off: readonly BuiltInPortalId[];
  /** `URLPattern`s in one string, each with a group named `subscriptionId`. */
  readonly own: readonly string[];
}

export const SIGN_IN_KINDS = ['none', 'accessToken'] as const;
export type SignInKind = (typeof SIGN_IN_KINDS)[number];

/** One configured backend. Its secrets are kept elsewhere. */
export interface Connection {
  /** A UUID; another address is another connection, so that a change can only ever go to its own. */
  readonly id: string;
  readonly kind: 'service';
  /** https, or http on localhost; without a slash at its end. */
  readonly serviceUrl: string;
  readonly signIn: SignInKind;
}

/** How long ended history rows are kept; null means without limit. Rows of open changes are always kept. */
export interface Retention {
  readonly maxAgeDays: number | null;
  readonly maxRows: number | null;
}

export interface Settings {
  readonly connection: Connection | null;
  readonly portals: PortalSettings;
  readonly retention: Retention;
  /** Whether a browser notification tells how a change ended. */
  readonly notify: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  connection: null,
  portals: { off: [], own: [] },
  retention: { maxAgeDays: null, maxRows: null },
  notify: false,
};

export type ParsedServiceUrl =
  | { readonly ok: true; readonly serviceUrl: string; readonly origin: string }
  | { readonly ok: false; readonly problem: 'notAnAddress' | 'notHttps' | 'hasCredentials' | 'hasQueryOrHash' };

// Those that the manifest lets the extension reach.
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1'];

/** Reads a service's base address: https anywhere, http on this machine only; without user name, query or fragment. */
export function parseServiceUrl(typed: string): ParsedServiceUrl {
  const text = typed.trim();
  if (!URL.canParse(text)) return { ok: false, problem: 'notAnAddress' };
  const url = new URL(text);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK_HOSTS.includes(url.hostname));
  if (!secure) return { ok: false, problem: 'notHttps' };
  if (url.username !== '' || url.password !== '') return { ok: false, problem: 'hasCredentials' };
  if (url.search !== '' || url.hash !== '' || /[?#]$/.test(text)) return { ok: false, problem: 'hasQueryOrHash' };
  return { ok: true, serviceUrl: url.origin + url.pathname.replace(/\/+$/, ''), origin: url.origin };
}
