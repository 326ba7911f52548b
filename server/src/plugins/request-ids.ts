import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export const REQUEST_ID_HEADER = 'x-request-id';

/** Makes a request's id. A caller's own is not taken over: the id is what our log can be searched by. */
export function newRequestId(): string {
  return randomUUID();
}

/** Puts the request's id on every answer. */
export function addRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header(REQUEST_ID_HEADER, request.id);
  });
}
