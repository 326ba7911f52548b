import { EventEmitter, once } from 'node:events';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Refusal } from '../refusal';

const FINISH_WITHIN_MS = 10_000;
/** For the rest of a request that is on the wire. */
const ARRIVE_WITHIN_MS = 1000;
const RETRY_AFTER_SECONDS = '5';

/**
 * Lets the service stop without cutting anyone off. The function returned refuses new requests with 503, and after a second those
 * whose body has not come; it waits until the others under way are answered (at most 10 s), then stops listening.
 */
export function addGracefulStop(app: FastifyInstance): () => Promise<void> {
  const underWay = new Set<FastifyReply>();
  const requests = new EventEmitter();
  let stopping = false;

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
      const arrival = setTimeout(refuseWhatHasNotCome, ARRIVE_WITHIN_MS);
      const deadline = setTimeout(() => requests.emit('finished'), FINISH_WITHIN_MS);
      await once(requests, 'finished');
      clearTimeout(arrival);
      clearTimeout(deadline);
    }
    await app.close();
  };
}

function refusal(): Refusal {
  return new Refusal('Stopping', 'The service is stopping. Try again shortly.', {
    headers: { 'retry-after': RETRY_AFTER_SECONDS, connection: 'close' },
  });
}
