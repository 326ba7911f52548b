import type { FastifyInstance } from 'fastify';

/** Writes one line for each answer: what was asked by whom, how it ended, and how long it took in milliseconds. */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        path: request.url.split('?')[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        principalId: request.signedIn?.principalId,
      },
      'Answered',
    );
  });
}
