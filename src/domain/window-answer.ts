import { type Failure, signInTrouble } from './failure';

/**
 * What came of a window that a person asked for: the extension's own, its options, or one to sign in.
 * - `busy`: the extension's window is still at another change
 * - `linkUnread`: nobody tells which link the window would be about
 * - `tooMany`: portals asked for windows often in a short time
 * - `cancelled`, `failed`, `providerAway`: how signing in ended
 * - `clockOff`: signing in failed because this computer's clock is so many milliseconds ahead; negative: behind
 */
export type WindowAnswer = 'opened' | 'optionsOpened' | 'signedIn' | WindowProblem;

export type WindowProblem = 'busy' | 'linkUnread' | 'tooMany' | 'cancelled' | 'failed' | 'providerAway' | ClockOff;

export interface ClockOff {
  readonly problem: 'clockOff';
  readonly aheadMs: number;
}

/** What the person is told of it; null where the window itself, or what is shown next, says enough. */
export function windowProblemIn(answer: WindowAnswer): WindowProblem | null {
  switch (answer) {
    case 'opened':
    case 'optionsOpened':
    case 'signedIn':
      return null;
    default:
      return answer;
  }
}

/** Whether why a call failed tells the same already, and more: a sign-in that did not work is the reason until another one does. */
export function saysToo(failure: Failure | null, problem: WindowProblem): boolean {
  if (failure?.reason !== 'signInNeeded') return false;
  return typeof problem === 'string' ? signInTrouble(failure) === problem : failure.detail?.code === problem.problem;
}
