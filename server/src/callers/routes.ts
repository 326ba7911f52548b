import type { FastifyInstance } from 'fastify';
import { callerOf } from './sign-in';

/** Says who is signed in, and whom they can ask; `support` null: nobody is named. */
export function meRoutes(scope: FastifyInstance, support: string | null): void {
  scope.get('/me', async (request) => {
    const { name, principalId, organization, partnerId } = callerOf(request);
    return {
      name,
      principalId,
      organization,
      ...(support !== null && { support }),
      ...(partnerId !== null && { partnerId }),
    };
  });
}
