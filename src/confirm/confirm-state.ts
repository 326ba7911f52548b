import type { ConfirmSubject } from '../domain/confirm-window';
import type { Capabilities } from '../domain/capabilities';
import type { Failure } from '../domain/failure';
import type { PartnerId, PartnerRef } from '../domain/partner';
import { markOf, type PartnerState } from '../domain/partner-state';
import {
  askedOf,
  type PartnerDraft,
  type PartnerForm,
  partnerFormOf,
  type Question,
  wantedBy,
} from '../domain/partner-form';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import { inOneLine } from '../domain/pasted-characters';
import { type NotPermitted, notPermitted } from '../domain/rights';
import { isOnItsWay } from '../domain/phase';
import type { Standing } from '../domain/standing';
import type { WindowProblem } from '../domain/window-answer';
import type { ChangeAnswer, SubscriptionView } from '../messaging/protocol';

/** What the person has done in this window that has not become a change yet. */
export interface Draft extends PartnerDraft {
  readonly question: Question | null;
  /** What is on its way to the worker. */
  readonly asking: 'save' | 'removal' | null;
  readonly askProblem: AskProblem | null;
  /** What became of the last press on Sign in, where nobody is signed in by it. */
  readonly windowProblem: WindowProblem | null;
  /** What people call the account that came back from signing in for a link, where another one was wanted; null where none did. */
  readonly otherAccount: string | null;
  /** The change that was asked for here, or was on its way here: how it ends is told. */
  readonly followed: string | null;
}

export type AskProblem = Extract<ChangeAnswer, { readonly ok: false }>['problem'] | 'noAnswer' | 'otherByNow';

/** What the window shows. */
export interface Shown {
  readonly present: PartnerState | null;
  /** What the backend can do; null where there is none. */
  readonly can: Capabilities | null;
  /** Why the newest read failed. */
  readonly failure: Failure | null;
  readonly asking: Draft['asking'];
  readonly askProblem: AskProblem | null;
  /** A change that has not ended, or waits for an answer. */
  readonly work: Standing | null;
  /** How the change that was followed here ended. */
  readonly ended: Standing | null;
  /** Null when there is nothing to do but wait, read or sign in. */
  readonly task: Task | null;
}

export type Task =
  | { readonly kind: 'form'; readonly form: PartnerForm; readonly canCheck: boolean; readonly mayRemove: boolean }
  | { readonly kind: 'confirmRemoval'; readonly partner: PartnerRef }
  /** `replaces`: the partner whose link it takes the place of; null where there is none. */
  | { readonly kind: 'confirmLink'; readonly partnerId: PartnerId; readonly replaces: PartnerRef | null }
  | ({ readonly kind: 'notPermitted' } & NotPermitted);

/** At first there is only what came from the page: text that nobody has checked. */
export function draftFor({ typed }: ConfirmSubject): Draft {
  const nothingDone = { check: null, problem: null, question: null, asking: null, askProblem: null };
  // A text box has one line: line ends that it does not show would be taken out of it, and two IDs be one.
  return { typed: inOneLine(typed), ...nothingDone, windowProblem: null, otherAccount: null, followed: null };
}

/** What is shown for what is known and what the person has done. */
export function whatIsShown(view: SubscriptionView, draft: Draft): Shown {
  const { standing, failure } = view;
  const present = view.state;
  const work = standing !== null && isOpen(standing) ? standing : null;
  const ended = work === null && standing?.changeId === draft.followed ? standing : null;
  const { asking, askProblem } = draft;
  const free = present !== null && work === null && asking === null && failure?.reason !== 'signInNeeded';
  return {
    present,
    can: view.can,
    failure,
    asking,
    askProblem,
    work,
    ended,
    task: free ? taskOf(present, draft, view.can?.check === true) : null,
  };
}

/** Whether the window would lose something if another one took its place. */
export function isUnderWay({ asking, work, task }: Shown): boolean {
  if (asking !== null || work !== null) return true;
  switch (task?.kind) {
    case 'confirmRemoval':
    case 'confirmLink':
      return true;
    case 'form':
      // Where none is checked, what was typed is all that there is.
      return task.canCheck && task.form.check !== null;
    case 'notPermitted':
    case undefined:
      return false;
  }
}

/** What a press would act on: when it is something else, a press that was meant for the thing before must not count. */
export function matterOf({ present, work, ended, task }: Shown): string {
  const check = task?.kind === 'form' ? task.form.check : null;
  const wanted = task?.kind === 'confirmLink' ? task.partnerId : check?.kind === 'found' && check.partner.partnerId;
  const matter = [task?.kind, check?.kind, wanted];
  return JSON.stringify([
    ...matter,
    present && markOf(present),
    work?.changeId,
    work?.at.phase,
    work?.me,
    ended?.changeId,
  ]);
}

/** The draft once `view` has come after `before`: what took effect is no draft any more. */
export function draftAfter(present: Draft, before: SubscriptionView | null, view: SubscriptionView): Draft {
  const { standing } = view;
  const isSignedIn = before !== null && wantsSignIn(before) && !wantsSignIn(view);
  const draft = isSignedIn ? { ...present, windowProblem: null, otherAccount: null } : present;
  if (standing === null) return draft;
  if (isOpen(standing)) return { ...draft, followed: standing.changeId, question: null };
  const isDone = standing.changeId === draft.followed && standing.at.phase === 'done';
  const parsed = pastedPartnerId(draft.typed);
  const tookEffect = isDone && parsed.ok && standing.after?.partnerId === parsed.partnerId;
  return tookEffect ? { ...draft, typed: '', check: null, problem: null } : draft;
}

function wantsSignIn({ failure, standing }: SubscriptionView): boolean {
  return failure?.reason === 'signInNeeded' || standing?.at.phase === 'signIn';
}

function isOpen({ at }: Standing): boolean {
  return isOnItsWay(at) || (at.phase === 'conflict' && at.answer === null);
}

function taskOf(present: PartnerState, draft: Draft, canCheck: boolean): Task {
  const { partnerOfRecord } = present;
  const refusal = notPermitted(present);
  if (refusal !== null) return { kind: 'notPermitted', ...refusal };
  const asks = askedOf(draft.question, present);
  if (partnerOfRecord !== null && asks === 'remove') {
    return { kind: 'confirmRemoval', partner: partnerOfRecord };
  }
  const form = partnerFormOf(draft, partnerOfRecord, canCheck);
  const linked = asks === 'link' ? wantedBy(form) : null;
  if (linked !== null) return { kind: 'confirmLink', partnerId: linked, replaces: partnerOfRecord };
  return {
    kind: 'form',
    form,
    canCheck,
    mayRemove: partnerOfRecord !== null,
  };
}
