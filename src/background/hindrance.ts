import { type Connection, isOfLinks } from '../domain/connection';
import { defaultConnectionOf } from '../domain/settings';
import { browser } from '../platform/browser';
import { matchPatternOf, matchPatterns } from '../portals';
import type { Secrets } from '../storage/secrets';
import { areConnectionsUnread, type SettingsRead } from '../storage/settings';

/**
 * What is in the way of all work, whatever the page: no connection, settings that cannot be read, no permission to reach it, nobody
 * signed in there, or portals that the browser keeps the extension away from.
 */
export type Hindrance = 'notConfigured' | 'settingsUnread' | 'permissionMissing' | 'notSignedIn' | 'portalsWithheld';

/** What says whether anybody is signed in. */
export type SignedInSecrets = Pick<Secrets, 'tokenKept' | 'readTokens' | 'readAccounts'>;

/** Null when nothing is known to be in the way. Asks no service: a sign-in that it will refuse counts as one. */
export async function hindranceOf(
  read: Pick<SettingsRead, 'settings' | 'trouble'>,
  secrets: SignedInSecrets,
): Promise<Hindrance | null> {
  const { settings } = read;
  const connection = defaultConnectionOf(settings) ?? settings.connections.find(isOfLinks) ?? null;
  if (connection === null) return areConnectionsUnread(read) ? 'settingsUnread' : 'notConfigured';
  if (!(await mayReach([matchPatternOf(connection.address)]))) return 'permissionMissing';
  if (!(await isSignedIn(connection, secrets))) return 'notSignedIn';
  return (await mayReach(matchPatterns(settings.portals))) ? null : 'portalsWithheld';
}

function mayReach(origins: string[]): Promise<boolean> {
  return browser.permissions.contains({ origins });
}

async function isSignedIn(connection: Connection, secrets: SignedInSecrets): Promise<boolean> {
  switch (connection.signIn) {
    case 'none':
      return true;
    case 'accessToken':
      return (await secrets.tokenKept(connection.id)) !== 'not';
    case 'openIdConnect':
      return (await secrets.readTokens(connection)) !== null;
    case 'entra':
      return (await secrets.readAccounts(connection)).length > 0;
  }
}
