import type { ForeignChange } from '../domain/history';
import { madeByLog } from '../domain/watch';
import type { History } from '../storage/history';
import type { CurrentConnection } from './connections';

/**
 * Reads the backend's log for who made a change elsewhere, and keeps the name in its row. Answers whether it is known now.
 * @throws {BackendError} as the backend's log does
 */
export async function learnMaker(
  { backend }: CurrentConnection,
  foreign: ForeignChange,
  history: Pick<History, 'noteMaker'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (backend.changes === undefined) return false;
  const { changes } = await backend.changes(foreign.target, signal);
  const by = madeByLog(foreign, changes);
  if (by === null) return false;
  await history.noteMaker(foreign.id, by);
  return true;
}
