import type { Outcome } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import { parsePartnerId, type PartnerOfRecord } from '../domain/partner';
import { type PartnerDraft, type PartnerForm, partnerFormOf } from '../domain/partner-form';
import { type NotPermitted, whyRefused } from '../domain/rights';
import { isOnItsWay, newestRecord, type OpenPhase, type Standing } from '../domain/standing';
import type { StorageProblem } from '../domain/storage-problem';
import type { SubscriptionRecord } from '../domain/subscription';
import type { ChangeAnswer, ConfirmOpenAnswer, MessageInput, SubscriptionView } from '../messaging/protocol';

/** What the worker told of the subscription, and how well it answers. */
export interface Known {
  /** Null until the first answer. */
  readonly view: SubscriptionView | null;
  readonly reading: boolean;
  /** Whether the worker answered what was asked last; its storage's problem when that was in the way. */
  readonly answered: boolean | StorageProblem;
  /** The extension was replaced under this script: nothing can be asked any more. */
  readonly gone: boolean;
  readonly openedAt: number;
}

/** What the person has done in this panel that has not become a change yet. */
export interface Draft extends PartnerDraft {
  /** The etag of the record whose partner is to be removed: the question is about that partner and no other. */
  readonly removing: string | null;
  readonly asked: Asked | null;
  /** The change that was to be sent as the person's own, and is to be confirmed first. */
  readonly sendToConfirm: string | null;
  /** Why the extension's own window did not come. */
  readonly windowProblem: WindowProblem | null;
}

export type WindowProblem = Exclude<ConfirmOpenAnswer, 'opened'>;

type Refusal = Extract<ChangeAnswer, { readonly ok: false }>;

const COMMANDS = ['change.assign', 'change.remove', 'change.overwrite', 'change.undo'] as const;

/** A message that asks for a change. */
export type Command = {
  [N in (typeof COMMANDS)[number]]: { readonly name: N; readonly input: MessageInput<N> };
}[(typeof COMMANDS)[number]];

/** A change on its way to the worker; `problem` null while it is under way. */
export interface Asked {
  readonly command: Command;
  readonly removal: boolean;
  readonly problem: Refusal['problem'] | 'noAnswer' | null;
}

export const EMPTY_DRAFT: Draft = {
  typed: '',
  check: null,
  problem: null,
  removing: null,
  asked: null,
  sendToConfirm: null,
  windowProblem: null,
};

/**
 * Why the way on is the extension's own window. `always`: nothing is changed from a panel; `changes`, `checks`: portals asked for
 * many of these; `unsure`: the panel can't be sure that it is seen.
 */
export type ConfirmReason = 'always' | 'changes' | 'checks' | 'unsure';

/** What the panel shows. */
export type Shown =
  | { readonly state: 'gone' }
  | { readonly state: 'notConfigured' }
  | { readonly state: 'reading' }
  /** The tab was shown many subscriptions: this one waits for a press. */
  | { readonly state: 'withheld' }
  /** Nothing is known of the record. */
  | {
      readonly state: 'unread';
      readonly failure: ReadFailure;
      readonly reading: boolean;
      readonly work: Work | null;
    }
  | {
      readonly state: 'read';
      readonly record: SubscriptionRecord;
      readonly source: string;
      readonly readAt: number;
      readonly stale: Stale | null;
      readonly ending: Ending | null;
      readonly askProblem: Exclude<Asked['problem'], 'confirmInExtension' | null> | null;
      readonly confirm: ConfirmReason | null;
      readonly task: Task;
    };

/** Why a read failed: by the service, by the extension's own storage, or, null, because the extension did not answer. */
export type ReadFailure = Failure | StorageProblem | null;

/** The newest read failed. */
export interface Stale {
  readonly failure: ReadFailure;
  readonly reading: boolean;
}

/** A change that has not ended, or waits for an answer; `asking`: one on its way to the worker. */
export type Work =
  | { readonly kind: 'asking'; readonly removal: boolean }
  | { readonly kind: 'onItsWay'; readonly standing: Standing; readonly at: OpenPhase }
  | { readonly kind: 'conflict'; readonly standing: Standing; readonly found: Outcome };

/** What can be done now. */
export type Task =
  | { readonly kind: 'work'; readonly work: Work }
  | ({ readonly kind: 'notPermitted' } & NotPermitted)
  | { readonly kind: 'confirmRemoval'; readonly partner: PartnerOfRecord }
  | { readonly kind: 'form'; readonly form: Form; readonly mayRemove: boolean }
  /** Nothing can be checked or asked here: until the person has signed in, or but in the extension's own window. */
  | { readonly kind: 'nothing' };

export interface Form extends PartnerForm {
  /** Nothing is saved or removed from here any more, but in the extension's own window. */
  readonly confirms: boolean;
}

/** How the newest change ended, while that is news. */
export type Ending =
  | {
      readonly kind: 'done';
      readonly standing: Standing;
      readonly mayUndo: boolean;
    }
  /** Not made, or nobody can know whether it was made. */
  | {
      readonly kind: 'refused' | 'unknown';
      readonly standing: Standing;
      readonly failure: Failure;
      readonly seen: boolean;
    }
  | { readonly kind: 'stopped' };

/** A change that ended longer ago before the panel opened is no news. */
const NEWS_FOR_MS = 10 * 60 * 1000;

/** What is shown for what is known and what the person has done. */
export function whatIsShown(known: Known, draft: Draft): Shown {
  const { view } = known;
  if (known.gone) return { state: 'gone' };
  if (view === null) {
    return known.answered === true
      ? { state: 'reading' }
      : { state: 'unread', failure: readFailure(known, null), reading: known.reading, work: null };
  }
  if (view.withheld) return { state: 'withheld' };
  if (view.source === null) return { state: 'notConfigured' };
  const record = presentRecord(view);
  if (record === null || view.readAt === null) {
    const work = workOf(view.standing, null);
    if (known.answered === true && view.failure === null) return { state: 'reading' };
    return { state: 'unread', failure: readFailure(known, view), reading: known.reading, work };
  }
  const failed = known.answered !== true || view.failure !== null;
  const stale = failed ? { failure: readFailure(known, view), reading: known.reading } : null;
  const problem = draft.asked?.problem ?? null;
  const task = taskOf(view, record, draft);
  return {
    state: 'read',
    record,
    source: view.source,
    readAt: view.readAt,
    stale,
    ending: draft.asked === null ? endingOf(view.standing, record, known.openedAt) : null,
    askProblem: problem === 'confirmInExtension' ? null : problem,
    confirm: confirmReason(view, draft, task),
    task,
  };
}

/** The strongest reason counts: the window is offered once. */
function confirmReason(view: SubscriptionView, draft: Draft, task: Task): ConfirmReason | null {
  if (view.confirms && task.kind !== 'notPermitted') return 'always';
  if (draft.asked?.problem === 'confirmInExtension') return 'changes';
  const { standing } = view;
  if (standing?.at.phase === 'otherPerson' && standing.changeId === draft.sendToConfirm) return 'changes';
  return task.kind === 'form' && task.form.check?.kind === 'confirmInExtension' ? 'checks' : null;
}

/** Why nothing newer is known. */
function readFailure({ answered }: Known, view: SubscriptionView | null): ReadFailure {
  return typeof answered === 'string' ? answered : (view?.failure ?? null);
}

function taskOf(view: SubscriptionView, record: SubscriptionRecord, draft: Draft): Task {
  if (draft.asked !== null && draft.asked.problem === null) {
    return { kind: 'work', work: { kind: 'asking', removal: draft.asked.removal } };
  }
  const work = workOf(view.standing, record);
  if (work !== null) return { kind: 'work', work };
  const { caller, partnerOfRecord } = record;
  if (!caller.canChangePartner) return { kind: 'notPermitted', ...whyRefused(record) };
  if (view.failure?.reason === 'signInNeeded' || view.confirms) return { kind: 'nothing' };
  if (partnerOfRecord !== null && draft.removing === record.etag) {
    return { kind: 'confirmRemoval', partner: partnerOfRecord };
  }
  const confirms = draft.asked?.problem === 'confirmInExtension';
  const form = { ...partnerFormOf(draft, partnerOfRecord), confirms };
  return { kind: 'form', form, mayRemove: partnerOfRecord !== null && !confirms };
}

function workOf(standing: Standing | null, record: SubscriptionRecord | null): Work | null {
  if (standing === null) return null;
  const { at } = standing;
  if (isOnItsWay(at)) return { kind: 'onItsWay', standing, at };
  if (at.phase !== 'conflict' || at.answer !== null) return null;
  // What stands there by now is what an overwrite would replace.
  return { kind: 'conflict', standing, found: record ?? at.found };
}

function endingOf(standing: Standing | null, record: SubscriptionRecord, openedAt: number): Ending | null {
  if (standing === null) return null;
  const { at } = standing;
  const isNews = (standing.endedAt ?? 0) >= openedAt - NEWS_FOR_MS;
  switch (at.phase) {
    case 'done':
      // The record has moved on since: that this change was made says nothing about what is shown.
      if (!isNews || at.outcome.etag !== record.etag) return null;
      return { kind: 'done', standing, mayUndo: standing.may.includes('undo') && record.caller.canChangePartner };
    case 'refused':
    case 'unknown': {
      const { phase, cause, seen } = at;
      return isNews || !seen ? { kind: phase, standing, failure: cause, seen } : null;
    }
    case 'cancelled':
      return isNews ? { kind: 'stopped' } : null;
    default:
      return null;
  }
}

/** The record, with what a change that ended after the record was read ended on. */
function presentRecord({ record, readAt, standing }: SubscriptionView): SubscriptionRecord | null {
  return record && newestRecord(record, readAt ?? 0, standing);
}

/** The newer parts of two views, whichever arrived last: answers and pushes overtake each other. */
export function newerView(present: SubscriptionView | null, next: SubscriptionView): SubscriptionView {
  // What was shown here stays shown.
  if (next.withheld) return present ?? next;
  if (present === null || present.source !== next.source) return next;
  const { record, readAt, failure } = (next.readAt ?? 0) < (present.readAt ?? 0) ? present : next;
  const standing = isEarlier(next.standing, present.standing) ? present.standing : next.standing;
  return { ...next, record, readAt, failure, standing };
}

function isEarlier(a: Standing | null, b: Standing | null): boolean {
  if (b === null) return false;
  if (a === null) return true;
  return a.changeId === b.changeId ? a.progress < b.progress : a.askedAt < b.askedAt;
}

/** The draft once `view` has come after `before`: what has become a change, or took effect, is no draft any more. */
export function draftAfter(draft: Draft, before: SubscriptionView | null, view: SubscriptionView): Draft {
  const { standing } = view;
  if (standing === null) return draft;
  const { changeId, after } = standing;
  const next = changeId === draft.asked?.command.input.id ? { ...draft, asked: null, removing: null } : draft;
  const justDone = isDone(standing) && !(before?.standing?.changeId === changeId && isDone(before.standing));
  const parsed = parsePartnerId(draft.typed);
  const tookEffect = justDone && parsed.ok && after?.partnerId === parsed.partnerId;
  return tookEffect ? { ...next, typed: '', check: null, problem: null } : next;
}

function isDone({ at }: Standing): boolean {
  return at.phase === 'done';
}
