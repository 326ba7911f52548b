import type { Connection } from '../domain/connection';
import type { Person } from '../domain/person';
import { ASK_FOR_MS, type CurrentConnection } from './connections';
import type { Support } from './support';

export interface LearnCallerParts {
  readonly support: Pick<Support, 'of' | 'renew'>;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: (connection: Connection) => Promise<Person | null>;
}

/**
 * Learns whose a pasted token is while it still works: once it has ended, nobody can say whose changes were asked for with it.
 * Learns whom to ask too, before a refusal makes somebody wonder. Answers whether that is another by now.
 */
export async function learnCaller(current: CurrentConnection, { support, person }: LearnCallerParts): Promise<boolean> {
  const { connection, backend } = current;
  const before = await support.of(connection.id);
  if ((await person(connection))?.kind === 'token') await backend.sender();
  else if (backend.whoAmI !== undefined) {
    const { whoAmI } = backend;
    await support.renew(connection.id, () => whoAmI(AbortSignal.timeout(ASK_FOR_MS)));
  }
  return (await support.of(connection.id)) !== before;
}
