import type { Outcome } from '../domain/change-request';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { t } from '../words/words';

/** What came of it: asked for, not asked for, or the record has changed once more and the person decides again about `found`. */
export type Overwritten =
  | { readonly kind: 'asked' }
  | { readonly kind: 'problem'; readonly words: string }
  | { readonly kind: 'otherNow'; readonly found: Outcome; readonly words: string };

/** Asks for a change again over what was found in its place, and over nothing that the person has not seen. */
export async function overwrite(changeId: string, seen: Outcome): Promise<Overwritten> {
  const answer = await call('change.overwrite', { id: crypto.randomUUID(), changeId, seen: seen.etag });
  if (answer.ok) return { kind: 'asked' };
  if (answer.problem === 'changedSince' && answer.view.record !== null) {
    return { kind: 'otherNow', found: answer.view.record, words: otherNow(answer.view.record) };
  }
  return { kind: 'problem', words: t(`standing.problems.${answer.problem}`) };
}

function otherNow({ partnerOfRecord }: Outcome): string {
  if (partnerOfRecord === null) return t('popup.noneNow');
  return t('popup.otherNow', { partner: `${visibleText(partnerOfRecord.name)} (${partnerOfRecord.partnerId})` });
}
