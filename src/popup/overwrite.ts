import { type Change, type Outcome, showsChange } from '../domain/change';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import type { ChangeAnswer } from '../messaging/protocol';
import { failureText, PAGES, POPUP } from '../ui/strings';

/** What came of it: asked for, not asked for, or the record has changed once more and the person decides again about `found`. */
export type Overwritten =
  | { readonly kind: 'asked' }
  | { readonly kind: 'problem'; readonly words: string }
  | { readonly kind: 'otherNow'; readonly found: Outcome; readonly words: string };

/**
 * Asks for a change again over what was found in its place. The record is read anew first: only what the person has seen
 * (`seen`) is overwritten, never a third partner that nobody was told of.
 */
export async function overwrite(change: Change, seen: Outcome): Promise<Overwritten> {
  if (change.target.kind !== 'subscription') return { kind: 'problem', words: POPUP.notAsked };
  const subscriptionId = change.target.id;
  const { record, failure } = await call('subscription.read', { subscriptionId, anew: true });
  if (failure !== null) return { kind: 'problem', words: failureText(failure) };
  if (record === null) return { kind: 'problem', words: POPUP.notAsked };
  const { partnerOfRecord, etag } = record;
  if (showsChange(change, record)) {
    await call('change.keep', { changeId: change.id });
    return { kind: 'problem', words: POPUP.alreadySo };
  }
  if (partnerOfRecord?.partnerId !== seen.partnerOfRecord?.partnerId) {
    const words =
      partnerOfRecord === null
        ? POPUP.noneNow
        : POPUP.otherNow(`${visibleText(partnerOfRecord.name)} (${partnerOfRecord.partnerId})`);
    return { kind: 'otherNow', found: { partnerOfRecord, etag }, words };
  }
  const answer = await call('change.ask', {
    id: crypto.randomUUID(),
    subscriptionId,
    after: change.after,
    basedOn: etag,
    overwrites: change.id,
  });
  return answer.ok ? { kind: 'asked' } : { kind: 'problem', words: PROBLEMS[answer.problem] };
}

const PROBLEMS: Record<Extract<ChangeAnswer, { ok: false }>['problem'], string> = {
  notConfigured: PAGES.notConfigured,
  changeOpen: POPUP.changeOpen,
  storageFull: POPUP.storageFull,
  nothingToChange: POPUP.alreadySo,
  idUsedOtherwise: POPUP.notAsked,
  neverRead: POPUP.notAsked,
  confirmInExtension: POPUP.confirmInExtension,
};
