import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { envelope, Refusal } from '../refusal';

/** How many requests are answered in a minute; 0 is without limit. Each process counts for itself. */
export interface RateLimits {
  /** Of one caller, from whatever addresses. */
  readonly perCaller: number;
  /** From one address, of those that nobody signed in with. */
  readonly perAddress: number;
}

const WINDOW_MS = 60_000;

/** Counts the request and returns the refusal once there were too many; null while there were not. */
type Limit = (request: FastifyRequest) => Promise<Refusal | null>;

/**
 * Answers 429 with `Retry-After` to who asks too much. Callers are counted by who they are, so that many behind one address
 * do not stand in each other's way; what comes without a valid token is counted by address.
 */
export function addRateLimits(app: FastifyInstance, { perCaller, perAddress }: RateLimits): void {
  app.register(rateLimit, { global: false, timeWindow: WINDOW_MS });
  app.after(() => {
    const ofCaller = limitOf(app, perCaller, (request) => request.signedIn?.principalId ?? '');
    const ofAddress = limitOf(app, perAddress, (request) => request.ip);

    app.addHook('onRequest', async (request) => {
      const refusal = request.headers.authorization === undefined ? await ofAddress(request) : null;
      if (refusal !== null) throw refusal;
    });
    // Comes after every route's sign-in, and before anything is read or written for the caller.
    app.addHook('preParsing', async (request) => {
      const refusal = request.signedIn ? await ofCaller(request) : null;
      if (refusal !== null) throw refusal;
    });
    app.addHook('onSend', async (request, reply, payload) => {
      const isWrongToken = reply.statusCode === 401 && request.headers.authorization !== undefined;
      const refusal = isWrongToken ? await ofAddress(request) : null;
      return refusal === null ? payload : inPlaceOf(reply, refusal);
    });
  });
}

function limitOf(app: FastifyInstance, max: number, keyGenerator: (request: FastifyRequest) => string): Limit {
  if (max === 0) return async () => null;
  const count = app.createRateLimit({ max, keyGenerator });
  return async (request) => {
    const counted = await count(request);
    return counted.isAllowed || !counted.isExceeded ? null : tooMany(counted.ttlInSeconds);
  };
}

function tooMany(seconds: number): Refusal {
  return new Refusal('TooManyRequests', `Too many requests. Try again in ${seconds} seconds.`, {
    headers: { 'retry-after': String(seconds) },
  });
}

/** The refusal's body, and its status and headers on a reply that was to be another one. */
function inPlaceOf(reply: FastifyReply, refusal: Refusal): string {
  reply.removeHeader('www-authenticate').removeHeader('content-length').code(refusal.status);
  reply.headers({ ...refusal.extras.headers });
  return JSON.stringify(envelope(refusal));
}
