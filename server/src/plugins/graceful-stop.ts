import { EventEmitter, once, setMaxListeners } from 'node:events';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Refusal } from '../refusal';
import type { TimeLimits } from './time-limits';

/** The part of the time in which what is to be kept must be committed; in the rest callers are refused with a word that it is not. */
const COMMIT_SHARE = 0.9;
const RETRY_AFTER_SECONDS = '5';

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the service stops and nothing more is to be committed. */
    stopping: AbortSignal;
  }
}

/**
 * Lets the service stop without cutting anyone off. The function returned refuses new requests with 503, and those whose body has not
 * come within `restArrivesWithinMs`; it waits until the others under way are answered (at most `finishWithinMs`), then stops listening.
 */
export function addGracefulStop(
  app: FastifyInstance,
  { finishWithinMs, restArrivesWithinMs }: TimeLimits,
): () => Promise<void> {
  const underWay = new Set<FastifyReply>();
  const requests = new EventEmitter();
  let stopping = false;
  const lastCall = new AbortController();
  // Every change under way listens: Node (20) would print from eleven on that this looks like a leak.
  setMaxListeners(0, lastCall.signal);
  app.decorate('stopping', lastCall.signal);

  app.addHook('onRequest', async (_request, reply) => {
    underWay.add(reply);
    // `close` comes after the last byte and also when the caller went away before its answer.
    reply.raw.once('close', () => {
      underWay.delete(reply);
      if (underWay.size === 0) requests.emit('finished');
    });
    if (stopping) throw refusal();
  });

  function refuseWhatHasNotCome(): void {
    for (const reply of underWay) {
      // Nothing has been done for it: that begins once the whole body is there.
      if (reply.request.raw.complete === false && !reply.sent) reply.send(refusal());
    }
  }

  return async () => {
    stopping = true;
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
  };
}

function refusal(): Refusal {
  return new Refusal('Stopping', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS, connection: 'close' },
  });
}
