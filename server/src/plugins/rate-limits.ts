import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';
import { countedWindows } from './counted-windows';
import { goodTokens } from './good-tokens';
import { countedAddress } from './peer-address';
import { bearerOf } from '../callers/sign-in';

/** How many requests are answered in a minute; 0 is without limit. Each process counts for itself. */
export interface RateLimits {
  /** Of one caller, from whatever addresses. */
  readonly perCaller: number;
  /** From one address, of those that nobody signed in with. */
  readonly perAddress: number;
}

/** For whom a request counts, as far as it has come. */
type Counted =
  | { readonly kind: 'address'; readonly giveBack: () => void }
  | { readonly kind: 'caller'; readonly principalId: string };

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whose limit holds for the route: its caller's, or none at all. Not set: that of the address it is called from. */
    countedFor?: 'caller' | 'nobody';
  }
  interface FastifyRequest {
    counted: Counted | null;
  }
}

const WINDOW_MS = 60_000;
/** Of addresses and of tokens, so that memory stays bounded however many there are: some 15 MB each. (Callers: the library's 5,000.) */
const MOST_KEPT = 50_000;
const GOOD_FOR_MS = 10 * 60_000;

type AddressCount = { readonly giveBack: () => void } | Refusal;

/** Counts what comes from an address; answers with the refusal once there was too much. */
export interface AddressLimit {
  countRequest(request: IncomingMessage): AddressCount;
  /** What could not be read as a request. A proxy's is not counted: on whose behalf it came stood in what could not be read. */
  countUnreadable(socket: Socket): AddressCount;
}

const UNCOUNTED = { giveBack: () => undefined };

/**
 * A limit for each address that looks before anything else of a request is looked at, which `@fastify/rate-limit` cannot: it has no
 * way to take a request back from the count, and until a token is checked nobody can say whether the request is one to count.
 * @param isProxy whether an address is one whose `X-Forwarded-For` is believed
 */
export function limitByAddress(perAddress: number, isProxy: (address: string) => boolean): AddressLimit {
  if (perAddress === 0) return { countRequest: () => UNCOUNTED, countUnreadable: () => UNCOUNTED };
  const take = countedWindows(perAddress, WINDOW_MS, MOST_KEPT, monotonic);

  function count(address: string | null): AddressCount {
    const taken = take(address ?? '');
    return taken.kind === 'tooMany' ? tooMany(taken.seconds) : taken;
  }

  return {
    // What is no address is counted for whoever handed it on.
    countRequest: (request) =>
      count(countedAddress(proxyAddress(request, isProxy)) ?? countedAddress(request.socket.remoteAddress ?? '')),
    countUnreadable: ({ remoteAddress = '' }) =>
      isProxy(remoteAddress) ? UNCOUNTED : count(countedAddress(remoteAddress)),
  };
}

/**
 * Answers 429 with `Retry-After` to who asks too much. Callers are counted by who they are, so that many behind one address
 * do not stand in each other's way; whatever nobody is signed in with is counted by address. An address over its limit is refused
 * unchecked, but for tokens found good in the last ten minutes.
 */
export function addRateLimits(app: FastifyInstance, perCaller: number, ofAddress: AddressLimit): void {
  const good = goodTokens(GOOD_FOR_MS, MOST_KEPT, monotonic);
  app.decorateRequest('counted', null);
  app.register(rateLimit, { global: false, timeWindow: WINDOW_MS });

  app.after(() => {
    const countForCaller =
      perCaller === 0
        ? null
        : app.createRateLimit({
            max: perCaller,
            keyGenerator: ({ counted }) => (counted?.kind === 'caller' ? counted.principalId : ''),
          });

    /** Throws the refusal of a caller who has asked too much. */
    async function count(request: FastifyRequest, principalId: string): Promise<void> {
      request.counted = { kind: 'caller', principalId };
      const result = await countForCaller?.(request);
      if (result && !result.isAllowed && result.isExceeded) throw tooMany(result.ttlInSeconds);
    }

    app.addHook('onRequest', async (request) => {
      const { countedFor } = request.routeOptions.config ?? {};
      if (countedFor === 'nobody') return;
      const token = countedFor === 'caller' ? bearerOf(request) : null;
      const knownCaller = token === null ? null : good.callerOf(token);
      if (knownCaller !== null) return count(request, knownCaller);
      const counted = ofAddress.countRequest(request.raw);
      if (counted instanceof Refusal) throw counted;
      request.counted = { kind: 'address', giveBack: counted.giveBack };
    });
    // Comes after every route's sign-in, and before anything is read or written for the caller.
    app.addHook('preParsing', async (request) => {
      const token = bearerOf(request);
      if (!request.signedIn || token === null) return;
      good.add(token, request.signedIn.principalId);
      if (request.counted?.kind !== 'address') return;
      request.counted.giveBack();
      await count(request, request.signedIn.principalId);
    });
    app.addHook('onSend', async (request, reply) => {
      // A token that was good and is not any more.
      if (reply.statusCode !== 401 || request.counted?.kind !== 'caller') return;
      const token = bearerOf(request);
      if (token !== null) good.forget(token);
      ofAddress.countRequest(request.raw);
    });
  });
}

const monotonic = () => performance.now();

function tooMany(seconds: number): Refusal {
  return new Refusal('TooManyRequests', {
    sentence: REFUSALS.TooManyRequests.because.seconds(seconds),
    headers: { 'retry-after': String(seconds) },
  });
}
