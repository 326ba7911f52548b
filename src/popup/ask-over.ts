import type { Outcome } from '../domain/change-request';
import { newestRecord } from '../domain/standing';
import { call } from '../messaging/call';
import type { ChangeAnswer } from '../messaging/protocol';

/** What came of it: asked for, not asked for and why, or the record is another by now and the person decides again about `found`. */
export type AskedOver =
  | { readonly kind: 'asked' }
  | {
      readonly kind: 'problem';
      readonly problem: Extract<ChangeAnswer, { readonly ok: false }>['problem'];
    }
  | { readonly kind: 'otherNow'; readonly found: Outcome };

/**
 * Asks for a change over the present record, and over nothing that the person has not been told of: an overwrite of what was
 * found in a conflict's place, or the undoing of a change that is done.
 * @param seen what the person takes the record to hold
 */
export async function askOver(act: 'overwrite' | 'undo', changeId: string, seen: Outcome): Promise<AskedOver> {
  const answer = await call(`change.${act}`, { id: crypto.randomUUID(), changeId, seen: seen.etag });
  if (answer.ok) return { kind: 'asked' };
  if (answer.problem !== 'changedSince' || answer.view.record === null)
    return { kind: 'problem', problem: answer.problem };
  const { record, readAt, standing } = answer.view;
  return { kind: 'otherNow', found: newestRecord(record, readAt ?? 0, standing) };
}
