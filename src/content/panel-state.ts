import { type Change, type ChangeKind, isOpen, outcomeUnknown } from '../domain/change';
import type { Failure } from '../domain/failure';
import {
  type Partner,
  type PartnerId,
  type PartnerIdProblem,
  type PartnerOfRecord,
  parsePartnerId,
} from '../domain/partner';
import { mayChangePartner, whyNotPermitted } from '../domain/rights';
import type { StorageProblem } from '../domain/storage-problem';
import type { SubscriptionRecord } from '../domain/subscription';
import type { ChangeAnswer, CheckAnswer, MessageOutput, SubscriptionView } from '../messaging/protocol';

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
export interface Draft {
  readonly typed: string;
  /** The last check; `outcome` null while it is under way. It counts only for the ID that is typed now. */
  readonly check: { readonly partnerId: PartnerId; readonly outcome: CheckAnswer | null } | null;
  /** What was typed was to be checked and is no Partner ID. */
  readonly problem: PartnerIdProblem | null;
  /** The etag of the record whose partner is to be removed: the question is about that partner and no other. */
  readonly removing: string | null;
  readonly asked: Asked | null;
  /** The last press was not acted on, since something covered the panel. */
  readonly covered: boolean;
}

type Refusal = Extract<ChangeAnswer, { readonly ok: false }>;

/** A change on its way to the worker; `problem` null while it is under way. */
export interface Asked {
  readonly input: MessageOutput<'change.ask'>;
  readonly problem: Refusal['problem'] | 'noAnswer' | null;
}

export const EMPTY_DRAFT: Draft = {
  typed: '',
  check: null,
  problem: null,
  removing: null,
  asked: null,
  covered: false,
};

/** What the panel shows. */
export type Shown =
  | { readonly state: 'gone' }
  | { readonly state: 'notConfigured' }
  | { readonly state: 'reading' }
  /** The tab was shown many subscriptions: this one waits for a press. */
  | { readonly state: 'withheld'; readonly covered: boolean }
  /** Nothing is known of the record. */
  | {
      readonly state: 'unread';
      readonly failure: ReadFailure;
      readonly reading: boolean;
      readonly work: Work | null;
      readonly covered: boolean;
    }
  | {
      readonly state: 'read';
      readonly record: SubscriptionRecord;
      readonly source: string;
      readonly readAt: number;
      readonly stale: Stale | null;
      readonly ending: Ending | null;
      readonly askProblem: Exclude<Asked['problem'], null> | null;
      readonly covered: boolean;
      readonly task: Task;
    };

/** Why a read failed: by the service, by the extension's own storage, or, null, because the extension did not answer. */
export type ReadFailure = Failure | StorageProblem | null;

/** The newest read failed. */
export interface Stale {
  readonly failure: ReadFailure;
  readonly reading: boolean;
}

/** A change that has not ended, or waits for an answer. */
export type Work =
  | { readonly kind: 'saving'; readonly removal: boolean }
  | {
      readonly kind: 'stillTrying';
      readonly changeId: string;
      readonly failure: Failure;
      /** Null while an attempt is under way. */
      readonly nextAt: number | null;
    }
  | { readonly kind: 'signIn'; readonly changeId: string; readonly failure: Failure | null }
  /** Not sent any more; whether it took effect is being read. */
  | { readonly kind: 'settling' }
  | {
      readonly kind: 'outcomeUnknown';
      readonly changeId: string;
      readonly failure: Failure | null;
      readonly nextAt: number;
      readonly signIn: boolean;
    }
  | {
      readonly kind: 'conflict';
      readonly change: Change;
      readonly found: PartnerOfRecord | null;
      readonly foundEtag: string;
      readonly mayOverwrite: boolean;
    };

/** What can be done now. */
export type Task =
  | { readonly kind: 'work'; readonly work: Work }
  | { readonly kind: 'notPermitted'; readonly why: string | null; readonly reason: string | null }
  | { readonly kind: 'confirmRemoval'; readonly partner: PartnerOfRecord }
  | { readonly kind: 'form'; readonly form: Form; readonly mayRemove: boolean }
  /** Nothing can be checked or asked until the person has signed in. */
  | { readonly kind: 'nothing' };

export interface Form {
  readonly typed: string;
  readonly problem: PartnerIdProblem | null;
  readonly unusualLength: boolean;
  readonly check: FormCheck | null;
  /** Nothing is saved or removed from here any more, but in the extension's own window. */
  readonly confirms: boolean;
}

export type FormCheck =
  | { readonly kind: 'checking'; readonly partnerId: PartnerId }
  | { readonly kind: 'unknownPartner'; readonly partnerId: PartnerId }
  | { readonly kind: 'confirmInExtension' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | {
      readonly kind: 'found';
      readonly partner: Partner;
      readonly location: string | null;
      /** Null: it already is the partner of record, so there is nothing to save. */
      readonly saves: Exclude<ChangeKind, 'remove'> | null;
    };

/** How the newest change ended, while that is news. */
export type Ending =
  | {
      readonly kind: 'done';
      readonly change: Change;
      readonly removal: boolean;
      /** What Undo asks for; null when it can't be. */
      readonly undo: { readonly after: Partner | null; readonly basedOn: string } | null;
    }
  | { readonly kind: 'refused'; readonly change: Change; readonly failure: Failure }
  | { readonly kind: 'stopped' };

/** A change that ended longer ago before the panel opened is no news. */
const NEWS_FOR_MS = 10 * 60 * 1000;

/** What is shown for what is known and what the person has done. */
export function whatIsShown(known: Known, draft: Draft): Shown {
  const { view } = known;
  const { covered } = draft;
  if (known.gone) return { state: 'gone' };
  if (view === null) {
    return known.answered === true
      ? { state: 'reading' }
      : { state: 'unread', failure: readFailure(known, null), reading: known.reading, work: null, covered };
  }
  if (view.withheld) return { state: 'withheld', covered };
  if (view.source === null) return { state: 'notConfigured' };
  const record = presentRecord(view);
  if (record === null || view.readAt === null) {
    const work = workOf(view.change, null);
    if (known.answered === true && view.failure === null) return { state: 'reading' };
    return { state: 'unread', failure: readFailure(known, view), reading: known.reading, work, covered };
  }
  const failed = known.answered !== true || view.failure !== null;
  const stale = failed ? { failure: readFailure(known, view), reading: known.reading } : null;
  return {
    state: 'read',
    record,
    source: view.source,
    readAt: view.readAt,
    stale,
    ending: draft.asked === null ? endingOf(view.change, record, known.openedAt) : null,
    askProblem: draft.asked?.problem ?? null,
    covered,
    task: taskOf(view, record, draft),
  };
}

/** Why nothing newer is known. */
function readFailure({ answered }: Known, view: SubscriptionView | null): ReadFailure {
  return typeof answered === 'string' ? answered : (view?.failure ?? null);
}

function taskOf(view: SubscriptionView, record: SubscriptionRecord, draft: Draft): Task {
  if (draft.asked !== null && draft.asked.problem === null) {
    return { kind: 'work', work: { kind: 'saving', removal: draft.asked.input.after === null } };
  }
  const work = workOf(view.change, record);
  if (work !== null) return { kind: 'work', work };
  const { caller, partnerOfRecord } = record;
  if (!caller.canChangePartner) {
    // A backend may refuse a role that could: then only its own sentence explains it.
    const why = mayChangePartner(caller.role, record.service) ? null : whyNotPermitted(caller.role, record.service);
    return { kind: 'notPermitted', why, reason: caller.reason ?? null };
  }
  if (view.failure?.reason === 'signInNeeded') return { kind: 'nothing' };
  if (partnerOfRecord !== null && draft.removing === record.etag) {
    return { kind: 'confirmRemoval', partner: partnerOfRecord };
  }
  const form = formOf(draft, partnerOfRecord);
  return { kind: 'form', form, mayRemove: partnerOfRecord !== null && !form.confirms };
}

function formOf(draft: Draft, current: PartnerOfRecord | null): Form {
  const { typed } = draft;
  const confirms = draft.asked?.problem === 'confirmInExtension';
  const parsed = parsePartnerId(typed);
  if (!parsed.ok) {
    // A GUID is no beginning of a Partner ID: it is named at once, everything else when it is to be checked.
    const problem = parsed.problem === 'usageAttributionId' ? parsed.problem : draft.problem;
    return { typed, problem, unusualLength: false, check: null, confirms };
  }
  const check = draft.check?.partnerId === parsed.partnerId ? checkOf(draft.check, current) : null;
  const unusualLength = parsed.unusualLength && check !== null && check.kind !== 'found';
  return { typed, problem: null, unusualLength, check, confirms };
}

function checkOf({ partnerId, outcome }: Exclude<Draft['check'], null>, current: PartnerOfRecord | null): FormCheck {
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
      const same = current?.partnerId === partnerId;
      const saves = same ? null : current === null ? 'assign' : 'change';
      return { kind: 'found', partner: { ...outcome.partner, partnerId }, location: outcome.location ?? null, saves };
    }
  }
}

function workOf(change: Change | null, record: SubscriptionRecord | null): Work | null {
  if (change === null) return null;
  const { life } = change;
  const changeId = change.id;
  switch (life.state) {
    case 'sending':
      if (life.settle !== null) return { kind: 'settling' };
      return life.lastFailure === null
        ? { kind: 'saving', removal: change.kind === 'remove' }
        : { kind: 'stillTrying', changeId, failure: life.lastFailure, nextAt: null };
    case 'waiting':
      if (outcomeUnknown(change)) {
        const signIn = life.for === 'signIn';
        return { kind: 'outcomeUnknown', changeId, failure: life.lastFailure, nextAt: life.nextAt, signIn };
      }
      if (life.for === 'signIn') return { kind: 'signIn', changeId, failure: life.lastFailure };
      if (life.settle !== null) return { kind: 'settling' };
      return life.lastFailure === null
        ? { kind: 'saving', removal: change.kind === 'remove' }
        : { kind: 'stillTrying', changeId, failure: life.lastFailure, nextAt: life.nextAt };
    case 'conflict': {
      if (life.answer !== null) return null;
      const mayOverwrite = record?.caller.canChangePartner === true;
      return { kind: 'conflict', change, found: life.found.partnerOfRecord, foundEtag: life.found.etag, mayOverwrite };
    }
    default:
      return null;
  }
}

function endingOf(change: Change | null, record: SubscriptionRecord, openedAt: number): Ending | null {
  if (change === null || isOpen(change)) return null;
  const { life } = change;
  const isNews = 'endedAt' in life && life.endedAt >= openedAt - NEWS_FOR_MS;
  switch (life.state) {
    case 'done': {
      // The record has moved on since: that this change was made says nothing about what is shown.
      if (!isNews || life.outcome.etag !== record.etag) return null;
      const undo = record.caller.canChangePartner ? { after: change.before, basedOn: life.outcome.etag } : null;
      return { kind: 'done', change, removal: change.kind === 'remove', undo };
    }
    case 'refused':
      return isNews || !life.seen ? { kind: 'refused', change, failure: life.failure } : null;
    case 'cancelled':
      return isNews ? { kind: 'stopped' } : null;
    default:
      return null;
  }
}

/** The record, with the outcome of a change that ended after the record was read. */
function presentRecord({ record, readAt, change }: SubscriptionView): SubscriptionRecord | null {
  if (record === null || change?.life.state !== 'done' || change.life.endedAt <= (readAt ?? 0)) return record;
  return { ...record, ...change.life.outcome };
}

/** The newer parts of two views, whichever arrived last: answers and pushes overtake each other. */
export function newerView(present: SubscriptionView | null, next: SubscriptionView): SubscriptionView {
  // What was shown here stays shown.
  if (next.withheld) return present ?? next;
  if (present === null || present.source !== next.source) return next;
  const { record, readAt, failure } = (next.readAt ?? 0) < (present.readAt ?? 0) ? present : next;
  const change = isEarlier(next.change, present.change) ? present.change : next.change;
  return { ...next, record, readAt, failure, change };
}

function isEarlier(a: Change | null, b: Change | null): boolean {
  if (b === null) return false;
  if (a === null) return true;
  return a.id === b.id ? progress(a) < progress(b) : a.askedAt < b.askedAt;
}

/** A number that grows along a change's life. */
function progress({ life }: Change): number {
  switch (life.state) {
    case 'sending':
      return 2 * life.attempts;
    case 'waiting':
      return 2 * life.attempts + 1;
    case 'conflict':
      return life.answer === null ? Number.MAX_VALUE : Number.POSITIVE_INFINITY;
    case 'refused':
      return life.seen ? Number.POSITIVE_INFINITY : Number.MAX_VALUE;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** The draft once `view` has come after `before`: what has become a change, or took effect, is no draft any more. */
export function draftAfter(draft: Draft, before: SubscriptionView | null, view: SubscriptionView): Draft {
  const { change } = view;
  if (change === null) return draft;
  const next = change.id === draft.asked?.input.id ? { ...draft, asked: null, removing: null } : draft;
  const justDone = isDone(change) && !(before?.change?.id === change.id && isDone(before.change));
  const parsed = parsePartnerId(draft.typed);
  const tookEffect = justDone && parsed.ok && change.after?.partnerId === parsed.partnerId;
  return tookEffect ? { ...next, typed: '', check: null, problem: null } : next;
}

function isDone(change: Change): boolean {
  return change.life.state === 'done';
}
