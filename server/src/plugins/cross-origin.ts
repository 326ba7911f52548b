import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { REQUEST_ID_HEADER } from './request-ids';

const REMEMBER_SECONDS = 600;

/** Lets the pages of those origins call the service from a browser. Without any there are no CORS headers at all. */
export function addCrossOrigin(app: FastifyInstance, allowedOrigins: readonly string[]): void {
  if (allowedOrigins.length === 0) return;
  app.register(cors, {
    delegator: (request: FastifyRequest, done: (error: null, options: FastifyCorsOptions) => void) => {
      const { origin } = request.headers;
      done(null, {
        origin: origin !== undefined && allowedOrigins.includes(origin) ? origin : false,
        methods: ['GET', 'HEAD', 'PUT', 'DELETE'],
        allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'if-none-match'],
        exposedHeaders: ['etag', 'retry-after', REQUEST_ID_HEADER],
        maxAge: REMEMBER_SECONDS,
        strictPreflight: false,
      });
    },
  });
}
