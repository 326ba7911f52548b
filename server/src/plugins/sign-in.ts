import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal';
import type { SignedIn } from '../tokens';

declare module 'fastify' {
  interface FastifyRequest {
    signedIn: SignedIn | null;
  }
}

/** Finds whose a bearer token is; null when it is nobody's. */
export type Authenticate = (token: string) => Promise<SignedIn | null>;

const BEARER = /^Bearer +(\S+) *$/i;

/** Requires a valid bearer token for every route declared in the scope, before anything else of the request is looked at. */
export function requireSignIn(scope: FastifyInstance, authenticate: Authenticate): void {
  scope.decorateRequest('signedIn', null);
  scope.addHook('onRequest', async (request) => {
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    const signedIn = token === undefined ? null : await authenticate(token);
    if (signedIn === null) {
      throw new Refusal('SignInRequired', token === undefined ? 'Sign in first.' : 'The access token is not valid.', {
        target: 'Authorization',
        headers: { 'www-authenticate': 'Bearer' },
      });
    }
    request.signedIn = signedIn;
  });
}

/** The caller of a request to a route behind {@link requireSignIn}. */
export function callerOf(request: FastifyRequest): SignedIn {
  if (request.signedIn === null) throw new Error('This route is not behind sign-in.');
  return request.signedIn;
}
