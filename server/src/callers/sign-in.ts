import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';
import type { SignedIn } from './signed-in';

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: SignedIn | null;
  }
}

/** Finds whose a bearer token is; null when it is nobody's. Throws a {@link Refusal} that knows more. */
export type Authenticate = (token: string) => Promise<SignedIn | null>;

const BEARER = /^Bearer +(\S+) *$/i;

/** Requires a valid bearer token for every route declared in the scope, before anything else of the request is looked at. */
export function requireSignIn(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.decorateRequest('signedIn', null);
  scope.addHook('onRoute', (route) => {
    route.config = { ...route.config, countedFor: 'caller' };
  });
  scope.addHook('onRequest', async (request) => {
    const token = bearerOf(request);
    if (token === null) {
      throw new Refusal('SignInRequired', {
        target: 'Authorization',
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    request.signedIn = await authenticate(token);
    if (request.signedIn === null) throw invalidToken(REFUSALS.SignInRequired.because.notValid);
  });
}

/** The token that a request comes with, which nobody has checked; null when it comes with none. */
export function bearerOf(request: FastifyRequest): string | null {
  return BEARER.exec(request.headers.authorization ?? '')?.[1] ?? null;
}

/** The refusal of a token that was sent, with the sentence for whoever sent it: one that stands beside its code. */
export function invalidToken(sentence: string): Refusal {
  return new Refusal('SignInRequired', {
    sentence,
    target: 'Authorization',
    headers: { 'www-authenticate': `Bearer error="invalid_token", error_description="${sentence}"` },
  });
}

/** The refusal of a token of the service's own that was good once. */
export function tokenEnded(): Refusal {
  return invalidToken(REFUSALS.SignInRequired.because.ended);
}

/** The caller of a request to a route behind {@link requireSignIn}. */
export function callerOf(request: FastifyRequest): SignedIn {
  if (request.signedIn === null) throw new Error('This route is not behind sign-in.');
  return request.signedIn;
}
