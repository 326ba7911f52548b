import type { FastifyInstance } from 'fastify';
import { callerOf } from '../plugins/sign-in';

/** Says who is signed in. */
export function meRoutes(scope: FastifyInstance): void {
  scope.get('/me', async (request) => {
    const { name, principalId, organization, partnerId } = callerOf(request);
    return { name, principalId, organization, ...(partnerId !== null && { partnerId }) };
  });
}
