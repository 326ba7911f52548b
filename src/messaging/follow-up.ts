import type { FollowUp } from '../domain/batch';
import { call } from './call';
import type { BatchAnswer } from './protocol';

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

/** What a page asks about one batch. */
export const asksAbout = (batchId: string) => ({
  follow: (what: FollowUp) => askToFollow(what, batchId),
  stop: () => call('batch.stop', { batchId }),
  sendAsMe: (me: string | null) => call('batch.sendAsMe', { batchId, me }),
});
