import * as oauth from 'oauth4webapi';
import { BackendError } from '../backends/backend';
import { shortened } from '../backends/http';
import type { Failure } from '../domain/failure';
import { describe } from '../platform/log';

/**
 * What a failed attempt means for the person who is signed in. `no`: the provider lets nobody through until the person signs in;
 * `cancelled`: the person closed the window; `later`: nobody said no, so the tokens stay and we try again.
 */
export type Verdict = 'no' | 'cancelled' | 'later';

/** The browser came back from the provider without an answer of it; the message is the browser's. */
export class NotLetThrough extends Error {}

/** The provider let somebody through who is not the person that was signed in, or did not say who it is. */
export class AnotherPerson extends Error {}

/** This computer's clock is so many milliseconds ahead of the provider's that nobody signs in; negative: behind. */
export class ClockOff extends Error {
  constructor(readonly aheadMs: number) {
    super(`The clock is ${aheadMs} ms ahead`);
  }
}

/** A provider's own codes that are a no (RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core, 3.1.2.6; OpenID Connect Unmet Authentication Requirements 1.0). */
const SAID: ReadonlyMap<string, Verdict> = new Map([
  ['login_required', 'no'],
  ['interaction_required', 'no'],
  ['consent_required', 'no'],
  ['account_selection_required', 'no'],
  ['unmet_authentication_requirements', 'no'],
  ['invalid_grant', 'no'],
  ['access_denied', 'cancelled'],
]);

/** What browsers say when their window came back without an answer, by how it begins. */
const BROWSERS_SAY: readonly (readonly [beginning: string, Verdict])[] = [
  // Chromium's `identity_constants.h`; its others are about pages that could not be loaded, in time or at all.
  ['User interaction required.', 'no'],
  ['The user did not approve access.', 'cancelled'],
  // Firefox's `ext-identity.js`; its other, “Invalid request”, is a page that could not be loaded.
  ['Requires user interaction', 'no'],
  ['User cancelled or denied access', 'cancelled'],
];

/** What the cause means. Its words decide, not who threw it. */
export function verdictOf(cause: unknown): Verdict {
  if (cause instanceof AnotherPerson) return 'no';
  if (cause instanceof NotLetThrough) {
    return BROWSERS_SAY.find(([beginning]) => cause.message.startsWith(beginning))?.[1] ?? 'later';
  }
  if (cause instanceof oauth.AuthorizationResponseError) return SAID.get(cause.error) ?? 'later';
  if (cause instanceof oauth.ResponseBodyError) {
    return isBusy(cause) ? 'later' : (SAID.get(cause.error) ?? 'later');
  }
  return 'later';
}

/** Codes by which a provider says that it can't answer now. */
const UNABLE: readonly string[] = ['temporarily_unavailable', 'server_error'];
/** The library's names for an answer that nobody can read, such as a proxy's page. */
const UNREADABLE: readonly unknown[] = [oauth.RESPONSE_IS_NOT_JSON, oauth.RESPONSE_IS_NOT_CONFORM, oauth.PARSE_ERROR];

/** Whether the provider gave no meaningful answer at all, rather than an answer with something wrong in it. */
export function isAway(cause: unknown): boolean {
  if (verdictOf(cause) !== 'later') return false;
  if (cause instanceof oauth.AuthorizationResponseError) return UNABLE.includes(cause.error);
  if (cause instanceof oauth.ResponseBodyError) return isBusy(cause) || UNABLE.includes(cause.error);
  return !(cause instanceof oauth.OperationProcessingError) || UNREADABLE.includes(cause.code);
}

function isBusy({ status }: oauth.ResponseBodyError): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The provider's own words about what went wrong; null when it had none. */
export function wordsOf(cause: unknown): string | null {
  return cause instanceof oauth.AuthorizationResponseError || cause instanceof oauth.ResponseBodyError
    ? shortened(cause.error_description ?? cause.error)
    : null;
}

/** The same for a developer: whatever words there are. */
export function why(cause: unknown): string {
  return wordsOf(cause) ?? describe(cause);
}

/** Why signing in did not work, for whoever is asked to sign in. */
export function failureOfSignIn(cause: unknown): Failure {
  if (cause instanceof ClockOff) {
    const detail = { code: 'clockOff', aheadMs: cause.aheadMs } as const;
    return { reason: 'signInNeeded', code: 'SignInFailed', detail };
  }
  return { reason: 'signInNeeded', code: isAway(cause) ? 'SignInAway' : 'SignInFailed', ...saidBy(cause) };
}

/** That no token could be had, though nobody said no. @param clean takes the tokens out of the provider's words, which may repeat them */
export function gaveNoToken(cause: unknown, clean: (words: string) => string): BackendError {
  const said = wordsOf(cause);
  return new BackendError(
    { reason: 'noAnswer', code: 'IdentityProviderAway', ...(said !== null && { said: clean(said) }) },
    { cause },
  );
}

/** The part that a person sees: the provider's own words, as a quotation; words of anybody else are for support. */
function saidBy(cause: unknown): Pick<Failure, 'said' | 'detail'> {
  const said = wordsOf(cause);
  return said === null ? { detail: { code: 'technical', words: shortened(describe(cause)) } } : { said };
}
