import type { Identity } from '../backends/backend';
import type { Person, TokenPerson } from '../domain/person';
import type { Connection } from '../domain/connection';
import type { Principal, Secrets } from '../storage/secrets';

/** Who is signed in at a connection, as far as is known without asking anybody; null when nobody is. */
export async function presentPerson(connection: Connection, secrets: Secrets): Promise<Person | null> {
  switch (connection.signIn) {
    case 'none':
      return { kind: 'connection', connectionId: connection.id };
    case 'accessToken':
      return (await secrets.readCredential(connection))?.person ?? null;
    case 'openIdConnect':
      return (await secrets.readTokens(connection))?.person ?? null;
    case 'entra':
      // Several may be, and each change there names the account that it is of.
      return null;
  }
}

/** The owners of pasted tokens, as the service says: each is asked for once. */
export interface Owners {
  /** The owner of a connection's token; `ask` asks the service. */
  of(connection: Connection, token: TokenPerson, ask: () => Promise<Identity>): Promise<Person>;
  /** Null when the service has not said, neither this worker nor one before it. */
  known(connectionId: string, token: TokenPerson): Promise<Person | null>;
}

/**
 * @param onKnown hears of each owner before anything else does, and of all that the service said of it: null when that was told
 * before, and the token is back
 */
export function createOwners(
  secrets: Secrets,
  onKnown: (connectionId: string, token: TokenPerson, person: Person, identity: Identity | null) => Promise<void>,
): Owners {
  const known = new Map<string, Principal>();
  const asking = new Map<string, Promise<Principal>>();

  async function learn(connection: Connection, token: TokenPerson, ask: () => Promise<Identity>): Promise<Principal> {
    const key = keyOf(token);
    let person = known.get(key);
    let identity: Identity | null = null;
    if (person === undefined) {
      identity = await ask();
      const { principalId, name } = identity;
      person = { kind: 'principal', issuer: connection.address, principalId, name };
    }
    // Also of one that was told before: the token was away in between, and what was kept beside it with it.
    await secrets.rememberOwner(connection.id, token.fingerprint, person);
    known.set(key, person);
    await onKnown(connection.id, token, person, identity);
    return person;
  }

  return {
    async of(connection, token, ask) {
      const key = keyOf(token);
      const learning = asking.get(key) ?? learn(connection, token, ask).finally(() => asking.delete(key));
      asking.set(key, learning);
      return learning;
    },
    known: async (connectionId, token) =>
      known.get(keyOf(token)) ?? (await secrets.readOwner(connectionId, token.fingerprint)),
  };
}

function keyOf({ issuer, fingerprint }: TokenPerson): string {
  return JSON.stringify([issuer, fingerprint]);
}
