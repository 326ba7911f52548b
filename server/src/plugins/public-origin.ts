import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    publicOrigin: string | null;
  }
}

/** Sets how callers reach the service when that is another address than their requests arrive with; null when it is not. */
export function setPublicOrigin(app: FastifyInstance, publicOrigin: string | null): void {
  app.decorate('publicOrigin', publicOrigin);
}

/** The origin that the caller of a request uses, for links in the answer. */
export function originOf(request: FastifyRequest): string {
  return request.server.publicOrigin ?? `${request.protocol}://${request.host}`;
}
