import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What the paths of the contract begin with. */
export const BASE_PATH = '/v1';
/** Where the partner's page is; what belongs to it is below. */
export const PARTNER_PATH = '/partner';

declare module 'fastify' {
  interface FastifyInstance {
    publicUrl: string | null;
  }
}

/** Sets how callers reach the service when that is another address than their requests arrive with; null when it is not. */
export function setPublicUrl(app: FastifyInstance, publicUrl: string | null): void {
  app.decorate('publicUrl', publicUrl);
}

/** The path that a proxy takes off before it hands a request on, without a slash at the end; '' when there is none. */
export function publicPathOf({ publicUrl }: FastifyInstance): string {
  return publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, '');
}

/**
 * Where the caller of a request reaches the service, for what the answer names: the origin, and the path that a proxy takes
 * off; without a slash at the end.
 */
export function publicAddressOf(request: FastifyRequest): string {
  return request.server.publicUrl ?? `${request.protocol}://${request.host}`;
}

/** The request's own address as its caller sees it. Of what the request names only path and query count, whatever host it names. */
export function publicUrlOf(request: FastifyRequest): URL {
  const { pathname, search } = new URL(request.url, 'http://any.invalid');
  return new URL(`${publicAddressOf(request)}${pathname}${search}`);
}
