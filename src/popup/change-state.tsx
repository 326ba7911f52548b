import { type Change, outcomeUnknown, type Waiting } from '../domain/change';
import { formatAge } from '../ui/format';
import { PartnerName } from '../ui/partner-name';
import { failureText, POPUP } from '../ui/strings';

/** Where a change stands, in words: what happened, and what happens next. */
export function ChangeState({ change, now }: { readonly change: Change; readonly now: number }) {
  const { life } = change;
  switch (life.state) {
    case 'waiting':
      return <>{waitingText(change, life, now)}</>;
    case 'sending':
      return <>{POPUP.sending}</>;
    case 'done':
      return <>{POPUP.done}</>;
    case 'refused':
      return <>{failureText(life.failure)}</>;
    case 'cancelled':
      return <>{POPUP.cancelled}</>;
    case 'conflict': {
      if (life.answer !== null) return <>{CONFLICT_ANSWERS[life.answer.kind]}</>;
      const { partnerOfRecord } = life.found;
      if (partnerOfRecord === null) return <>{POPUP.conflictRemoved}</>;
      return (
        <>
          {POPUP.conflict} <PartnerName partner={partnerOfRecord} />.
        </>
      );
    }
  }
}

const CONFLICT_ANSWERS = { resolvedBy: POPUP.conflictOverwritten, kept: POPUP.conflictKept } as const;

function waitingText(change: Change, life: Waiting, now: number): string {
  const next = formatAge(Math.max(life.nextAt, now), now);
  const reason = life.lastFailure === null ? '' : `${failureText(life.lastFailure)} `;
  if (life.for === 'signIn') return reason.trim();
  if (outcomeUnknown(change)) return `${reason}${POPUP.outcomeUnknown(next)}`;
  if (life.settle?.as === 'cancelled') return POPUP.stopping;
  return reason === '' ? POPUP.waiting : `${reason}${POPUP.triesAgain(next)}`;
}
