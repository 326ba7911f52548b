import type { LaneHold } from './batch';
import { type Change, type ChangeLife, mayBeSentBy, settlement } from './change';
import type { ChangeRequest } from './change-request';
import type { Failure } from './failure';
import type { Holding } from './partner-state';
import { nameOfPerson, type Person } from './person';
import { endOf } from './wait';
import { type Target, targetNameOf } from './target';

/**
 * Where a change is on its way, and why. Times are milliseconds since the epoch; `goesOnAt` null: an attempt is under way.
 *
 * - `waiting`: it has not been tried yet
 * - `sending`: its first request is on the wire
 * - `retrying`: an attempt failed, and it is tried again by itself
 * - `signIn`: somebody has to sign in first
 * - `otherPerson`: another person than who asked is signed in
 * - `noConnection`: its connection cannot be found
 * - `settling`: it is not sent any more; whether it took effect is being read
 * - `outcomeUnknown`: as `settling`, and reading has failed so far
 */
export type OpenPhase =
  | { readonly phase: 'waiting' }
  | { readonly phase: 'sending' }
  | { readonly phase: 'retrying'; readonly cause: Failure; readonly goesOnAt: number | null }
  | { readonly phase: 'signIn'; readonly cause: Failure | null }
  | { readonly phase: 'otherPerson' }
  | { readonly phase: 'noConnection' }
  | { readonly phase: 'settling'; readonly cause: Failure | null; readonly stopping: boolean }
  | {
      readonly phase: 'outcomeUnknown';
      readonly cause: Failure | null;
      readonly goesOnAt: number;
      readonly needsSignIn: boolean;
    };

/** How a change ended. `unknown`: it may have taken effect, and nobody can find out any more. */
export type EndPhase =
  | { readonly phase: 'done'; readonly outcome: Holding }
  | { readonly phase: 'refused'; readonly cause: Failure; readonly seen: boolean }
  /** `found`: who held it when nobody could find out any more; null: nobody could look. */
  | {
      readonly phase: 'unknown';
      readonly cause: Failure;
      readonly found: Holding | null;
      readonly seen: boolean;
    }
  | { readonly phase: 'conflict'; readonly found: Holding; readonly answer: 'kept' | 'overwritten' | null }
  | { readonly phase: 'cancelled' };

export type Phase = OpenPhase | EndPhase;

export const ACTS = ['signIn', 'tryNow', 'stop', 'overwrite', 'keep', 'sendAsMe', 'discard', 'undo'] as const;
/** What a person may do about a change. */
export type Act = (typeof ACTS)[number];

/** Who looks at a change, and what they may. */
export interface Viewer {
  /** A connection that is set up; null when there is none. */
  readonly connectionId: string | null;
  /** Who is signed in there; null when nobody is, or nobody knows who. */
  readonly person: Person | null;
  /** Whether the backend lets them change the partner; null when it has not said. */
  readonly mayChange: boolean | null;
}

/** Whoever looks where nobody knows who, and whichever connection it is about. */
export const ANYBODY: Viewer = { connectionId: null, person: null, mayChange: null };

/** As whom somebody looks at what is of that connection. @param viewers who they are at each connection that is set up */
export function viewerAt(connectionId: string, viewers: readonly Viewer[]): Viewer {
  return viewers.find((viewer) => viewer.connectionId === connectionId) ?? ANYBODY;
}

/** A change as people meet it: what was asked, where it stands, and what the person who looks may do. */
export interface Standing extends Omit<ChangeRequest, 'id' | 'basedOn' | 'replay' | 'person'> {
  readonly changeId: string;
  /** The name of who asked; null when it is not known. */
  readonly askedBy: string | null;
  /** The name of another person who sent it as their own; null when nobody did, or the name is not known. */
  readonly sentAs: string | null;
  /** The name of who is signed in now; null when it is not known. */
  readonly me: string | null;
  readonly attempts: number;
  readonly endedAt: number | null;
  readonly at: Phase;
  readonly may: readonly Act[];
  /** Grows along the change's way: of two standings of one change the greater is the later. */
  readonly progress: number;
}

/**
 * Where a change stands, the one derivation that panel, pages, badge and notifications share.
 * @param hold what holds up its lane, where whoever looks is told; null where nothing does
 */
export function standingOf(change: Change, viewer: Viewer, now: number, hold: LaneHold | null = null): Standing {
  const { id, basedOn: _seenBefore, replay: _how, person, sentAs, life, ...asked } = change;
  const at = behind(hold, phaseOf(life, now), now);
  return {
    ...asked,
    // A row of before may have a blank one.
    targetName: targetNameOf(asked.target, asked.targetName),
    changeId: id,
    askedBy: person && nameOfPerson(person),
    sentAs: sentAs && nameOfPerson(sentAs),
    me: viewer.person && nameOfPerson(viewer.person),
    attempts: life.attempts,
    endedAt: 'endedAt' in life ? life.endedAt : null,
    at,
    may: actsIn(at, change, viewer),
    progress: progressOf(life),
  };
}

/** Whether the badge counts it: something is in the way of an open change, or its end wants an answer or to be seen. */
export function needsPerson(at: Phase): boolean {
  switch (at.phase) {
    case 'retrying':
    case 'signIn':
    case 'otherPerson':
    case 'noConnection':
    case 'outcomeUnknown':
      return true;
    case 'settling':
      return at.cause !== null;
    case 'refused':
    case 'unknown':
      return isUnseenEnd(at);
    case 'conflict':
      return at.answer === null;
    case 'waiting':
    case 'sending':
    case 'done':
    case 'cancelled':
      return false;
  }
}

/** Whether it ended in a way that the person is to learn of, and they have not said or shown that they have. */
export function isUnseenEnd(at: Phase): boolean {
  return (at.phase === 'refused' || at.phase === 'unknown') && !at.seen;
}

/** What is in the way of a change, or has ended it; null when nothing is, or nobody knows. */
export function causeOf(at: Phase): Failure | null {
  return 'cause' in at ? at.cause : null;
}

/** Whether the change has not ended yet. */
export function isOnItsWay(at: Phase): at is OpenPhase {
  switch (at.phase) {
    case 'waiting':
    case 'sending':
    case 'retrying':
    case 'signIn':
    case 'otherPerson':
    case 'noConnection':
    case 'settling':
    case 'outcomeUnknown':
      return true;
    case 'done':
    case 'refused':
    case 'unknown':
    case 'conflict':
    case 'cancelled':
      return false;
  }
}

/** Where a life stands at `now` (milliseconds since the epoch). */
export function phaseOf(life: ChangeLife, now: number): Phase {
  switch (life.state) {
    case 'waiting': {
      const { lastFailure, wait } = life;
      if (life.failedReads > 0 && life.for !== 'connection') {
        return {
          phase: 'outcomeUnknown',
          cause: lastFailure,
          goesOnAt: endOf(wait, now),
          needsSignIn: life.for === 'signIn',
        };
      }
      return waitingPhase(life, now);
    }
    case 'sending':
      if (life.settle !== null) return settling(life);
      return life.lastFailure === null
        ? { phase: 'sending' }
        : { phase: 'retrying', cause: life.lastFailure, goesOnAt: null };
    case 'done':
      return { phase: 'done', outcome: life.outcome };
    case 'refused':
      return { phase: 'refused', cause: life.failure, seen: life.seen };
    case 'unknown':
      return { phase: 'unknown', cause: life.failure, found: life.found, seen: life.seen };
    case 'conflict':
      return { phase: 'conflict', found: life.found, answer: life.answer && ANSWERS[life.answer.kind] };
    case 'cancelled':
      return { phase: 'cancelled' };
  }
}

const ANSWERS = { kept: 'kept', resolvedBy: 'overwritten' } as const;

/** What has not been tried yet stands behind a hold as what was sent before it, and answered so. */
function behind(hold: LaneHold | null, at: Phase, now: number): Phase {
  if (hold === null || at.phase !== 'waiting') return at;
  if (hold.for === 'signIn') return { phase: 'signIn', cause: null };
  return {
    phase: 'retrying',
    cause: { reason: hold.silent === true ? 'noAnswer' : 'busy' },
    goesOnAt: endOf(hold.wait, now),
  };
}

function waitingPhase(life: Extract<ChangeLife, { state: 'waiting' }>, now: number): OpenPhase {
  switch (life.for) {
    case 'signIn':
      return { phase: 'signIn', cause: life.lastFailure };
    case 'person':
      return { phase: 'otherPerson' };
    case 'connection':
      return { phase: 'noConnection' };
    case 'look':
    case 'key':
      return settling(life);
    case 'turn':
      if (settlement(life, now) !== null) return settling(life);
      return life.lastFailure === null
        ? { phase: 'waiting' }
        : { phase: 'retrying', cause: life.lastFailure, goesOnAt: endOf(life.wait, now) };
  }
}

function settling({ lastFailure, settle }: Extract<ChangeLife, { state: 'waiting' | 'sending' }>): OpenPhase {
  return { phase: 'settling', cause: lastFailure, stopping: settle?.as === 'cancelled' };
}

function actsIn(at: Phase, change: Change, viewer: Viewer): readonly Act[] {
  const stop: readonly Act[] = isStoppable(change.life) ? ['stop'] : [];
  const { connectionId, mayChange } = viewer;
  const canAsk = isAskedOnScreens(change.target) && connectionId === change.target.connectionId && mayChange !== false;
  switch (at.phase) {
    case 'waiting':
    case 'sending':
      // Nothing holds it up, so there is nothing to stop yet.
      return [];
    case 'noConnection':
      return stop;
    case 'retrying':
      return at.goesOnAt === null ? stop : ['tryNow', ...stop];
    case 'signIn':
      return ['signIn', ...stop];
    case 'outcomeUnknown':
      return [at.needsSignIn ? 'signIn' : 'tryNow', ...stop];
    case 'settling':
      return [];
    case 'otherPerson': {
      // Nobody is known to be signed in, so nobody can send it as their own.
      const { person } = viewer;
      return canAsk && person !== null && !mayBeSentBy(change, person) ? ['sendAsMe', 'discard'] : ['discard'];
    }
    case 'conflict':
      if (at.answer !== null) return [];
      return canAsk ? ['overwrite', 'keep'] : ['keep'];
    case 'done':
      return canAsk ? ['undo'] : [];
    case 'refused':
    case 'unknown':
    case 'cancelled':
      return [];
  }
}

/** A link is its account's own, so that nobody else sends it, and no screen asks for one anew. */
function isAskedOnScreens({ kind }: Target): boolean {
  switch (kind) {
    case 'subscription':
      return true;
    case 'signIn':
      return false;
  }
}

function isStoppable(life: ChangeLife): boolean {
  return (life.state === 'waiting' || life.state === 'sending') && life.settle === null;
}

function progressOf(life: ChangeLife): number {
  switch (life.state) {
    case 'sending':
      return 2 * life.attempts;
    case 'waiting':
      return 2 * life.attempts + 1;
    case 'conflict':
      return life.answer === null ? ENDED : ANSWERED;
    case 'refused':
    case 'unknown':
      return life.seen ? ANSWERED : ENDED;
    case 'done':
    case 'cancelled':
      return ANSWERED;
  }
}

const ENDED = Number.MAX_SAFE_INTEGER - 1;
const ANSWERED = Number.MAX_SAFE_INTEGER;

/** Whether the badge counts a change as it is stored, whenever that is asked. */
export function wantsAttention(change: Change): boolean {
  return needsPerson(phaseOf(change.life, 0));
}
