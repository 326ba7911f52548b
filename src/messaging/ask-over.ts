import { type Holding, markOf } from '../domain/partner-state';
import { call } from './call';
import type { ChangeAnswer } from './protocol';

/** What came of it: asked for, not asked for and why, or the record is another by now and the person decides again about `found`. */
export type AskedOver =
  | { readonly kind: 'asked' }
  | {
      readonly kind: 'problem';
      readonly problem: Extract<ChangeAnswer, { readonly ok: false }>['problem'];
    }
  | { readonly kind: 'otherNow'; readonly found: Holding };

/**
 * Asks for a change over the present record, and over nothing that the person has not been told of: an overwrite of what was
 * found in a conflict's place, the undoing of a change that is done, or the restoring of what one made elsewhere has replaced.
 * @param seen what the person takes the record to hold
 */
export async function askOver(
  act: 'overwrite' | 'undo' | 'restore',
  changeId: string,
  seen: Holding,
): Promise<AskedOver> {
  const answer = await call(`change.${act}`, { id: crypto.randomUUID(), changeId, seen: markOf(seen) });
  if (answer.ok) return { kind: 'asked' };
  return answer.problem === 'changedSince'
    ? { kind: 'otherNow', found: answer.found }
    : { kind: 'problem', problem: answer.problem };
}
