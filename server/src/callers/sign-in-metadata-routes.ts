import type { FastifyInstance } from 'fastify';
import type { IdentityProvider } from './identity-provider';
import { BASE_PATH, publicAddressOf, publicPathOf } from '../plugins/public-address';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Answers clients whose access tokens are taken, and what to ask for (RFC 9728), without sign-in. Its address has the path that a
 * proxy takes off in its middle, where the proxy leaves it: it is answered with that and without.
 */
export function signInMetadataRoutes(app: FastifyInstance, { configuration }: IdentityProvider): void {
  for (const path of new Set([BASE_PATH, `${publicPathOf(app)}${BASE_PATH}`])) {
    app.get(`${WELL_KNOWN}${path}`, async (request) => ({
      resource: `${publicAddressOf(request)}${BASE_PATH}`,
      authorization_servers: [configuration.issuer],
      ...(configuration.scopes !== null && { scopes_supported: configuration.scopes }),
      bearer_methods_supported: ['header'],
    }));
  }
}
