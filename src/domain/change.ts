import { type ChangeRequest, isSameWish, type Outcome, partnerOf, wishOf } from './change-request';
import { afterFailure, effectPossible, type Failure } from './failure';
import { isSamePerson, type Person, type TokenPerson } from './person';
import type { SubscriptionRecord } from './subscription';

interface Trying {
  /** How often it was tried. Where another person was signed in, nothing left all the same. */
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

export const WAITS_FOR = ['turn', 'signIn', 'look', 'person', 'connection'] as const;

export interface Waiting extends Trying {
  readonly state: 'waiting';
  /**
   * What has to come first:
   *
   * - `turn`: nothing but its time
   * - `signIn`: somebody signs in
   * - `look`: another person is signed in and an attempt may have taken effect, so the present state is read first
   * - `person`: another person is signed in; who asked comes back, or the one who is here decides
   * - `connection`: its connection is found again
   */
  readonly for: (typeof WAITS_FOR)[number];
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

export type ConflictAnswer = { readonly kind: 'resolvedBy'; readonly changeId: string } | { readonly kind: 'kept' };

export type ChangeLife =
  | Waiting
  | Sending
  | (Ended & { readonly state: 'done'; readonly outcome: Outcome })
  | (Ended & { readonly state: 'refused'; readonly failure: Failure; readonly seen: boolean })
  | (Ended & { readonly state: 'conflict'; readonly found: Outcome; readonly answer: ConflictAnswer | null })
  | (Ended & { readonly state: 'cancelled' })
  /** An attempt may have taken effect, and nobody can find out any more. */
  | (Ended & { readonly state: 'unknown'; readonly failure: Failure; readonly seen: boolean });

export const CHANGE_STATES = ['waiting', 'sending', 'done', 'refused', 'conflict', 'cancelled', 'unknown'] as const;

/** One asked-for assign, change or removal and its life: the journal's entry and the history's row at once. */
export interface Change extends ChangeRequest {
  /** Another person than who asked chose to send it as their own; null when nobody did. */
  readonly sentAs: Person | null;
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
  /** `person`: who signed in; null when nobody knows yet. */
  | { readonly type: 'signedIn'; readonly at: number; readonly person: Person | null }
  /** The service told whose a pasted token is. */
  | { readonly type: 'ownerKnown'; readonly token: TokenPerson; readonly person: Person }
  /** The person who is here chose to send another's change as their own. */
  | { readonly type: 'adopted'; readonly at: number; readonly person: Person }
  | { readonly type: 'connectionMissing'; readonly at: number }
  | { readonly type: 'connectionFound'; readonly at: number }
  /** The person gave up its connection, by saving another in its place. */
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
  return { ...request, sentAs: null, life };
}

/** Whether two changes are one that was asked for twice. */
export function asksTheSame(a: ChangeRequest, b: ChangeRequest): boolean {
  return a.id === b.id && isSameWish(wishOf(a), wishOf(b));
}

/** As whom the change is sent; null when nobody knows who asked. */
export function senderOf({ person, sentAs }: Pick<Change, 'person' | 'sentAs'>): Person | null {
  return sentAs ?? person;
}

/** Whether the change may leave with a token of that person. */
export function mayBeSentBy(change: Pick<Change, 'person' | 'sentAs'>, person: Person): boolean {
  const sender = senderOf(change);
  return sender !== null && isSamePerson(sender, person);
}

/** Whether the change has not ended yet. */
export function isOpen(change: Change): boolean {
  return change.life.state === 'waiting' || change.life.state === 'sending';
}

/** Whether the record shows what the change wanted. */
export function showsChange(change: ChangeRequest, record: SubscriptionRecord): boolean {
  return (record.partnerOfRecord?.partnerId ?? null) === (change.after?.partnerId ?? null);
}

/** What to do with the change at `now`. */
export function nextStep(change: Change, now: number): NextStep {
  const { life } = change;
  if (life.state !== 'waiting') return { do: 'nothing' };
  switch (life.for) {
    case 'signIn':
    case 'person':
    case 'connection':
      return { do: 'wait', until: null };
    case 'look':
    case 'turn':
      if (now < life.nextAt) return { do: 'wait', until: life.nextAt };
      return { do: readsNext(life, now) ? 'read' : 'send' };
  }
}

/** A change after an event. An event that has no meaning in the present state leaves the change as it is. */
export function afterEvent(change: Change, event: ChangeEvent): Change {
  if (event.type === 'ownerKnown') return withOwner(change, event);
  const life = nextLife(change, event);
  if (life === change.life) return change;
  if (event.type === 'adopted') return { ...change, sentAs: event.person, life };
  return { ...change, after: namedByRecord(change, life), life };
}

/** A token's owner, once the service has told who it is, stands for the token. */
function withOwner(change: Change, { token, person }: Extract<ChangeEvent, { type: 'ownerKnown' }>): Change {
  const known = (one: Person | null) => (one !== null && isSamePerson(one, token) ? person : one);
  const next = { person: known(change.person), sentAs: known(change.sentAs) };
  return next.person === change.person && next.sentAs === change.sentAs ? change : { ...change, ...next };
}

/** The partner wanted, by the name that the record has for it in the end. */
function namedByRecord({ after }: Change, life: ChangeLife): Change['after'] {
  if (life.state !== 'done') return after;
  const { partnerOfRecord } = life.outcome;
  return partnerOfRecord !== null && partnerOfRecord.partnerId === after?.partnerId
    ? partnerOf(partnerOfRecord)
    : after;
}

function nextLife(change: Change, event: ChangeEvent): ChangeLife {
  const { life } = change;
  switch (life.state) {
    case 'waiting':
      return fromWaiting(change, life, event);
    case 'sending':
      return fromSending(change, life, event);
    case 'refused':
    case 'unknown':
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
      if (life.for !== 'turn' || settlement(life, event.at) !== null) return life;
      return {
        ...trying(life),
        state: 'sending',
        sentAt: event.at,
        attempts: life.attempts + 1,
        tryingSince: life.tryingSince ?? event.at,
      };
    case 'stateRead': {
      const settle = settlement(life, event.at);
      if (settle === null && life.for !== 'look') return life;
      if (showsChange(change, event.record)) return done(life, event);
      return settle === null ? { ...life, for: 'person', failedReads: 0 } : settled(life, settle, event.at);
    }
    case 'readFailed': {
      const settle = settlement(life, event.at);
      if (settle === null && life.for !== 'look') return life;
      const failedReads = life.failedReads + 1;
      const gaveUp = settle?.as === 'refused' && settle.failure.reason === 'gaveUp';
      const pause = gaveUp ? READ_AGAIN_AFTER_MS : pauseAfter(failedReads, event.chance);
      return {
        ...life,
        settle,
        failedReads,
        for: event.failure.reason === 'signInNeeded' ? 'signIn' : life.for,
        nextAt: event.at + Math.max(pause, retryAfter(event)),
        lastFailure: event.failure,
      };
    }
    case 'stopAsked':
      if (life.attempts === 0) return { state: 'cancelled', attempts: 0, endedAt: event.at };
      return { ...life, for: 'turn', nextAt: event.at, settle: life.settle ?? { as: 'cancelled' } };
    case 'tryNow':
      return life.for === 'turn' || life.for === 'look' ? { ...life, nextAt: event.at } : resumed(life, event.at);
    case 'signedIn':
      return afterSignIn(change, life, event);
    case 'adopted':
      return life.for === 'person' ? resumed(life, event.at) : life;
    case 'connectionMissing':
      return life.for === 'connection' ? life : { ...life, for: 'connection' };
    case 'connectionFound':
      return life.for === 'connection' ? resumed(life, event.at) : life;
    case 'abandoned':
      return abandoned(life, event.at, life.effectPossible);
    default:
      return life;
  }
}

/** Whoever signed in as somebody else is shown the change, and nothing of it leaves with their token. */
function afterSignIn(
  change: Change,
  life: Waiting,
  { at, person }: Extract<ChangeEvent, { type: 'signedIn' }>,
): Waiting {
  if (life.for === 'connection') return life;
  // Nobody knows yet whose a pasted token is: the next attempt asks before it sends anything.
  const isOther = person !== null && person.kind !== 'token' && !mayBeSentBy(change, person);
  if (!isOther || life.settle !== null) return life.for === 'turn' ? life : resumed(life, at);
  return life.for === 'person' ? life : forPerson(life, at);
}

/** Another person is signed in. What may have taken effect is read before they are asked anything. */
function forPerson(life: Waiting, at: number): Waiting {
  return { ...life, for: life.effectPossible ? 'look' : 'person', nextAt: at, tryingSince: null };
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
      return abandoned(life, event.at, true);
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
  // Once it was stopped there is nothing to ask anybody: the present state says how it ended.
  if (next === 'person' && life.settle === null) return forPerson(waitAgain(life, failure, at), at);
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

/** Whether the present state is read next, rather than the change sent. */
function readsNext(life: Waiting, now: number): boolean {
  return life.for === 'look' || settlement(life, now) !== null;
}

/** How the change ends unless the state shows it; null while it may still be sent. */
export function settlement(life: Waiting, now: number): Settlement | null {
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

function abandoned(life: Trying, at: number, effectPossible: boolean): ChangeLife {
  if (!effectPossible) return { state: 'cancelled', ...ended(life, at) };
  return { state: 'unknown', failure: { reason: 'connectionChanged' }, seen: false, ...ended(life, at) };
}

/** Time spent signed out is not time spent trying. */
function resumed(life: Waiting, nextAt: number): Waiting {
  const failedReads = life.settle === null ? 0 : life.failedReads;
  return { ...life, for: 'turn', nextAt, tryingSince: null, failedReads };
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
