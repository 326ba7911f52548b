import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { shortened } from '../backends/http';
import type { Failure } from '../domain/failure';
import { failureOfSignIn, isAway, NotLetThrough, type Verdict, verdictOf } from './sign-in-errors';

/** A personal Microsoft account came back where no tenant was named: it is of none that has an Azure of its own. */
export class PersonalAccount extends Error {}

/** Why nobody is asked: the person has to sign in first, as an earlier attempt showed. */
export class NeedsPerson extends Error {
  constructor(readonly failure: Failure) {
    super('The person has to sign in first');
  }
}

/** What Entra says of a refusal besides what OAuth has words for. */
interface Refusal {
  /** The number in “AADSTS50076”: what Microsoft's list of error codes calls the reason. */
  readonly number: number;
  readonly said: string;
  /** Microsoft's support finds the request by it. */
  readonly correlationId: string | null;
}

const textOrNull = v.optional(v.fallback(v.nullable(v.string()), null), null);
/** What the token endpoint says. Entra's page says the same in words alone. */
const bodySchema = v.object({
  error_codes: v.optional(v.fallback(v.array(v.number()), []), []),
  correlation_id: textOrNull,
  claims: textOrNull,
});
type Body = v.InferOutput<typeof bodySchema>;

/** Numbers that say that Entra can't answer now, or was asked too often (Microsoft, “Authentication and authorization error codes”). */
const UNABLE: readonly number[] = [50033, 50087, 50196, 90006, 90012, 90024, 90033, 90055, 90090, 90091];
/** Numbers that say that a refresh token is good for no tenant any more. */
const ENDED: readonly number[] = [50089, 50132, 50133, 50173, 70000, 70008, 700082, 700084];

/**
 * What the cause means. Entra refuses in more words than OAuth has, and where it gives a reason, asking again brings the same: only the
 * person, or an administrator, gets any further.
 */
export function entraVerdict(cause: unknown): Verdict {
  if (cause instanceof PersonalAccount || cause instanceof NeedsPerson) return 'no';
  const refusal = refusalIn(cause);
  if (refusal === null) return verdictOf(cause);
  return isAway(cause) || UNABLE.includes(refusal.number) ? 'later' : 'no';
}

/** Whether the refresh token is good for nothing any more, whatever the tenant. */
export function isTokenEnded(cause: unknown): boolean {
  return ENDED.includes(refusalIn(cause)?.number ?? 0);
}

/** Whether Entra's page does not know the person, so that it would say the same in every tenant. */
export function isUnknownToPage(cause: unknown): boolean {
  return cause instanceof oauth.AuthorizationResponseError && cause.error === 'login_required';
}

/** The claims that the person has to prove at Entra's page, as JSON; null where the refusal names none. */
export function claimsDemanded(cause: unknown): string | null {
  return cause instanceof oauth.ResponseBodyError ? bodyOf(cause).claims : null;
}

/** Why signing in did not work, for whoever is asked to sign in. @param clean takes tokens out of what Entra said */
export function failureOfEntra(cause: unknown, clean: (words: string) => string): Failure {
  if (cause instanceof NeedsPerson) return cause.failure;
  const failed = { reason: 'signInNeeded', code: 'SignInFailed' } as const;
  if (cause instanceof PersonalAccount) return { ...failed, detail: { code: 'personalAccount' } };
  // The browser's no is about a page that nobody saw, and has no words for people.
  if (cause instanceof NotLetThrough && verdictOf(cause) === 'no') return { reason: 'signInNeeded' };
  const refusal = refusalIn(cause);
  if (refusal === null || entraVerdict(cause) === 'later') return failureOfSignIn(cause);
  const { number, said, correlationId } = refusal;
  return {
    ...failed,
    detail: { code: 'entra', number },
    said: shortened(clean(said)),
    ...(correlationId !== null && { requestId: shortened(clean(correlationId)) }),
  };
}

type ProvidersError = oauth.ResponseBodyError | oauth.AuthorizationResponseError;

function isProviders(cause: unknown): cause is ProvidersError {
  return cause instanceof oauth.ResponseBodyError || cause instanceof oauth.AuthorizationResponseError;
}

function refusalIn(cause: unknown): Refusal | null {
  if (!isProviders(cause)) return null;
  const words = cause.error_description ?? '';
  const [, named, said = ''] = /\bAADSTS(\d{1,9})\b[\s:]*(.*?)\s*(?:Trace ID:.*)?$/is.exec(words) ?? [];
  const body = cause instanceof oauth.ResponseBodyError ? bodyOf(cause) : null;
  const number = body?.error_codes[0] ?? (named === undefined ? null : Number(named));
  if (number === null) return null;
  const correlationId = body?.correlation_id ?? /Correlation ID: ([\w-]+)/.exec(words)?.[1] ?? null;
  return { number, said: named === undefined ? words : said, correlationId };
}

function bodyOf({ cause }: oauth.ResponseBodyError): Body {
  return v.parse(bodySchema, cause);
}
