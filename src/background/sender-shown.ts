import { BackendError } from '../backends/backend';
import type { Connection } from '../domain/connection';
import { isSamePerson, nameOfPerson, type Person } from '../domain/person';
import type { CurrentConnection } from './connections';

/**
 * Who is signed in there, where that is whom the person was shown by the name `me`. Null where somebody else has signed in since, and
 * where the service does not say who it is; the person can then press again.
 */
export async function senderShown(
  { connection, backend }: CurrentConnection,
  me: string | null,
  presentPerson: (connection: Connection) => Promise<Person | null>,
): Promise<Person | null> {
  const shown = await presentPerson(connection);
  if (shown === null || nameOfPerson(shown) !== me) return null;
  try {
    const person = await backend.sender();
    return shown.kind === 'token' || isSamePerson(shown, person) ? person : null;
  } catch (cause) {
    if (!(cause instanceof BackendError)) throw cause;
    return null;
  }
}
