import { call } from './call';
import type { BatchAnswer } from './protocol';

/** What is asked for about a batch that there is. */
export type FollowUp = 'undo' | 'retry' | 'overwrite' | 'keep';

/** The IDs of what was asked for and never answered: the worker may have it, and asked for again it is the same. */
const unanswered = new Map<string, string>();

/**
 * Asks for what follows from a batch: once, however often that is tried until an answer comes. Of all but `keep` another batch comes,
 * which has that `id`.
 * @throws {CallError} as {@link call} does
 */
export async function askToFollow(
  what: FollowUp,
  batchId: string,
): Promise<{ readonly id: string; readonly answer: BatchAnswer }> {
  const key = `${what} ${batchId}`;
  const id = unanswered.get(key) ?? crypto.randomUUID();
  unanswered.set(key, id);
  const answer = await (what === 'undo' || what === 'retry'
    ? call(`batch.${what}`, { id, batchId })
    : call('batch.answerConflicts', { id, batchId, answer: what }));
  unanswered.delete(key);
  return { id, answer };
}
