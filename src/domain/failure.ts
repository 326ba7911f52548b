/**
 * Why a call to a backend did not end as wished. The sentence for each stands in `ui/strings.ts`; the cause in `backends/`.
 *
 * - `notConfigured`: no connection is configured
 * - `permissionMissing`: the browser does not let the extension reach the backend's address
 * - `keptOut`: browser or organisation keep the extension out of the address though the permission is held; `message` names the host
 * - `noAnswer`, `timedOut`: the connection failed or ended before an answer was whole
 * - `redirected`: the backend answered with a redirect, which is never followed
 * - `unreadable`, `tooLarge`: an answer came and is not what the contract says
 * - `busy`, `serverError`: 429; 408 and 5xx
 * - `signInNeeded`: 401
 * - `refused`: any other 4xx; `code` says which
 * - `wrongContract`: the backend speaks another version of the contract
 * - `interrupted`: the worker ended while the request was on the wire
 * - `gaveUp`: tried for 24 hours, and the backend does not hold the change
 * - `connectionChanged`: the connection's address was changed before the change had ended
 */
export const FAILURE_REASONS = [
  'notConfigured',
  'permissionMissing',
  'keptOut',
  'noAnswer',
  'timedOut',
  'redirected',
  'unreadable',
  'tooLarge',
  'busy',
  'serverError',
  'signInNeeded',
  'refused',
  'wrongContract',
  'interrupted',
  'gaveUp',
  'connectionChanged',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

export interface Failure {
  readonly reason: FailureReason;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** The backend's own code, such as `PartnerNotFound`; of the sign-in `SignInFailed` and `IdentityProviderAway`. */
  readonly code?: string;
  /** The backend's own sentence, or the field that could not be read. */
  readonly message?: string;
  /** The backend's `x-request-id`, for its support. */
  readonly requestId?: string;
}

/** What an attempt that failed so leads to: another attempt, a wait for the person to sign in, or the end. */
export function afterFailure(failure: Failure): 'tryAgain' | 'signIn' | 'end' {
  switch (failure.reason) {
    case 'signInNeeded':
      return 'signIn';
    case 'refused':
    case 'gaveUp':
    case 'connectionChanged':
      return 'end';
    default:
      return 'tryAgain';
  }
}

const NO_EFFECT: readonly FailureReason[] = [
  'notConfigured',
  'permissionMissing',
  'keptOut',
  'busy',
  'signInNeeded',
  'refused',
  'wrongContract',
];

/** Whether an attempt that failed so may have taken effect all the same: its answer was lost, or says nothing about it. */
export function effectPossible(failure: Failure): boolean {
  return !NO_EFFECT.includes(failure.reason);
}
