import type { ServerOptions } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** How long the other side may take over its part, in milliseconds. */
export interface TimeLimits {
  /** For a request to arrive, to the last byte of its body, from its first one or from the connection's beginning. */
  readonly arriveWithinMs: number;
  /** For an answer to be taken, from its first byte. */
  readonly takenWithinMs: number;
}

export const TIME_LIMITS: TimeLimits = { arriveWithinMs: 30_000, takenWithinMs: 60_000 };

/** How late a request that did not arrive may be noticed; Node 20 looks every 30 seconds unless told otherwise. */
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
  app.addHook('onSend', async (_request, { raw }) => {
    const limit = setTimeout(() => raw.destroy(), takenWithinMs);
    raw.once('close', () => clearTimeout(limit));
  });
}
