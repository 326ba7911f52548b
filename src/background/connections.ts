import type { Backend } from '../backends/backend';
import { createService, type ServiceParts } from '../backends/service';
import type { Connection } from '../domain/settings';
import { browser } from '../platform/browser';
import { matchPatternOf } from '../portals';
import type { Secrets } from '../storage/secrets';
import { readSettings } from '../storage/settings';
import type { SignIn } from './sign-in';

/** The backend of a connection. `token`: where its access token comes from. */
export function backendOf(connection: Connection, token: ServiceParts['token']): Backend {
  return createService({
    connection,
    token,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    mayReach: () => browser.permissions.contains({ origins: [matchPatternOf(connection.serviceUrl)] }),
  });
}

export interface CurrentConnection {
  readonly connection: Connection;
  readonly backend: Backend;
}

/** Where the access token of a connection comes from. */
export function tokenOf(connection: Connection, secrets: Secrets, signIn: SignIn): ServiceParts['token'] {
  return connection.signIn === 'openIdConnect'
    ? async (refused) => (await signIn.token(connection, refused))?.token ?? null
    : () => secrets.readToken(connection.id);
}

/** The configured connection and its backend; null when there is none. */
export async function currentConnection(secrets: Secrets, signIn: SignIn): Promise<CurrentConnection | null> {
  const { connection } = await readSettings();
  if (connection === null) return null;
  return { connection, backend: backendOf(connection, tokenOf(connection, secrets, signIn)) };
}
