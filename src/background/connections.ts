import type { Backend } from '../backends/backend';
import { createService } from '../backends/service';
import type { Connection } from '../domain/settings';
import { browser } from '../platform/browser';
import { matchPatternOf } from '../portals';
import type { Secrets } from '../storage/secrets';
import { readSettings } from '../storage/settings';

/** The backend of a connection. `token`: where its access token comes from. */
export function backendOf(connection: Connection, token: () => Promise<string | null>): Backend {
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

/** The configured connection and its backend; null when there is none. */
export async function currentConnection(secrets: Secrets): Promise<CurrentConnection | null> {
  const { connection } = await readSettings();
  if (connection === null) return null;
  return { connection, backend: backendOf(connection, () => secrets.readToken(connection.id)) };
}
