import type { Failure } from './failure';
import type { Holding } from './partner-state';

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

/** Whether it goes on once somebody has signed in, and not before. */
export function isForSignIn(at: Phase): boolean {
  return at.phase === 'signIn' || at.phase === 'otherPerson' || (at.phase === 'outcomeUnknown' && at.needsSignIn);
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
