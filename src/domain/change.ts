import { afterFailure, effectPossible, type Failure } from './failure';
import type { Partner, PartnerId, PartnerOfRecord } from './partner';
import type { SubscriptionId, SubscriptionRecord } from './subscription';

export const CHANGE_KINDS = ['assign', 'change', 'remove'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export const ASKED_FROM = ['panel', 'popup', 'subscriptions'] as const;
export type AskedFrom = (typeof ASKED_FROM)[number];

/** What a change is made to: a subscription's Partner of Record, or the link of one person's sign-in in one tenant. */
export type Target =
  | { readonly kind: 'subscription'; readonly id: SubscriptionId }
  | { readonly kind: 'signIn'; readonly tenant: string; readonly user: string };

/** What was asked. Never altered once written. All times are milliseconds since the epoch. */
export interface ChangeRequest {
  /** A UUID made by the page that asked; the `Idempotency-Key` of every attempt. */
  readonly id: string;
  readonly connectionId: string;
  readonly target: Target;
  /** The subscription's name when it was asked. */
  readonly targetName: string;
  /** The address of the page it was asked on, to lead back there; null for the extension's own pages. */
  readonly page: string | null;
  readonly kind: ChangeKind;
  readonly before: Partner | null;
  readonly after: Partner | null;
  /** The etag of the record the person saw, quotes included. */
  readonly basedOn: string;
  readonly askedFrom: AskedFrom;
  readonly askedAt: number;
}

interface Trying {
  /** How many requests have left. */
  readonly attempts: number;
  /** When the first request left, of those since the last sign-in. */
  readonly tryingSince: number | null;
  /** An attempt's answer was lost, so the change may have taken effect. */
  readonly effectPossible: boolean;
  readonly lastFailure: Failure | null;
  /** Set: the change is not sent again; the present state is read, and unless it shows the change, it ends so. */
  readonly settle: Settlement | null;
}

export type Settlement = { readonly as: 'cancelled' } | { readonly as: 'refused'; readonly failure: Failure };

export interface Waiting extends Trying {
  readonly state: 'waiting';
  /** `signIn`: nothing happens until the person has signed in. */
  readonly for: 'turn' | 'signIn';
  /** Not before this time. */
  readonly nextAt: number;
  /** How many reads that should have told the outcome have failed; above 0 the outcome is unknown. */
  readonly failedReads: number;
}

export interface Sending extends Trying {
  readonly state: 'sending';
  readonly sentAt: number;
}

interface Ended {
  readonly attempts: number;
  readonly endedAt: number;
}

/** The record a change ended on: what the panel shows and what Undo is based on. */
export interface Outcome {
  readonly partnerOfRecord: PartnerOfRecord | null;
  readonly etag: string;
}

export type ConflictAnswer = { readonly kind: 'resolvedBy'; readonly changeId: string } | { readonly kind: 'kept' };

export type ChangeLife =
  | Waiting
  | Sending
  | (Ended & { readonly state: 'done'; readonly outcome: Outcome })
  | (Ended & { readonly state: 'refused'; readonly failure: Failure; readonly seen: boolean })
  | (Ended & { readonly state: 'conflict'; readonly found: Outcome; readonly answer: ConflictAnswer | null })
  | (Ended & { readonly state: 'cancelled' });

export const CHANGE_STATES = ['waiting', 'sending', 'done', 'refused', 'conflict', 'cancelled'] as const;

/** One asked-for assign, change or removal and its life: the journal's entry and the history's row at once. */
export interface Change extends ChangeRequest {
  readonly life: ChangeLife;
}

/** `at`: milliseconds since the epoch. `chance`: a number drawn from [0, 1) by the caller, for jitter. */
export type ChangeEvent =
  | { readonly type: 'sent'; readonly at: number }
  | { readonly type: 'applied'; readonly at: number; readonly record: SubscriptionRecord }
  | { readonly type: 'preconditionFailed'; readonly at: number; readonly record: SubscriptionRecord }
  | {
      readonly type: 'failed';
      readonly at: number;
      readonly failure: Failure;
      readonly retryAfterMs: number | null;
      readonly chance: number;
    }
  | { readonly type: 'interrupted'; readonly at: number }
  | { readonly type: 'stateRead'; readonly at: number; readonly record: SubscriptionRecord }
  | {
      readonly type: 'readFailed';
      readonly at: number;
      readonly failure: Failure;
      readonly retryAfterMs: number | null;
      readonly chance: number;
    }
  | { readonly type: 'stopAsked'; readonly at: number }
  | { readonly type: 'tryNow'; readonly at: number }
  | { readonly type: 'signedIn'; readonly at: number }
  | { readonly type: 'abandoned'; readonly at: number }
  | { readonly type: 'kept' }
  | { readonly type: 'overwritten'; readonly by: string }
  | { readonly type: 'seen' };

/** What the runner does next with a change. `until` null: nothing until the person acts. */
export type NextStep =
  | { readonly do: 'send' }
  | { readonly do: 'read' }
  | { readonly do: 'wait'; readonly until: number | null }
  | { readonly do: 'nothing' };

export const TRY_FOR_MS = 24 * 60 * 60 * 1000;
export const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;
const READ_AGAIN_AFTER_MS = 60 * 60 * 1000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15 * 60 * 1000;

/** A change as it is first written: before its request leaves. */
export function newChange(request: ChangeRequest): Change {
  const life: Waiting = {
    state: 'waiting',
    for: 'turn',
    nextAt: request.askedAt,
    attempts: 0,
    tryingSince: null,
    effectPossible: false,
    lastFailure: null,
    settle: null,
    failedReads: 0,
  };
  return { ...request, life };
}

/** Assign, change or remove, by the partner before and after. Null: nothing would change. */
export function changeKind(before: PartnerId | null, after: PartnerId | null): ChangeKind | null {
  if (before === after) return null;
  if (after === null) return 'remove';
  return before === null ? 'assign' : 'change';
}

/** Whether two requests ask for the same thing; the same id with another content is refused, never guessed at. */
export function asksTheSame(a: ChangeRequest, b: ChangeRequest): boolean {
  return (
    a.id === b.id &&
    a.connectionId === b.connectionId &&
    targetKey(a.target) === targetKey(b.target) &&
    a.kind === b.kind &&
    a.after?.partnerId === b.after?.partnerId &&
    a.basedOn === b.basedOn
  );
}

/** One text per target: one change at a time is open for it. */
export function targetKey(target: Target): string {
  return target.kind === 'subscription'
    ? JSON.stringify(['subscription', target.id])
    : JSON.stringify(['signIn', target.tenant, target.user]);
}

/** Whether the change has not ended yet. */
export function isOpen(change: Change): boolean {
  return change.life.state === 'waiting' || change.life.state === 'sending';
}

/** Whether the badge counts it: a conflict unanswered, a refusal not yet seen, or something in the way of an open change. */
export function needsAttention(change: Change): boolean {
  switch (change.life.state) {
    case 'conflict':
      return change.life.answer === null;
    case 'refused':
      return !change.life.seen;
    case 'waiting':
      return change.life.lastFailure !== null;
    default:
      return false;
  }
}

/** Whether reads meant to tell the outcome have failed, so that nobody knows yet whether the change took effect. */
export function outcomeUnknown(change: Change): boolean {
  return change.life.state === 'waiting' && change.life.settle !== null && change.life.failedReads > 0;
}

/** Whether the record shows what the change wanted. */
export function showsChange(change: ChangeRequest, record: SubscriptionRecord): boolean {
  return (record.partnerOfRecord?.partnerId ?? null) === (change.after?.partnerId ?? null);
}

/** What to do with the change at `now`. */
export function nextStep(change: Change, now: number): NextStep {
  const { life } = change;
  if (life.state !== 'waiting') return { do: 'nothing' };
  if (life.for === 'signIn') return { do: 'wait', until: null };
  if (now < life.nextAt) return { do: 'wait', until: life.nextAt };
  return { do: settlement(life, now) === null ? 'send' : 'read' };
}

/** A change after an event. An event that has no meaning in the present state leaves the change as it is. */
export function afterEvent(change: Change, event: ChangeEvent): Change {
  const life = nextLife(change, event);
  return life === change.life ? change : { ...change, life };
}

function nextLife(change: Change, event: ChangeEvent): ChangeLife {
  const { life } = change;
  switch (life.state) {
    case 'waiting':
      return fromWaiting(change, life, event);
    case 'sending':
      return fromSending(change, life, event);
    case 'refused':
      return event.type === 'seen' && !life.seen ? { ...life, seen: true } : life;
    case 'conflict':
      if (life.answer !== null) return life;
      if (event.type === 'kept') return { ...life, answer: { kind: 'kept' } };
      if (event.type === 'overwritten') return { ...life, answer: { kind: 'resolvedBy', changeId: event.by } };
      return life;
    case 'done':
    case 'cancelled':
      return life;
  }
}

function fromWaiting(change: Change, life: Waiting, event: ChangeEvent): ChangeLife {
  switch (event.type) {
    case 'sent':
      if (settlement(life, event.at) !== null) return life;
      return {
        ...trying(life),
        state: 'sending',
        sentAt: event.at,
        attempts: life.attempts + 1,
        tryingSince: life.tryingSince ?? event.at,
      };
    case 'stateRead': {
      const settle = settlement(life, event.at);
      if (settle === null) return life;
      return showsChange(change, event.record) ? done(life, event) : settled(life, settle, event.at);
    }
    case 'readFailed': {
      const settle = settlement(life, event.at);
      if (settle === null) return life;
      const failedReads = life.failedReads + 1;
      const gaveUp = settle.as === 'refused' && settle.failure.reason === 'gaveUp';
      const pause = gaveUp ? READ_AGAIN_AFTER_MS : pauseAfter(failedReads, event.chance);
      return {
        ...life,
        settle,
        failedReads,
        for: event.failure.reason === 'signInNeeded' ? 'signIn' : 'turn',
        nextAt: event.at + Math.max(pause, retryAfter(event)),
        lastFailure: event.failure,
      };
    }
    case 'stopAsked':
      if (life.attempts === 0) return { state: 'cancelled', attempts: 0, endedAt: event.at };
      return { ...life, for: 'turn', nextAt: event.at, settle: life.settle ?? { as: 'cancelled' } };
    case 'tryNow':
      return life.for === 'signIn' ? resumed(life, event.at) : { ...life, nextAt: event.at };
    case 'signedIn':
      return life.for === 'signIn' ? resumed(life, event.at) : life;
    case 'abandoned':
      return abandoned(life, event.at);
    default:
      return life;
  }
}

function fromSending(change: Change, life: Sending, event: ChangeEvent): ChangeLife {
  switch (event.type) {
    case 'applied':
      return done(life, event);
    case 'preconditionFailed':
      // The answer to an earlier attempt was lost and its key has expired: the change meets its own effect.
      if (showsChange(change, event.record)) return done(life, event);
      if (life.settle !== null) return settled(life, life.settle, event.at);
      return { state: 'conflict', found: outcomeOf(event.record), answer: null, ...ended(life, event.at) };
    case 'failed':
      return afterFailedAttempt(life, event);
    case 'interrupted':
      return waitAgain(life, { reason: 'interrupted' }, event.at);
    case 'stopAsked':
      return life.settle === null ? { ...life, settle: { as: 'cancelled' } } : life;
    case 'abandoned':
      return abandoned(life, event.at);
    default:
      return life;
  }
}

function afterFailedAttempt(life: Sending, event: Extract<ChangeEvent, { type: 'failed' }>): ChangeLife {
  const { failure, at } = event;
  const next = afterFailure(failure);
  if (next === 'end') {
    if (!life.effectPossible) return { state: 'refused', failure, seen: false, ...ended(life, at) };
    // An earlier attempt may have taken effect: only the present state says how this ended.
    return { ...waitAgain(life, failure, at), settle: life.settle ?? { as: 'refused', failure } };
  }
  if (next === 'signIn') return { ...waitAgain(life, failure, at), for: 'signIn' };
  const pause = Math.max(pauseAfter(life.attempts, event.chance), retryAfter(event));
  return waitAgain(life, failure, life.settle === null ? at + pause : at);
}

function waitAgain(life: Sending, failure: Failure, nextAt: number): Waiting {
  return {
    ...trying(life),
    state: 'waiting',
    for: 'turn',
    nextAt,
    lastFailure: failure,
    effectPossible: life.effectPossible || effectPossible(failure),
    failedReads: 0,
  };
}

/** How the change ends unless the state shows it; null while it may still be sent. */
function settlement(life: Waiting, now: number): Settlement | null {
  if (life.settle !== null) return life.settle;
  if (life.tryingSince === null || now - life.tryingSince < TRY_FOR_MS) return null;
  return { as: 'refused', failure: { ...life.lastFailure, reason: 'gaveUp' } };
}

function settled(life: Trying, settle: Settlement, at: number): ChangeLife {
  return settle.as === 'cancelled'
    ? { state: 'cancelled', ...ended(life, at) }
    : { state: 'refused', failure: settle.failure, seen: false, ...ended(life, at) };
}

function done(life: Trying, event: { at: number; record: SubscriptionRecord }): ChangeLife {
  return { state: 'done', outcome: outcomeOf(event.record), ...ended(life, event.at) };
}

function abandoned(life: Trying, at: number): ChangeLife {
  if (life.attempts === 0) return { state: 'cancelled', ...ended(life, at) };
  return { state: 'refused', failure: { reason: 'connectionChanged' }, seen: false, ...ended(life, at) };
}

/** Time spent signed out is not time spent trying. */
function resumed(life: Waiting, nextAt: number): Waiting {
  return { ...life, for: 'turn', nextAt, tryingSince: null };
}

function trying({ attempts, tryingSince, effectPossible, lastFailure, settle }: Trying): Trying {
  return { attempts, tryingSince, effectPossible, lastFailure, settle };
}

function ended(life: Trying, endedAt: number): Ended {
  return { attempts: life.attempts, endedAt };
}

function outcomeOf(record: SubscriptionRecord): Outcome {
  return { partnerOfRecord: record.partnerOfRecord, etag: record.etag };
}

/** Exponential, from one second to 15 minutes; the jitter takes up to half of it away. */
function pauseAfter(failures: number, chance: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return pause * (1 - chance / 2);
}

function retryAfter(event: { retryAfterMs: number | null }): number {
  return Math.min(event.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
}
