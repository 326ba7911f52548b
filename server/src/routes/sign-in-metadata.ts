import type { FastifyInstance } from 'fastify';
import type { IdentityProvider } from '../identity-provider';
import { originOf } from '../plugins/public-origin';

/** Tells clients whose access tokens are taken, and what to ask for (RFC 9728), without sign-in. */
export function signInMetadataRoutes(
  app: FastifyInstance,
  basePath: string,
  { configuration }: IdentityProvider,
): void {
  app.get(`/.well-known/oauth-protected-resource${basePath}`, async (request) => ({
    resource: `${originOf(request)}${basePath}`,
    authorization_servers: [configuration.issuer],
    ...(configuration.scopes !== null && { scopes_supported: configuration.scopes }),
    bearer_methods_supported: ['header'],
  }));
}
