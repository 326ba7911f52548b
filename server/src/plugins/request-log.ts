import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Writes one line for each answer: what was asked by whom, how it ended, and how long it took in milliseconds. */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        path: request.url.split('?')[0],
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        principalId: whoAsked(request),
      },
      'Answered',
    );
  });
}

/** Also of who is refused for asking too much, before the token is checked that was good of late. */
function whoAsked({ signedIn, counted }: FastifyRequest): string | undefined {
  return signedIn?.principalId ?? (counted?.kind === 'caller' ? counted.principalId : undefined);
}
