import type { Capabilities } from '../domain/capabilities';
import type { Failure } from '../domain/failure';
import type { PartnerId, PartnerRef } from '../domain/partner';
import {
  askedOf,
  type PartnerDraft,
  type PartnerForm,
  partnerFormOf,
  type Question,
  wantedBy,
} from '../domain/partner-form';
import { type Holding, markOf, type PartnerState } from '../domain/partner-state';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import { type NotPermitted, notPermitted } from '../domain/rights';
import { isOnItsWay, needsPerson, type OpenPhase } from '../domain/phase';
import type { Standing } from '../domain/standing';
import type { StorageProblem } from '../domain/storage-problem';
import type { SubscriptionId } from '../domain/subscription';
import type { WindowProblem } from '../domain/window-answer';
import type {
  ChangeAnswer,
  ChangesAnswer,
  LinkFacts,
  MessageInput,
  PageView,
  SubscriptionView,
} from '../messaging/protocol';
import type { Sureness } from './seeing';

/** What the worker knows of it, and how well it answers. */
export interface Known {
  /** Null until the first answer. */
  readonly view: PageView | null;
  /** There is nothing of the kind on this page. */
  readonly absent: boolean;
  readonly reading: boolean;
  /** Whether the worker answered what was asked last; its storage's problem when that was in the way. */
  readonly answered: boolean | StorageProblem;
  /** The extension was replaced under this script: nothing can be asked any more. */
  readonly gone: boolean;
  readonly openedAt: number;
  /** The change that was last on its way while this panel was there: how it ends is news, whatever the clock says. */
  readonly followed: string | null;
}

/** What the person has done in this panel that has not become a change yet. */
export interface Draft extends PartnerDraft {
  readonly question: Question | null;
  readonly asked: Asked | null;
  /** The change that was to be sent as the person's own, and is to be confirmed first. */
  readonly sendToConfirm: string | null;
  /** What became of the window that was asked for last, to confirm or sign in or with the options, where it did not do its part. */
  readonly windowProblem: WindowProblem | null;
  /** What people call the account that came back from signing in for a link, where another one was wanted; null where none did. */
  readonly otherAccount: string | null;
  /** Whether the form is wanted; null: as it is met, at once where there is no partner or something is typed, else on demand. */
  readonly unfolded: boolean | null;
  /** The change whose end was shown, and after which the person has done something else. */
  readonly past: string | null;
  /** The conflict that was answered with Keep while this panel was there. */
  readonly kept: string | null;
  /** The service's log of changes, as far as it is wanted. */
  readonly log: Log | null;
}

/** What was read of the log; null until the first answer. */
export interface Log {
  /** The mark of the state that was shown when it was asked for: with another state there are other changes. */
  readonly of: string | null;
  readonly reading: boolean;
  readonly answer: ChangesAnswer | null;
}

type Refusal = Extract<ChangeAnswer, { readonly ok: false }>;

const COMMANDS = [
  'change.assign',
  'change.remove',
  'change.overwrite',
  'change.undo',
  'link.assign',
  'link.remove',
] as const;

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

const EMPTY_FORM = { typed: '', check: null, problem: null } as const;

export const EMPTY_DRAFT: Draft = {
  ...EMPTY_FORM,
  question: null,
  asked: null,
  sendToConfirm: null,
  windowProblem: null,
  otherAccount: null,
  unfolded: null,
  past: null,
  kept: null,
  log: null,
};

/**
 * Why the way on is the extension's own window. `always`: nothing is changed from a panel; `changes`, `checks`: portals asked for
 * many of these; `unsure`: the panel can't be sure that it is seen.
 */
export type ConfirmReason = 'always' | 'changes' | 'checks' | 'unsure';

/** What the panel shows. */
export type Shown =
  | { readonly state: 'gone' }
  /** There is nothing to show of the kind on this page. */
  | { readonly state: 'absent' }
  /** `unread`: nobody knows whether a service is set up, since the settings cannot be read. */
  | { readonly state: 'notConfigured'; readonly unread: boolean }
  | { readonly state: 'reading' }
  /** The tab was shown many subscriptions: this one waits for a press. */
  | { readonly state: 'withheld' }
  /** Nothing is known of the record. */
  | {
      readonly state: 'unread';
      /** Null while nothing is known at all. */
      readonly subscriptionId: SubscriptionId | null;
      readonly source: string | null;
      /** Whom the service says to ask; null when it says nobody. */
      readonly support: string | null;
      readonly failure: ReadFailure;
      readonly reading: boolean;
      readonly work: Work | null;
      /** Whose link it is about; null: it is about the record. */
      readonly link: LinkFacts | null;
    }
  | {
      readonly state: 'read';
      readonly subscriptionId: SubscriptionId;
      readonly present: PartnerState;
      readonly source: string;
      /** Whom the service says to ask; null when it says nobody. */
      readonly support: string | null;
      readonly readAt: number;
      readonly stale: Stale | null;
      readonly ending: Ending | null;
      readonly askProblem: Exclude<Asked['problem'], 'confirmInExtension' | null> | null;
      readonly confirm: ConfirmReason | null;
      readonly work: Work | null;
      readonly task: Task;
      /** What the backend can do. */
      readonly can: Capabilities | null;
      readonly log: Log | null;
      readonly unfolded: boolean | null;
      /** Whose link it is; null: it is the record. */
      readonly link: LinkFacts | null;
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
  | { readonly kind: 'conflict'; readonly standing: Standing; readonly found: Holding };

/** What can be done present. `busy`: what was asked here is under way, and stays in place until it is known how it goes on. */
export type Task =
  | ({ readonly kind: 'notPermitted' } & NotPermitted)
  | { readonly kind: 'confirmRemoval'; readonly partner: PartnerRef; readonly busy: boolean }
  | {
      readonly kind: 'confirmLink';
      readonly partnerId: PartnerId;
      /** The partner whose link it takes the place of; null where there is none. */
      readonly replaces: PartnerRef | null;
      readonly busy: boolean;
    }
  | { readonly kind: 'form'; readonly form: Form; readonly mayRemove: boolean; readonly busy: boolean }
  /** Nothing can be checked or asked here: until a change has ended or the person has signed in, or but in the extension's own window. */
  | { readonly kind: 'nothing' };

export interface Form extends PartnerForm {
  /** Nothing is saved or removed from here any more, but in the extension's own window. */
  readonly confirms: boolean;
  /** Whether the backend says whose an ID is before it is saved. */
  readonly canCheck: boolean;
}

/** How the newest change ended, while that is news. */
export type Ending =
  | {
      readonly kind: 'done';
      readonly standing: Standing;
      /** Never of a change that itself took one back. */
      readonly mayUndo: boolean;
    }
  /** Not made, or nobody can know whether it was made. */
  | {
      readonly kind: 'failed';
      readonly standing: Standing;
      readonly failure: Failure;
      readonly seen: boolean;
    }
  /** Not made, as the person wished: stopped, or kept what somebody else had set. */
  | { readonly kind: 'ended'; readonly standing: Standing };

/** A change that ended longer ago before the panel opened is no news. */
const NEWS_FOR_MS = 10 * 60 * 1000;

const NOTHING_KNOWN = { subscriptionId: null, source: null, support: null, link: null } as const;

/** What is shown for what is known and what the person has done. */
export function whatIsShown(known: Known, draft: Draft): Shown {
  const { view } = known;
  if (known.gone) return { state: 'gone' };
  if (known.absent) return { state: 'absent' };
  if (view === null) {
    return known.answered === true
      ? { state: 'reading' }
      : { state: 'unread', ...NOTHING_KNOWN, failure: readFailure(known, null), reading: known.reading, work: null };
  }
  if (view.withheld) return { state: 'withheld' };
  if (view.source === null) return { state: 'notConfigured', unread: view.settingsUnread === true };
  const present = view.state;
  if (present === null || view.readAt === null) {
    const work = workOf(view.standing, null);
    if (known.answered === true && view.failure === null) return { state: 'reading' };
    const { subscriptionId, source, support, link = null } = view;
    const failure = readFailure(known, view);
    return { state: 'unread', subscriptionId, source, support, failure, reading: known.reading, work, link };
  }
  const failed = known.answered !== true || view.failure !== null;
  const stale = failed ? { failure: readFailure(known, view), reading: known.reading } : null;
  const problem = draft.asked?.problem ?? null;
  const work = draft.asked?.problem === null ? askingFor(draft.asked) : workOf(view.standing, present);
  const task = taskOf(view, present, draft, work);
  return {
    state: 'read',
    subscriptionId: view.subscriptionId,
    present,
    source: view.source,
    support: view.support,
    readAt: view.readAt,
    stale,
    ending: draft.asked === null ? endingOf(view.standing, present, known, draft) : null,
    askProblem: problem === 'confirmInExtension' ? null : problem,
    confirm: confirmReason(view, draft, task),
    work,
    task,
    can: view.can,
    log: draft.log,
    unfolded: draft.unfolded,
    link: view.link ?? null,
  };
}

/** Why the extension's own window is the way on; what the worker will not take from a panel counts before what was not seen. */
export function confirmReasonOf(shown: Shown, sureness: Sureness): ConfirmReason | null {
  const ofWorker = shown.state === 'read' ? shown.confirm : null;
  if (ofWorker !== null) return ofWorker;
  return sureness === 'unsure' && (shown.state === 'read' || shown.state === 'withheld') ? 'unsure' : null;
}

/** Whose link is shown; null where none is. */
export function linkIn(shown: Shown): LinkFacts | null {
  return shown.state === 'read' || shown.state === 'unread' ? shown.link : null;
}

/** What is under way, or waits for an answer; null where nothing is. */
export function workIn(shown: Shown): Work | null {
  return shown.state === 'read' || shown.state === 'unread' ? shown.work : null;
}

/** Whether what was asked is on its way, and nothing else is to be read before it is known how it goes on. */
export function isUnderWay(shown: Shown): boolean {
  const work = workIn(shown);
  return work?.kind === 'asking' || (work?.kind === 'onItsWay' && goesItsWay(work.at) && !needsPerson(work.at));
}

/** Whether there is nothing below the line but, at most, what is under way or how it ended. */
export function isLineAlone(shown: Shown, sureness: Sureness): boolean {
  if (shown.state === 'reading') return true;
  if (shown.state !== 'read' || confirmReasonOf(shown, sureness) !== null) return false;
  const { stale, ending, askProblem, work, log } = shown;
  const nothingElse = stale === null && ending?.kind !== 'failed' && askProblem === null;
  const needsNobody = work === null || isUnderWay(shown);
  return nothingElse && needsNobody && (log === null || log.answer === null) && !isUnfolded(shown);
}

/**
 * Whether what can be done is there in full, not folded into its line: on demand, and while what was asked by it is under way.
 */
export function isUnfolded({ task, present, unfolded }: Extract<Shown, { state: 'read' }>): boolean {
  switch (task.kind) {
    case 'confirmRemoval':
    case 'confirmLink':
      return true;
    case 'form':
      // What somebody has typed stays before them, though somebody else has set a partner meanwhile.
      return (
        task.busy || task.form.confirms || (unfolded ?? (present.partnerOfRecord === null || task.form.typed !== ''))
      );
    case 'notPermitted':
    case 'nothing':
      return false;
  }
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

function askingFor({ removal }: Asked): Work {
  return { kind: 'asking', removal };
}

function taskOf(view: PageView, present: PartnerState, draft: Draft, work: Work | null): Task {
  const { partnerOfRecord } = present;
  const canCheck = view.can?.check === true;
  const mayAct = view.failure?.reason !== 'signInNeeded' && !view.confirms;
  if (work !== null) return (mayAct ? askedHere(draft, partnerOfRecord, canCheck, work) : null) ?? { kind: 'nothing' };
  const refusal = notPermitted(present);
  if (refusal !== null) return { kind: 'notPermitted', ...refusal };
  if (!mayAct) return { kind: 'nothing' };
  const asks = askedOf(draft.question, present);
  if (partnerOfRecord !== null && asks === 'remove') {
    return { kind: 'confirmRemoval', partner: partnerOfRecord, busy: false };
  }
  const confirms = draft.asked?.problem === 'confirmInExtension';
  const form = { ...partnerFormOf(draft, partnerOfRecord, canCheck), confirms, canCheck };
  const linked = asks === 'link' ? wantedBy(form) : null;
  if (linked !== null) return { kind: 'confirmLink', partnerId: linked, replaces: partnerOfRecord, busy: false };
  return { kind: 'form', form, mayRemove: partnerOfRecord !== null && !confirms, busy: false };
}

/** The form or question that `work` was asked by, if it was this panel's and goes its way: it stays in place, busy. */
function askedHere(draft: Draft, partner: PartnerRef | null, canCheck: boolean, work: Work): Task | null {
  if (work.kind === 'conflict' || (work.kind === 'onItsWay' && !goesItsWay(work.at))) return null;
  const asked = work.kind === 'asking' ? askedBy(draft.asked) : work.standing.kind === 'remove' ? 'remove' : 'assign';
  // What it leads to may be known a moment before its end is: what it was asked over stays shown until then.
  const over = work.kind === 'onItsWay' ? work.standing.before : partner;
  if (asked === 'remove' && over !== null && draft.question?.asks === 'remove') {
    return { kind: 'confirmRemoval', partner: over, busy: true };
  }
  const form = partnerFormOf(draft, over, canCheck);
  if (asked !== 'assign' || form.check?.kind !== 'found') return null;
  const { partnerId } = form.check.partner;
  if (work.kind === 'onItsWay' && work.standing.after?.partnerId !== partnerId) return null;
  if (draft.question?.asks === 'link') return { kind: 'confirmLink', partnerId, replaces: over, busy: true };
  return { kind: 'form', form: { ...form, confirms: false, canCheck }, mayRemove: partner !== null, busy: true };
}

function askedBy(asked: Asked | null): 'assign' | 'remove' | 'again' | null {
  switch (asked?.command.name) {
    case 'change.assign':
    case 'link.assign':
      return 'assign';
    case 'change.remove':
    case 'link.remove':
      return 'remove';
    case 'change.overwrite':
    case 'change.undo':
      return 'again';
    case undefined:
      return null;
  }
}

/** Whether an open change needs nobody: it is on its way, or looked after. */
export function goesItsWay({ phase }: OpenPhase): boolean {
  switch (phase) {
    case 'waiting':
    case 'sending':
    case 'retrying':
    case 'settling':
      return true;
    case 'signIn':
    case 'otherPerson':
    case 'noConnection':
    case 'outcomeUnknown':
      return false;
  }
}

function workOf(standing: Standing | null, present: PartnerState | null): Work | null {
  if (standing === null) return null;
  const { at } = standing;
  if (isOnItsWay(at)) return { kind: 'onItsWay', standing, at };
  if (at.phase !== 'conflict' || at.answer !== null) return null;
  // What stands there by present is what an overwrite would replace.
  return { kind: 'conflict', standing, found: present ?? at.found };
}

function endingOf(
  standing: Standing | null,
  present: PartnerState,
  { openedAt, followed }: Known,
  { past, kept }: Draft,
): Ending | null {
  if (standing === null) return null;
  const { at, changeId } = standing;
  const isNews = changeId === followed || (standing.endedAt ?? 0) >= openedAt - NEWS_FOR_MS;
  switch (at.phase) {
    case 'done': {
      // It has moved on since: that this change was made says nothing about what is shown.
      if (!isNews || past === changeId || markOf(at.outcome) !== markOf(present)) return null;
      const takesBack = standing.undoes !== undefined;
      return {
        kind: 'done',
        standing,
        mayUndo: !takesBack && standing.may.includes('undo') && present.rights.mayChange,
      };
    }
    case 'refused':
    case 'unknown': {
      const { cause, seen } = at;
      return isNews || !seen ? { kind: 'failed', standing, failure: cause, seen } : null;
    }
    case 'cancelled':
      return isNews && past !== changeId ? { kind: 'ended', standing } : null;
    case 'conflict':
      return kept === changeId && past !== changeId ? { kind: 'ended', standing } : null;
    default:
      return null;
  }
}

/** The change that is followed once `view` was taken: one that is on its way, or that this panel asks for. */
export function followedAfter({ followed }: Known, { asked }: Draft, { standing }: SubscriptionView): string | null {
  if (standing === null) return followed;
  const { at, changeId } = standing;
  return isOnItsWay(at) || changeId === asked?.command.input.id ? changeId : followed;
}

/** The draft once `view` has come after `before`: what has become a change, took effect or was given up is no draft any more. */
export function draftAfter(draft: Draft, before: SubscriptionView | null, view: SubscriptionView): Draft {
  const { standing } = view;
  if (standing === null) return draft;
  const { changeId, after } = standing;
  const earlier = before?.standing?.changeId === changeId ? before.standing : null;
  const taken = changeId === draft.asked?.command.input.id;
  const next = taken ? { ...draft, asked: null } : draft;
  // The question about a removal stays while that goes its way.
  const wasOnItsWay = taken || (earlier !== null && isOnItsWay(earlier.at) && goesItsWay(earlier.at));
  const isSettled = wasOnItsWay && !(isOnItsWay(standing.at) && goesItsWay(standing.at));
  const answered = isSettled ? { ...next, question: null } : next;
  if (isKept(standing) && earlier !== null && !isKept(earlier)) {
    return { ...answered, ...EMPTY_FORM, unfolded: null, kept: changeId };
  }
  if (!isDone(standing) || (earlier !== null && isDone(earlier))) return answered;
  const parsed = pastedPartnerId(draft.typed);
  const tookEffect = parsed.ok && after?.partnerId === parsed.partnerId;
  const emptied = tookEffect ? { ...answered, ...EMPTY_FORM } : answered;
  // With something else typed, the person is not done yet.
  return emptied.typed === '' ? { ...emptied, unfolded: null } : emptied;
}

function isDone({ at }: Standing): boolean {
  return at.phase === 'done';
}

function isKept({ at }: Standing): boolean {
  return at.phase === 'conflict' && at.answer === 'kept';
}

/** Whether the backend has refused a change since `before` for want of rights: then those that were read hold no more. */
export function isNowForbidden(before: SubscriptionView | null, { standing }: SubscriptionView): boolean {
  if (before === null || standing === null || !isForbidden(standing)) return false;
  const earlier = before.standing;
  return earlier?.changeId !== standing.changeId || !isForbidden(earlier);
}

function isForbidden({ at }: Standing): boolean {
  return at.phase === 'refused' && at.cause.status === 403;
}
