import { EventEmitter, once, setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { stopping } from '../refusal';
import { whenOver } from './over';
import type { TimeLimits } from './time-limits';

/** The part of the time in which what is to be kept must be committed; in the rest callers are refused with a word that it is not. */
const COMMIT_SHARE = 0.9;

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the service is told to stop: it answers for a while yet, and by then callers are to have gone elsewhere. */
    toldToStop: AbortSignal;
    /** Aborted when the service stops and nothing more is to be committed. */
    stopping: AbortSignal;
  }
}

/** How a service comes to its end. */
export interface GracefulStop {
  /** Says in `/health` that it stops, and goes on answering everything else for so long. */
  readonly giveNotice: (ms: number) => Promise<void>;
  /** Answers what is under way, then stops listening. The database stays open. */
  readonly stop: () => Promise<void>;
}

/**
 * Lets the service stop without cutting anyone off. `giveNotice` goes on answering, each answer the last one of its connection. `stop`
 * refuses new requests with 503, and those whose body has not come within `restArrivesWithinMs`; it waits until the others under way
 * are answered (at most `finishWithinMs`), then stops listening.
 */
export function addGracefulStop(
  app: FastifyInstance,
  { finishWithinMs, restArrivesWithinMs }: TimeLimits,
): GracefulStop {
  const underWay = new Set<FastifyReply>();
  const requests = new EventEmitter();
  let refusesAll = false;
  const told = new AbortController();
  app.decorate('toldToStop', told.signal);
  const lastCall = new AbortController();
  // Every change under way listens: Node (20) would print from eleven on that this looks like a leak.
  setMaxListeners(0, lastCall.signal);
  app.decorate('stopping', lastCall.signal);

  app.addHook('onRequest', async (_request, reply) => {
    underWay.add(reply);
    whenOver(reply, () => {
      underWay.delete(reply);
      if (underWay.size === 0) requests.emit('finished');
    });
    if (refusesAll) throw stopping();
  });
  // Whoever keeps the connection would send the next request by it just when it ends.
  app.addHook('onSend', async (_request, reply) => {
    if (told.signal.aborted) reply.header('connection', 'close');
  });

  function refuseWhatHasNotCome(): void {
    for (const reply of underWay) {
      // Nothing has been done for it: that begins once the whole body is there.
      if (reply.request.raw.complete === false && !reply.sent) reply.send(stopping());
    }
  }

  async function giveNotice(ms: number): Promise<void> {
    told.abort();
    await wait(ms);
  }

  async function stop(): Promise<void> {
    told.abort();
    refusesAll = true;
    if (underWay.size > 0) {
      const arrival = setTimeout(refuseWhatHasNotCome, restArrivesWithinMs);
      const call = setTimeout(() => lastCall.abort(), finishWithinMs * COMMIT_SHARE);
      const deadline = setTimeout(() => requests.emit('finished'), finishWithinMs);
      await once(requests, 'finished');
      clearTimeout(arrival);
      clearTimeout(call);
      clearTimeout(deadline);
    }
    lastCall.abort();
    await app.close();
  }

  return { giveNotice, stop };
}
