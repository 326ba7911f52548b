import type { Connection } from '../domain/settings';
import type { Backend } from './backend';

/** The version of the contract spoken here. */
export const CONTRACT_VERSION = 1;

export interface ServiceParts {
  readonly connection: Connection;
  /** The access token to sign in with; null when there is none. Not asked when the connection needs no sign-in. */
  token(): Promise<string | null>;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whether the browser lets the extension reach the connection's address. */
  mayReach(): Promise<boolean>;
  /** How long one answer may take; 30 seconds unless given. */
  readonly timeoutMs?: number;
}

/** The Partner of Record service behind one connection. */
export function createService(_parts: ServiceParts): Backend {
  throw new Error('In the making');
}
