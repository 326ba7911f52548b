import type { ServerOptions } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { tooLate } from '../refusal';
import { whenOver } from './over';

/** How long each side may take over its part, in milliseconds. */
export interface TimeLimits {
  /** For a request to arrive, to the last byte of its body, from its first one or from the connection's beginning. */
  readonly arriveWithinMs: number;
  /** For an answer to be taken, from its first byte. */
  readonly takenWithinMs: number;
  /** For a change to be committed, from the request's arrival; the contract's, on which callers build. */
  readonly commitWithinMs: number;
  /** For what is under way when the service is to stop. */
  readonly finishWithinMs: number;
  /** Of that, for the rest of a request that is on the wire then. */
  readonly restArrivesWithinMs: number;
}

export const TIME_LIMITS: TimeLimits = {
  arriveWithinMs: 30_000,
  takenWithinMs: 60_000,
  commitWithinMs: 25_000,
  finishWithinMs: 10_000,
  restArrivesWithinMs: 1000,
};

/** How late a request that did not arrive may be noticed; Node 20 looks every 30 seconds unless set otherwise. */
const LOOK_EVERY_MS = 500;

/** What the server must be made with for requests to be ended that do not arrive. */
export function arrivalOptions({ arriveWithinMs }: TimeLimits): { requestTimeout: number; http: ServerOptions } {
  return {
    requestTimeout: arriveWithinMs,
    http: {
      headersTimeout: arriveWithinMs,
      requestTimeout: arriveWithinMs,
      connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, arriveWithinMs),
    },
  };
}

/** Breaks off with who does not take an answer: Node waits for as long as the connection stands. */
export function addAnswerLimit(app: FastifyInstance, { takenWithinMs }: TimeLimits): void {
  app.addHook('onSend', async (_request, reply) => {
    const limit = setTimeout(() => reply.raw.destroy(), takenWithinMs);
    whenOver(reply, () => clearTimeout(limit));
  });
}

const CHANGES = ['PUT', 'DELETE'];

/**
 * Refuses a change at its limit, or when the service stops, that has not come to its transaction by then: its body is still on the way,
 * or who sends it is not known yet. From there on the change itself keeps to the limit.
 */
export function addCommitLimit(app: FastifyInstance, { commitWithinMs }: TimeLimits): void {
  const ends = new WeakMap<FastifyRequest, () => void>();
  app.addHook('onRequest', async (request, reply) => {
    if (!CHANGES.includes(request.method)) return;
    const refuse = () => {
      end();
      if (reply.sent) return;
      // What is still to come of it nobody reads.
      if (!request.raw.complete) reply.header('connection', 'close');
      reply.send(tooLate());
    };
    const limit = setTimeout(refuse, commitWithinMs - reply.elapsedTime);
    const end = () => {
      clearTimeout(limit);
      app.stopping.removeEventListener('abort', refuse);
    };
    app.stopping.addEventListener('abort', refuse);
    whenOver(reply, end);
    ends.set(request, end);
  });
  app.addHook('preHandler', async (request) => ends.get(request)?.());
}
