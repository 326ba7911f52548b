import type { Backend } from '../backends/backend';
import { createService, type ServiceParts } from '../backends/service';
import type { Connection } from '../domain/connection';
import { defaultConnectionOf } from '../domain/settings';
import { browser } from '../platform/browser';
import { matchPatternOf } from '../portals';
import type { Secrets } from '../storage/secrets';
import { readSettings } from '../storage/settings';
import type { Owners } from './persons';
import type { SignIn } from './sign-in';

/** Where the credentials of connections come from. */
export interface CredentialParts {
  readonly secrets: Secrets;
  readonly signIn: SignIn;
  readonly owners: Owners;
}

/** The backend of a connection. `credential`: where its access token and that token's person come from. */
export function backendOf(connection: Connection, credential: ServiceParts['credential'], owners: Owners): Backend {
  return createService({
    connection,
    credential,
    owner: (token, ask) => owners.of(connection, token, ask),
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    mayReach: () => browser.permissions.contains({ origins: [matchPatternOf(connection.address)] }),
  });
}

export interface CurrentConnection {
  readonly connection: Connection;
  readonly backend: Backend;
}

/** Where the access token of a connection comes from, and whose it is. */
export function credentialOf(connection: Connection, { secrets, signIn }: CredentialParts): ServiceParts['credential'] {
  return connection.signIn === 'openIdConnect'
    ? (refused) => signIn.token(connection, refused)
    : () => secrets.readCredential(connection);
}

/** The configured connection and its backend; null when there is none. */
export async function currentConnection(parts: CredentialParts): Promise<CurrentConnection | null> {
  const connection = defaultConnectionOf(await readSettings());
  if (connection === null) return null;
  return { connection, backend: backendOf(connection, credentialOf(connection, parts), parts.owners) };
}
