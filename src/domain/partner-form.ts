import type { ChangeKind } from './change-request';
import type { Failure } from './failure';
import type { CheckOutcome } from './history';
import type { PartnerId, PartnerRef } from './partner';
import { markOf, type PartnerState } from './partner-state';
import { type PastedPartnerIdProblem, pastedPartnerId } from './pasted-partner-id';

/** `confirmInExtension`: portals asked for many checks, so this one is made where no page reaches. It is kept nowhere. */
export type CheckAnswer = CheckOutcome | { readonly kind: 'confirmInExtension' };

/** What a person has done with the text box for a Partner ID. */
export interface PartnerDraft {
  readonly typed: string;
  /** The last check; `outcome` is null while it is under way. It counts only for the ID that is typed now. */
  readonly check: { readonly partnerId: PartnerId; readonly outcome: CheckAnswer | null } | null;
  /** What was typed was to be checked and is no Partner ID. */
  readonly problem: PastedPartnerIdProblem | null;
}

/** What is asked before a partner is removed, or a link is made: it is about the state with that mark and no other. */
export interface Question {
  readonly asks: 'remove' | 'link';
  readonly mark: string;
}

/** What is asked of the person while `present` is there; null: nothing. */
export function askedOf(question: Question | null, present: PartnerState): Question['asks'] | null {
  return question?.mark === markOf(present) ? question.asks : null;
}

/** What is shown of it. */
export interface PartnerForm {
  readonly typed: string;
  readonly problem: PastedPartnerIdProblem | null;
  readonly unusualLength: boolean;
  readonly check: FormCheck | null;
}

export type FormCheck =
  | { readonly kind: 'checking'; readonly partnerId: PartnerId }
  | { readonly kind: 'unknownPartner'; readonly partnerId: PartnerId }
  | { readonly kind: 'confirmInExtension' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'found';
      /** Its name null: the backend tells none before it is saved. */
      readonly partner: PartnerRef;
      readonly location: string | null;
      /** Null: it already is the partner of record, so there is nothing to save. */
      readonly saves: Exclude<ChangeKind, 'remove'> | null;
    };

/**
 * @param current the present partner of record, which a save would replace
 * @param canCheck whether the backend tells whose an ID is; else every ID that can be read may be saved
 */
export function partnerFormOf(
  draft: PartnerDraft,
  current: Pick<PartnerRef, 'partnerId'> | null,
  canCheck: boolean,
): PartnerForm {
  const { typed } = draft;
  const parsed = pastedPartnerId(typed);
  if (!parsed.ok) {
    // A GUID is no beginning of a Partner ID: it is named at once, everything else when it is to be checked.
    const problem = parsed.problem === 'usageAttributionId' ? parsed.problem : draft.problem;
    return { typed, problem, unusualLength: false, check: null };
  }
  const { partnerId } = parsed;
  if (!canCheck) {
    const partner = { partnerId, name: null };
    const check = { kind: 'found', partner, location: null, saves: savesOf(partnerId, current) } as const;
    return { typed, problem: null, unusualLength: parsed.unusualLength, check };
  }
  const check = draft.check?.partnerId === partnerId ? checkOf(draft.check, current) : null;
  const unusualLength = parsed.unusualLength && check !== null && check.kind !== 'found';
  return { typed, problem: null, unusualLength, check };
}

/** Whose ID a form would save; null where that is not known, or so already. */
export function wantedBy({ check }: PartnerForm): PartnerId | null {
  return check?.kind === 'found' && check.saves !== null ? check.partner.partnerId : null;
}

function checkOf(
  { partnerId, outcome }: Exclude<PartnerDraft['check'], null>,
  current: Pick<PartnerRef, 'partnerId'> | null,
): FormCheck {
  switch (outcome?.kind) {
    case undefined:
      return { kind: 'checking', partnerId };
    case 'unknownPartner':
      return { kind: 'unknownPartner', partnerId };
    case 'confirmInExtension':
      return { kind: 'confirmInExtension' };
    case 'failed':
      return { kind: 'failed', failure: outcome.failure };
    case 'found': {
      const { partner, location = null } = outcome;
      return { kind: 'found', partner: { ...partner, partnerId }, location, saves: savesOf(partnerId, current) };
    }
  }
}

function savesOf(partnerId: PartnerId, current: Pick<PartnerRef, 'partnerId'> | null): 'assign' | 'change' | null {
  if (current === null) return 'assign';
  return current.partnerId === partnerId ? null : 'change';
}
