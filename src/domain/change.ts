import { type ChangeRequest, isBasis, isSameWish, showsChange, wishOf } from './change-request';
import { afterFailure, effectPossible, type Failure } from './failure';
import { isSamePartner, type Holding, holdingOf, type PartnerState, partnerOf } from './partner-state';
import { type DirectoryUser, isSamePerson, mayBeSamePerson, type Person, type TokenPerson } from './person';
import { endOf, isOver, noWait, servedMs, type Wait } from './wait';

interface Trying {
  /** How often it was tried. A try at which another person was signed in counts, though nothing left. */
  readonly attempts: number;
  /** How long it has waited between attempts since the last sign-in, in milliseconds. */
  readonly triedMs: number;
  /** When its first request left; null before. */
  readonly firstSentAt: number | null;
  /** When its last request left; null before. */
  readonly lastSentAt: number | null;
  /** An attempt's answer was lost, so the change may have taken effect. */
  readonly effectPossible: boolean;
  readonly lastFailure: Failure | null;
  /** Set: the change is to take effect no more. The present state is read, and unless that shows the change, the change ends so. */
  readonly settle: Settlement | null;
}

export type Settlement = { readonly as: 'cancelled' } | { readonly as: 'refused'; readonly failure: Failure };

export const WAITS_FOR = ['turn', 'signIn', 'look', 'key', 'person', 'connection'] as const;

export interface Waiting extends Trying {
  readonly state: 'waiting';
  /**
   * What has to come first:
   *
   * - `turn`: nothing but its time
   * - `signIn`: somebody signs in
   * - `look`: an attempt may have taken effect, so the present state is read before anything else is done
   * - `key`: somebody has changed the target since, so the change is sent once more under its key, and the backend repeats its first
   *   answer. The state that the change was based on is gone, so this request can have no effect
   * - `person`: another person is signed in: whoever asked comes back, or the person who is here decides
   * - `connection`: its connection is found again
   */
  readonly for: (typeof WAITS_FOR)[number];
  /** Not before this is over. */
  readonly wait: Wait;
  /** How many reads that should have told the outcome have failed; above 0 the outcome is unknown. */
  readonly failedReads: number;
  /**
   * Since when its request may leave any moment: it was written that it will before it is its turn. Absent: it may not. That is no
   * attempt yet; where the worker of that moment has ended, nobody knows whether it became one.
   */
  readonly claimedAt?: number;
}

export interface Sending extends Trying {
  readonly state: 'sending';
}

interface Ended {
  readonly attempts: number;
  readonly endedAt: number;
}

export type ConflictAnswer = { readonly kind: 'resolvedBy'; readonly changeId: string } | { readonly kind: 'kept' };

export type ChangeLife =
  | Waiting
  | Sending
  | (Ended & { readonly state: 'done'; readonly outcome: Holding })
  | (Ended & { readonly state: 'refused'; readonly failure: Failure; readonly seen: boolean })
  | (Ended & { readonly state: 'conflict'; readonly found: Holding; readonly answer: ConflictAnswer | null })
  | (Ended & { readonly state: 'cancelled' })
  /** An attempt may have taken effect, and nobody can find out any more. `found`: who held the target then; null: nobody could look. */
  | (Ended & {
      readonly state: 'unknown';
      readonly failure: Failure;
      readonly found: Holding | null;
      readonly seen: boolean;
    });

export const CHANGE_STATES = ['waiting', 'sending', 'done', 'refused', 'conflict', 'cancelled', 'unknown'] as const;

/** One asked-for assign, change or removal and its life: the journal's entry and the history's row at once. */
export interface Change extends ChangeRequest {
  /** Another person than who asked chose to send it as their own; null when nobody did. */
  readonly sentAs: Person | null;
  /** As which user of the target's tenant it goes; absent before its first attempt, and where tokens are for no tenant. */
  readonly directoryUser?: DirectoryUser;
  readonly life: ChangeLife;
}

/** `at`: milliseconds since the epoch. `chance`: a number drawn from [0, 1) by the caller, for jitter. */
export type ChangeEvent =
  /** Its request may leave from now on. */
  | { readonly type: 'claimed'; readonly at: number }
  /** It did not leave, and does not any more until it is claimed anew. */
  | { readonly type: 'unclaimed' }
  /** Its request leaves. Told again where it left more than {@link LEAVES_WITHIN_MS} after that was written, or once more. */
  | { readonly type: 'sent'; readonly at: number }
  | { readonly type: 'applied'; readonly at: number; readonly state: PartnerState }
  | { readonly type: 'preconditionFailed'; readonly at: number; readonly state: PartnerState }
  | {
      readonly type: 'failed';
      readonly at: number;
      readonly failure: Failure;
      readonly retryAfterMs: number | null;
      readonly chance: number;
    }
  | { readonly type: 'interrupted'; readonly at: number }
  /** `since`: the wait that was over when the read was begun. One that was begun before another wait tells nothing. */
  | { readonly type: 'stateRead'; readonly at: number; readonly since: Wait; readonly state: PartnerState }
  | {
      readonly type: 'readFailed';
      readonly at: number;
      readonly since: Wait;
      readonly failure: Failure;
      readonly retryAfterMs: number | null;
      readonly chance: number;
    }
  | { readonly type: 'stopAsked'; readonly at: number }
  | { readonly type: 'tryNow'; readonly at: number }
  /** `person`: who signed in; null when nobody knows yet. */
  | { readonly type: 'signedIn'; readonly at: number; readonly person: Person | null }
  /** A token is at hand that names whom it was given to in a tenant. */
  | { readonly type: 'named'; readonly directoryUser: DirectoryUser }
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
  /** `since`: the wait that is over. */
  | { readonly do: 'read'; readonly since: Wait }
  | { readonly do: 'wait'; readonly until: number | null }
  | { readonly do: 'nothing' };

const HOUR_MS = 60 * 60 * 1000;
/** How long the waits between attempts may be in all. */
export const TRY_FOR_MS = 24 * HOUR_MS;
export const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS;
/** A backend that keeps keys keeps each for at least 24 hours; nothing is asked of one in its last hour. */
export const KEY_HOLDS_MS = 23 * HOUR_MS;
/** A request leaves so soon after that was written; else its time is written again. */
export const LEAVES_WITHIN_MS = 1000;
/**
 * How long after its leaving was written a request may still take effect: the client waits 30 s for an answer, and the service rolls
 * back what it has not committed 25 s after the request reached it.
 */
export const IN_FLIGHT_MS = 55_000 + LEAVES_WITHIN_MS;
/** A clock is put back by so much when it is corrected, which the hour between what a key is kept for and what it is asked for covers. */
const CLOCK_CORRECTED_MS = 60_000;
const READ_AGAIN_AFTER_MS = HOUR_MS;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15 * 60 * 1000;

/** A change as it is first written: before its request leaves. */
export function newChange(request: ChangeRequest): Change {
  const life: Waiting = {
    state: 'waiting',
    for: 'turn',
    wait: noWait(request.askedAt),
    attempts: 0,
    triedMs: 0,
    firstSentAt: null,
    lastSentAt: null,
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

/** The person as whom the change is sent; null when nobody knows who asked. */
export function senderOf({ person, sentAs }: Pick<Change, 'person' | 'sentAs'>): Person | null {
  return sentAs ?? person;
}

/** Whether the change may leave with a token of that person. */
export function mayBeSentBy(change: Pick<Change, 'person' | 'sentAs'>, person: Person): boolean {
  const sender = senderOf(change);
  return sender !== null && isSamePerson(sender, person);
}

/** Whether the change may leave with a token that names that user of a tenant. */
export function mayBeSentAs({ target, directoryUser }: Change, { tenantId, objectId }: DirectoryUser): boolean {
  const isOther = directoryUser !== undefined && directoryUser.objectId !== objectId;
  return target.kind === 'signIn' && target.tenant === tenantId && !isOther;
}

/** Whether the change has not ended yet. */
export function isOpen(change: Change): boolean {
  return change.life.state === 'waiting' || change.life.state === 'sending';
}

/** What to do with the change at `now`. */
export function nextStep(change: Change, now: number): NextStep {
  const { life } = change;
  // Whoever claimed it sends it.
  if (life.state !== 'waiting' || life.claimedAt !== undefined) return { do: 'nothing' };
  switch (life.for) {
    case 'signIn':
    case 'person':
    case 'connection':
      return { do: 'wait', until: null };
    case 'look':
    case 'key':
    case 'turn':
      if (!isOver(life.wait, now)) return { do: 'wait', until: endOf(life.wait, now) };
      return readsNext(change, life, now) ? { do: 'read', since: life.wait } : { do: 'send' };
  }
}

/** A change after an event. An event that has no meaning in the present state leaves the change as it is. */
export function afterEvent(change: Change, event: ChangeEvent): Change {
  if (event.type === 'ownerKnown') return withOwner(change, event);
  if (event.type === 'named')
    return change.directoryUser === undefined ? { ...change, directoryUser: event.directoryUser } : change;
  const life = nextLife(change, event);
  if (life === change.life) return change;
  if (event.type === 'adopted') return { ...change, sentAs: event.person, life };
  return { ...change, after: namedByOutcome(change, life), life };
}

/** A token's owner, once the service has told who it is, stands for the token. */
function withOwner(change: Change, { token, person }: Extract<ChangeEvent, { type: 'ownerKnown' }>): Change {
  const known = (one: Person | null) => (one !== null && isSamePerson(one, token) ? person : one);
  const next = { person: known(change.person), sentAs: known(change.sentAs) };
  return next.person === change.person && next.sentAs === change.sentAs ? change : { ...change, ...next };
}

/** The partner wanted, by the name that the backend has for it in the end. */
function namedByOutcome({ after }: Change, life: ChangeLife): Change['after'] {
  if (life.state !== 'done') return after;
  const { partnerOfRecord } = life.outcome;
  const isNamed = partnerOfRecord?.name != null && isSamePartner(partnerOfRecord, after);
  return isNamed ? partnerOf(partnerOfRecord) : after;
}

function nextLife(change: Change, event: ChangeEvent): ChangeLife {
  const { life } = change;
  switch (life.state) {
    case 'waiting': {
      const { claimedAt } = life;
      const next =
        claimedAt === undefined ? fromWaiting(change, life, event) : fromClaimed(change, life, claimedAt, event);
      return withoutOldTimes(life, next, event);
    }
    case 'sending':
      return withoutOldTimes(life, fromSending(change, life, event), event);
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

/**
 * Where the clock was put back by more than it is corrected by, nobody can tell any more when the first request left: its key counts
 * as kept no longer.
 */
function withoutOldTimes(before: Waiting | Sending, life: ChangeLife, event: ChangeEvent): ChangeLife {
  if (life === before || (life.state !== 'waiting' && life.state !== 'sending')) return life;
  if (!('at' in event) || before.firstSentAt === null || life.firstSentAt === null) return life;
  const latest = Math.max(
    before.firstSentAt,
    before.lastSentAt ?? 0,
    before.state === 'waiting' ? before.wait.from : 0,
  );
  if (latest - event.at <= CLOCK_CORRECTED_MS) return life;
  return { ...life, firstSentAt: Math.min(life.firstSentAt, event.at - KEY_HOLDS_MS) };
}

function fromWaiting(change: Change, life: Waiting, event: ChangeEvent): ChangeLife {
  switch (event.type) {
    case 'claimed':
      return isSendable(change, life, event.at) ? { ...life, claimedAt: event.at } : life;
    case 'sent':
      return isSendable(change, life, event.at) ? sent(life, event.at) : life;
    case 'stateRead':
      return isTold(change, life, event) ? afterRead(change, life, event) : life;
    case 'readFailed':
      return isTold(change, life, event) ? afterFailedRead(life, event) : life;
    case 'stopAsked':
      return hasNoEffect(life)
        ? { state: 'cancelled', attempts: life.attempts, endedAt: event.at }
        : settling(change, { ...life, triedMs: triedMs(life, event.at) }, { as: 'cancelled' }, event.at);
    case 'tryNow':
      if (isResting(life)) return resumed(change, life, event.at);
      // It is due, and may be on its way.
      if (isOver(life.wait, event.at)) return life;
      return { ...life, triedMs: triedMs(life, event.at), wait: soonest(change, life, event.at) };
    case 'signedIn':
      return afterSignIn(change, life, event);
    case 'adopted':
      return life.for === 'person' ? resumed(change, life, event.at) : life;
    case 'connectionMissing':
      return life.for === 'connection' ? life : { ...life, for: 'connection' };
    case 'connectionFound':
      return life.for === 'connection' ? resumed(change, life, event.at) : life;
    case 'abandoned':
      return abandoned(life, event.at, life.effectPossible);
    default:
      return life;
  }
}

/**
 * Whether it is known without a read that it did not take effect: the last attempt did not leave, for want of a token as a rule, and none
 * before it can have had one. A read would want the same token.
 */
function hasNoEffect({ attempts, effectPossible, lastFailure }: Waiting): boolean {
  return attempts === 0 || (!effectPossible && lastFailure?.unsent === true);
}

/** A change that is claimed may have left, for all that whoever finds it knows. */
function fromClaimed(change: Change, life: Waiting, claimedAt: number, event: ChangeEvent): ChangeLife {
  const { claimedAt: _given, ...unclaimed } = life;
  switch (event.type) {
    case 'unclaimed':
      return unclaimed;
    case 'sent':
      return sent(unclaimed, event.at);
    case 'interrupted':
    case 'stopAsked':
    case 'abandoned':
      return nextLife({ ...change, life: sent(unclaimed, claimedAt) }, event);
    default:
      return life;
  }
}

/** Whether a read tells of the change as it is: what has waited anew since it was begun may have been under way then. */
function isTold(
  change: Change,
  life: Waiting,
  { at, since }: Extract<ChangeEvent, { type: 'stateRead' | 'readFailed' }>,
): boolean {
  return readsNext(change, life, at) && life.wait.from === since.from && life.wait.ms === since.ms;
}

/** A wait that no time ends. */
export function isResting({ for: what }: Pick<Waiting, 'for'>): boolean {
  return what === 'signIn' || what === 'person' || what === 'connection';
}

/** Whether it is the change's request that is next. */
function isSendable(change: Change, life: Waiting, at: number): boolean {
  return life.for === 'turn' ? !readsNext(change, life, at) : life.for === 'key';
}

function sent(life: Waiting, at: number): Sending {
  return {
    ...trying(life),
    state: 'sending',
    attempts: life.attempts + 1,
    triedMs: triedMs(life, at),
    firstSentAt: life.firstSentAt ?? at,
    lastSentAt: at,
  };
}

/** What a read tells of a change that may have taken effect. */
function afterRead(
  change: Change,
  life: Waiting,
  { at, state }: Extract<ChangeEvent, { type: 'stateRead' }>,
): ChangeLife {
  const settle = settlement(life, at);
  if (showsChange(change, state)) return done(life, at, state);
  if (settle === null) {
    // Another person is signed in. Whatever partner holds the target, that person decides.
    if (life.for === 'look') return { ...life, for: 'person', failedReads: 0 };
    if (!isBasis(change, state)) return cannotKnow(life, at, state);
    // No request is under way any more, so the change cannot take effect by itself.
    return { ...life, triedMs: triedMs(life, at), wait: noWait(at), effectPossible: false, failedReads: 0 };
  }
  if (isBasis(change, state) || !life.effectPossible) return settled(life, settle, at);
  if (!keyHolds(change, life, at)) return cannotKnow(life, at, state);
  return { ...life, settle, for: 'key', wait: noWait(at), failedReads: 0 };
}

function afterFailedRead(life: Waiting, event: Extract<ChangeEvent, { type: 'readFailed' }>): Waiting {
  const settle = settlement(life, event.at);
  const failedReads = life.failedReads + 1;
  const gaveUp = settle?.as === 'refused' && settle.failure.reason === 'gaveUp';
  const pause = gaveUp ? READ_AGAIN_AFTER_MS : pauseAfter(failedReads, event.chance);
  return {
    ...life,
    triedMs: triedMs(life, event.at),
    settle,
    failedReads,
    for: event.failure.reason === 'signInNeeded' ? 'signIn' : life.for,
    wait: { from: event.at, ms: Math.max(pause, retryAfter(event)) },
    lastFailure: event.failure,
  };
}

/** A person who signs in as somebody else is shown the change, and nothing of it leaves with their token. */
function afterSignIn(
  change: Change,
  life: Waiting,
  { at, person }: Extract<ChangeEvent, { type: 'signedIn' }>,
): Waiting {
  if (life.for === 'connection') return life;
  const sender = senderOf(change);
  if (change.target.kind === 'signIn') {
    // A link is its account's own: whoever else signs in beside that has nothing to do with it.
    const isMeant = person === null || sender === null || isSamePerson(sender, person);
    return isMeant && isResting(life) ? resumed(change, life, at) : life;
  }
  // Nobody knows yet whose a pasted token is: the next attempt asks before it sends anything.
  const isOther = person !== null && person.kind !== 'token' && (sender === null || !mayBeSamePerson(sender, person));
  if (!isOther || life.settle !== null)
    return isResting(life) || life.for === 'look' ? resumed(change, life, at) : life;
  return life.for === 'person' ? life : forPerson(life, at);
}

/** Another person is signed in. If the change may have taken effect, the state is read before they are asked anything. */
function forPerson(life: Waiting, at: number): Waiting {
  return { ...life, for: life.effectPossible ? 'look' : 'person', wait: noWait(at), triedMs: 0 };
}

function fromSending(change: Change, life: Sending, event: ChangeEvent): ChangeLife {
  switch (event.type) {
    case 'sent':
      return { ...life, lastSentAt: event.at };
    case 'applied':
      return done(life, event.at, event.state);
    case 'preconditionFailed':
      return afterFailedPrecondition(change, life, event);
    case 'failed':
      return afterFailedAttempt(change, life, event);
    case 'interrupted':
      return waitAgain(change, life, { reason: 'interrupted' }, noWait(event.at));
    case 'stopAsked':
      return life.settle === null ? { ...life, settle: { as: 'cancelled' } } : life;
    case 'abandoned':
      return abandoned(life, event.at, true);
    default:
      return life;
  }
}

function afterFailedPrecondition(
  change: Change,
  life: Sending,
  { at, state }: Extract<ChangeEvent, { type: 'preconditionFailed' }>,
): ChangeLife {
  // The answer to an earlier attempt was lost and its key has expired: the change meets its own effect.
  if (showsChange(change, state)) return done(life, at, state);
  // A backend that still kept the key would have repeated its answer. Without it the change may have been made, and undone by somebody.
  if (life.effectPossible && !keyHolds(change, life, at)) return cannotKnow(life, at, state);
  if (life.settle !== null) return settled(life, life.settle, at);
  return { state: 'conflict', found: holdingOf(state), answer: null, ...ended(life, at) };
}

function afterFailedAttempt(
  change: Change,
  life: Sending,
  event: Extract<ChangeEvent, { type: 'failed' }>,
): ChangeLife {
  const { failure, at } = event;
  const next = afterFailure(failure);
  if (next === 'end' && !life.effectPossible) return { state: 'refused', failure, seen: false, ...ended(life, at) };
  // Where it was asked by its key, that was no answer: it is asked again, and less and less often.
  if (next === 'end' && life.settle === null) {
    // An earlier attempt may have taken effect: only the present state says how this ended.
    return settling(change, waitAgain(change, life, failure, noWait(at)), { as: 'refused', failure }, at);
  }
  if (next === 'signIn') return { ...waitAgain(change, life, failure, noWait(at)), for: 'signIn' };
  // A change that was stopped needs nobody's decision: the present state says how it ended.
  if (next === 'person' && life.settle === null) return forPerson(waitAgain(change, life, failure, noWait(at)), at);
  const ms = Math.max(pauseAfter(life.attempts, event.chance), retryAfter(event));
  return waitAgain(change, life, failure, { from: at, ms });
}

/** @param wait at least so long */
function waitAgain(change: Change, life: Sending, failure: Failure, wait: Wait): Waiting {
  const waiting: Waiting = {
    ...trying(life),
    state: 'waiting',
    for: 'turn',
    wait,
    lastFailure: failure,
    effectPossible: life.effectPossible || effectPossible(failure),
    failedReads: 0,
  };
  // It may be the end of this wait that makes it to be settled.
  const { from, ms } = wait;
  const inFlight = readsAfter(change, waiting, from + ms) ? inFlightMs(waiting, from) : 0;
  return { ...waiting, wait: { from, ms: Math.max(ms, inFlight) } };
}

/** From here on the change is to take effect no more. It waits for a request that may still be under way, so no effect follows its end. */
function settling(change: Change, life: Waiting, settle: Settlement, at: number): Waiting {
  const next: Waiting = { ...life, for: 'turn', settle: life.settle ?? settle };
  return { ...next, wait: soonest(change, next, at) };
}

/** How soon it may go on: at once; where the present state will decide the outcome, once no request can be under way any more. */
function soonest(change: Change, life: Waiting, at: number): Wait {
  return readsAfter(change, life, at) ? { from: at, ms: inFlightMs(life, at) } : noWait(at);
}

/** For how long a request may still be under way. */
function inFlightMs({ effectPossible, lastSentAt }: Waiting, at: number): number {
  if (!effectPossible || lastSentAt === null) return 0;
  // A clock that was put back meanwhile says nothing, so it waits the whole time.
  return Math.max(IN_FLIGHT_MS - Math.max(at - lastSentAt, 0), 0);
}

/** Whether it is the present state that tells, once it has its turn, how an attempt has ended. */
function readsAfter({ replay }: Change, life: Waiting, at: number): boolean {
  return settlement(life, at) !== null || (replay === 'readFirst' && life.effectPossible);
}

/** Whether the present state is read next, rather than the change sent. */
function readsNext(change: Change, life: Waiting, now: number): boolean {
  switch (life.for) {
    case 'look':
      return true;
    case 'turn':
      return readsAfter(change, life, now);
    case 'key':
    case 'signIn':
    case 'person':
    case 'connection':
      return false;
  }
}

/** Whether the backend still answers the change's key as it did first. */
function keyHolds({ replay, sentAs }: Change, { firstSentAt, triedMs }: Trying, at: number): boolean {
  // A key belongs to its caller: a person who sends another's change as their own cannot learn what came of the other's attempt.
  if (replay !== 'key' || sentAs !== null || firstSentAt === null) return false;
  // A clock that was put back since tells nothing; the waits that were served took their time whatever it says.
  return at >= firstSentAt && Math.max(at - firstSentAt, triedMs) < KEY_HOLDS_MS;
}

/** How the change ends unless the state shows it; null while it may still be sent. */
export function settlement(life: Waiting, now: number): Settlement | null {
  if (life.settle !== null) return life.settle;
  if (triedMs(life, now) < TRY_FOR_MS) return null;
  return { as: 'refused', failure: { ...life.lastFailure, reason: 'gaveUp' } };
}

/** For how long it has been tried; only waits between attempts count. */
function triedMs(life: Waiting, now: number): number {
  return life.for === 'turn' && life.settle === null ? life.triedMs + servedMs(life.wait, now) : life.triedMs;
}

function settled(life: Trying, settle: Settlement, at: number): ChangeLife {
  return settle.as === 'cancelled'
    ? { state: 'cancelled', ...ended(life, at) }
    : { state: 'refused', failure: settle.failure, seen: false, ...ended(life, at) };
}

function done(life: Trying, at: number, state: PartnerState): ChangeLife {
  return { state: 'done', outcome: holdingOf(state), ...ended(life, at) };
}

function cannotKnow(life: Trying, at: number, state: PartnerState): ChangeLife {
  return {
    state: 'unknown',
    failure: { reason: 'keyExpired' },
    found: holdingOf(state),
    seen: false,
    ...ended(life, at),
  };
}

function abandoned(life: Trying, at: number, effectPossible: boolean): ChangeLife {
  if (!effectPossible) return { state: 'cancelled', ...ended(life, at) };
  return { state: 'unknown', failure: { reason: 'connectionChanged' }, found: null, seen: false, ...ended(life, at) };
}

/** Goes on anew: time spent signed out does not count as trying. */
function resumed(change: Change, life: Waiting, at: number): Waiting {
  const failedReads = life.settle === null ? 0 : life.failedReads;
  return { ...life, for: 'turn', wait: soonest(change, life, at), triedMs: 0, failedReads };
}

function trying({ attempts, triedMs, firstSentAt, lastSentAt, effectPossible, lastFailure, settle }: Trying): Trying {
  return { attempts, triedMs, firstSentAt, lastSentAt, effectPossible, lastFailure, settle };
}

function ended(life: Trying, endedAt: number): Ended {
  return { attempts: life.attempts, endedAt };
}

/** Exponential, from one second to 15 minutes; the jitter takes up to half of it away. */
export function pauseAfter(failures: number, chance: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
  return pause * (1 - chance / 2);
}

function retryAfter(event: { retryAfterMs: number | null }): number {
  return Math.min(event.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
}
