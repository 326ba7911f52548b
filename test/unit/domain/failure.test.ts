import { expect, test } from 'vitest';
import {
  afterFailure,
  effectPossible,
  FAILURE_REASONS,
  type FailureReason,
  isSignInRefused,
  signInTrouble,
} from '../../../src/domain/failure';

/** What follows a failed attempt, and whether it may have taken effect all the same. */
const TABLE: Record<FailureReason, readonly [next: ReturnType<typeof afterFailure>, effectPossible: boolean]> = {
  notConfigured: ['tryAgain', false],
  permissionMissing: ['tryAgain', false],
  keptOut: ['tryAgain', false],
  noAnswer: ['tryAgain', true],
  timedOut: ['tryAgain', true],
  redirected: ['tryAgain', true],
  unreadable: ['tryAgain', true],
  tooLarge: ['tryAgain', true],
  busy: ['tryAgain', false],
  serverError: ['tryAgain', true],
  signInNeeded: ['signIn', false],
  otherPerson: ['person', false],
  refused: ['end', false],
  wrongContract: ['tryAgain', false],
  interrupted: ['tryAgain', true],
  gaveUp: ['end', true],
  connectionChanged: ['end', true],
  keyExpired: ['end', true],
  kindUnknown: ['tryAgain', false],
};

test.each(FAILURE_REASONS.map((reason) => [reason, ...TABLE[reason]] as const))(
  'after %s: %s, effect possible %s',
  (reason, next, possible) => {
    expect(afterFailure({ reason })).toBe(next);
    expect(effectPossible({ reason })).toBe(possible);
  },
);

test.each(FAILURE_REASONS)(
  'of a change that had not left, %s says nothing of an effect, and ends nothing that it could go on from',
  (reason) => {
    const failure = { reason, unsent: true } as const;
    expect(effectPossible(failure)).toBe(false);
    if (reason === 'refused') expect(afterFailure(failure)).toBe('tryAgain');
  },
);

test.each([
  [{}, 'notSignedIn'],
  [{ code: 'SignInFailed' }, 'failed'],
  [{ code: 'SignInAway' }, 'providerAway'],
  [{ status: 401 }, 'refused'],
  [{ status: 401, code: 'SignInFailed' }, 'refused'],
] as const)('somebody has to sign in after %j because: %s', (failure, trouble) => {
  expect(signInTrouble(failure)).toBe(trouble);
});

test('a page for people with status 401 is no refusal of the service’s', () => {
  expect(isSignInRefused({ reason: 'signInNeeded', status: 401 })).toBe(true);
  expect(isSignInRefused({ reason: 'signInNeeded', status: 401, detail: { code: 'webPage' } })).toBe(false);
});
