import { EventEmitter, once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal';

const FINISH_WITHIN_MS = 10_000;
const RETRY_AFTER_SECONDS = '5';

/**
 * Lets the service stop without cutting anyone off. The function returned refuses new requests with 503, waits until those
 * under way are answered (at most 10 s), then stops listening.
 */
export function addGracefulStop(app: FastifyInstance): () => Promise<void> {
  const underWay = new Set<object>();
  const requests = new EventEmitter();
  let stopping = false;

  app.addHook('onRequest', async (_request, reply) => {
    const answer = reply.raw;
    underWay.add(answer);
    // `close` comes after the last byte and also when the caller went away before its answer.
    answer.once('close', () => {
      underWay.delete(answer);
      if (underWay.size === 0) requests.emit('finished');
    });
    if (stopping) {
      throw new Refusal('Stopping', 'The service is stopping. Try again shortly.', {
        headers: { 'retry-after': RETRY_AFTER_SECONDS, connection: 'close' },
      });
    }
  });

  return async () => {
    stopping = true;
    if (underWay.size > 0) {
      const deadline = setTimeout(() => requests.emit('finished'), FINISH_WITHIN_MS);
      await once(requests, 'finished');
      clearTimeout(deadline);
    }
    await app.close();
  };
}
