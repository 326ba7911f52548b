import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { ServiceParts } from '../service';

export const CONTRACT_VERSION = 1;

/** Says that the service can do its work, without sign-in. */
export function healthRoutes(scope: FastifyInstance, { database }: ServiceParts): void {
  scope.get('/health', async () => {
    await sql`select 1`.execute(database.db);
    return { status: 'ok', contract: CONTRACT_VERSION };
  });
}
