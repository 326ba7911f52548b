/**
 * Why a call to a backend did not end as wished. The sentence for each stands in `src/words/en`; the cause in `backends/`.
 *
 * - `notConfigured`: no connection is configured
 * - `permissionMissing`: the browser does not let the extension reach the backend's address
 * - `keptOut`: browser or organisation keep the extension out of the address though the permission is held; `detail` names the host
 * - `noAnswer`, `timedOut`: the connection failed or ended before an answer was whole
 * - `redirected`: the backend answered with a redirect, which is never followed
 * - `unreadable`, `tooLarge`: an answer came and is not what the contract says
 * - `busy`, `serverError`: 429; 408 and 5xx
 * - `signInNeeded`: there is no token, or 401; {@link signInTrouble} says which
 * - `otherPerson`: somebody else is signed in than the change belongs to, so nothing was sent
 * - `refused`: any other 4xx; `code` says which
 * - `wrongContract`: the backend speaks another version of the contract
 * - `interrupted`: the worker ended while the request was on the wire
 * - `gaveUp`: tried for 24 hours, and the backend does not hold the change
 * - `connectionChanged`: the connection's address was changed before the change had ended
 * - `kindUnknown`: this version does not know the connection's kind of backend
 * - `keyExpired`: the backend does not keep, or no longer keeps, how it answered, and somebody else has changed the target since
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
  'otherPerson',
  'refused',
  'wrongContract',
  'interrupted',
  'gaveUp',
  'connectionChanged',
  'keyExpired',
  'kindUnknown',
] as const;
export type FailureReason = (typeof FAILURE_REASONS)[number];

/**
 * What we know of a failure, to be put into words of ours.
 *
 * - `unreachable`: which connection's service did not answer, by its name
 * - `keptOut`: from which host
 * - `webPage`: a page for people came in place of an answer, as the sign-in of a network or of a proxy shows one
 * - `cutShort`: an answer began and did not come to its end
 * - `notJson`, `notUtf8`: the answer is no text that can be read
 * - `fieldUnreadable`: a field that is needed is missing or mistyped; its path, such as `value.0.service`, or `$` for the answer as a whole
 * - `fieldUnexpected`: a field can be read, and is not what was asked for
 * - `otherVersion`: the version of the contract that the backend speaks, and the one spoken here
 * - `clockOff`: this computer's clock is so many milliseconds ahead of the identity provider's; negative: behind
 * - `entra`: Microsoft Entra refused, for the reason that has this number there (“AADSTS50076”)
 * - `personalAccount`: a personal Microsoft account signed in at no tenant that it was asked to sign in at
 * - `moreProof`: the sign-in is good, and what was asked for wants more of it, such as a second factor (a claims challenge)
 * - `technical`: words that only support can use: a library's, or those that an earlier version noted without saying whose they are
 */
export type FailureDetail =
  | { readonly code: 'unreachable'; readonly name: string }
  | { readonly code: 'keptOut'; readonly host: string }
  | { readonly code: 'webPage' | 'cutShort' | 'notJson' | 'notUtf8' }
  | { readonly code: 'fieldUnreadable' | 'fieldUnexpected'; readonly field: string }
  | { readonly code: 'otherVersion'; readonly version: number; readonly own: number }
  | { readonly code: 'clockOff'; readonly aheadMs: number }
  | { readonly code: 'entra'; readonly number: number }
  | { readonly code: 'personalAccount' | 'moreProof' }
  | { readonly code: 'technical'; readonly words: string };

export interface Failure {
  readonly reason: FailureReason;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** The backend's own code, such as `PartnerNotFound`; of the sign-in `SignInFailed`, `SignInAway` and `IdentityProviderAway`. */
  readonly code?: string;
  /** The own sentence of whoever refused: the identity provider's where {@link isProvidersFailure}, else the backend's. */
  readonly said?: string;
  /** What we know of it beyond the reason. */
  readonly detail?: FailureDetail;
  /** The backend's `x-request-id`, or the identity provider's own ID of the request, for their support. */
  readonly requestId?: string;
  /** It failed before the change itself left: while an access token was asked for, or whose it is. */
  readonly unsent?: true;
}

/**
 * Why somebody has to sign in, of a failure that says so. `notSignedIn`: there is no token, so no request left; `refused`: the
 * service refused the one that was sent, which has expired or was withdrawn; `failed`, `providerAway`: signing in did not work.
 */
export type SignInTrouble = 'notSignedIn' | 'refused' | 'failed' | 'providerAway';

export function signInTrouble({ status, code }: Pick<Failure, 'status' | 'code'>): SignInTrouble {
  // The service answered, so a token was sent, whatever code it gave.
  if (status !== undefined) return 'refused';
  if (code === 'SignInFailed') return 'failed';
  return code === 'SignInAway' ? 'providerAway' : 'notSignedIn';
}

/** Whether a service refused the sign-in that was sent with a request; a page for people is not the service's. */
export function isSignInRefused(failure: Failure): boolean {
  const { reason, detail } = failure;
  return reason === 'signInNeeded' && signInTrouble(failure) === 'refused' && detail?.code !== 'webPage';
}

/** What such a failure leads to: another attempt, a wait for a sign-in or for the person who asked, or the end. */
export function afterFailure(failure: Failure): 'tryAgain' | 'signIn' | 'person' | 'end' {
  switch (failure.reason) {
    case 'signInNeeded':
      return 'signIn';
    case 'otherPerson':
      return 'person';
    case 'refused':
      // The service did not say who the person is; it has not refused the change.
      return failure.unsent ? 'tryAgain' : 'end';
    case 'gaveUp':
    case 'connectionChanged':
    case 'keyExpired':
      return 'end';
    case 'notConfigured':
    case 'kindUnknown':
    case 'permissionMissing':
    case 'keptOut':
    case 'noAnswer':
    case 'timedOut':
    case 'redirected':
    case 'unreadable':
    case 'tooLarge':
    case 'busy':
    case 'serverError':
    case 'wrongContract':
    case 'interrupted':
      return 'tryAgain';
  }
}

const NO_EFFECT: readonly FailureReason[] = [
  'notConfigured',
  'kindUnknown',
  'permissionMissing',
  'keptOut',
  'busy',
  'signInNeeded',
  'otherPerson',
  'refused',
  'wrongContract',
];

/** Whether an attempt with such a failure may have taken effect: its answer was lost, or does not say. */
export function effectPossible(failure: Failure): boolean {
  return !failure.unsent && !NO_EFFECT.includes(failure.reason);
}

const PROVIDERS_CODES = ['SignInFailed', 'SignInAway', 'IdentityProviderAway'];

/** Whether it is the identity provider that did not do its part, and not the backend. */
export function isProvidersFailure({ code }: Failure): boolean {
  return code !== undefined && PROVIDERS_CODES.includes(code);
}
