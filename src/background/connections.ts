import type { Backend, BackendPorts } from '../backends/backend';
import type { Skew } from '../backends/skew';
import { type Connection, connectionFor, type ServedPage } from '../domain/connection';
import type { Settings } from '../domain/settings';
import { browser } from '../platform/browser';
import { matchPatternOf } from '../portals';
import type { Clock } from '../platform/clock';
import type { Secrets } from '../storage/secrets';
import type { Owners } from './persons';
import type { EntraSignIn } from './entra-sign-in';
import type { SignIn } from './sign-in';

/** How long an answer that somebody waits for may take, all of its attempts together. */
export const ASK_FOR_MS = 60_000;

/** Makes the backend of a connection; null when this version does not know its kind. */
export type CreateBackend = (connection: Connection, ports: BackendPorts) => Backend | null;

/** The backend of a connection, with what it needs from around it. `credential`: where its access token and that token's person come from. */
export type BackendOf = (connection: Connection, credential: BackendPorts['credential']) => Backend | null;

/** What the backend of a connection needs from around it. */
export type PortsOf = (connection: Connection, credential: BackendPorts['credential']) => BackendPorts;

/** To be made in the first turn of the worker. */
export function createPorts(owners: Owners, skew: Skew, clock: Clock): PortsOf {
  const mayReach = createReach(clock);
  return (connection, credential) => ({
    credential,
    owner: (token, ask) => owners.of(connection, token, ask),
    fetch: skew.fetch,
    now: clock.now,
    mayReach: () => mayReach(matchPatternOf(connection.address)),
  });
}

/** A browser that lets the extension reach an address is asked again after so long: of many requests at once none waits for it. */
const REACHABLE_FOR_MS = 1000;

/** To be made in the first turn of the worker: it listens for permissions that are taken away from then on. */
function createReach(clock: Clock): (origin: string) => Promise<boolean> {
  const reachedAt = new Map<string, number>();
  browser.permissions.onRemoved.addListener(() => reachedAt.clear());
  return async (origin) => {
    const at = reachedAt.get(origin);
    if (at !== undefined && clock.elapsed() - at < REACHABLE_FOR_MS) return true;
    const may = await browser.permissions.contains({ origins: [origin] });
    if (may) reachedAt.set(origin, clock.elapsed());
    else reachedAt.delete(origin);
    return may;
  };
}

export interface CurrentConnection {
  readonly connection: Connection;
  readonly backend: Backend;
}

/** Where the credentials of connections come from. */
export interface CredentialParts {
  readonly secrets: Secrets;
  readonly signIn: SignIn;
  readonly entra: Pick<EntraSignIn, 'token'>;
}

/** Where the access token of a connection comes from, and whose it is. */
export function credentialOf(
  connection: Connection,
  { secrets, signIn, entra }: CredentialParts,
): BackendPorts['credential'] {
  switch (connection.signIn) {
    case 'openIdConnect':
      return ({ refused } = {}) => signIn.token(connection, refused);
    case 'entra':
      return (wanted = {}) => entra.token(connection, wanted);
    case 'none':
    case 'accessToken':
      return () => secrets.readCredential(connection);
  }
}

/** The connections that are set up, each with its backend. */
export interface Connections {
  /** The one that serves a page, or the default where there is no page; null when there is none, or none that this version can use. */
  for(page: ServedPage | null): Promise<CurrentConnection | null>;
  /** Null when it is not set up, or this version cannot use it. */
  byId(connectionId: string): Promise<CurrentConnection | null>;
}

export function createConnections(
  settings: () => Promise<Settings>,
  parts: CredentialParts,
  backendOf: BackendOf,
): Connections {
  const withBackend = (connection: Connection | null | undefined): CurrentConnection | null => {
    if (connection === null || connection === undefined) return null;
    const backend = backendOf(connection, credentialOf(connection, parts));
    return backend && { connection, backend };
  };
  return {
    async for(page) {
      const { connections, defaultConnection } = await settings();
      return withBackend(connectionFor(page, connections, defaultConnection));
    },
    async byId(connectionId) {
      const { connections } = await settings();
      return withBackend(connections.find(({ id }) => id === connectionId));
    },
  };
}
