import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import type { Database } from './database/database';
import { areMailsLate } from './mail/pulse';
import { unavailable } from './refusal';
import type { ServiceParts } from './service';

export const CONTRACT_VERSION = 1;
/** Less than the five seconds that probes commonly wait. */
const ANSWER_WITHIN_MS = 3000;

/**
 * Says that the service can do its work, without sign-in; and what of it does not go on, where some does not. However many ask,
 * nobody is refused, which would fail a probe: they share one question to the database at a time.
 */
export function healthRoutes(scope: FastifyInstance, { database, mailPulse }: ServiceParts): void {
  let asking: Promise<boolean> | null = null;
  const answers = () => {
    asking ??= answersInTime(database).finally(() => {
      asking = null;
    });
    return asking;
  };

  scope.get('/health', { config: { countedFor: 'nobody' } }, async () => {
    const busy = isBusy(database);
    if (!busy && !(await answers())) throw unavailable();
    return {
      status: 'ok',
      contract: CONTRACT_VERSION,
      ...(busy && { database: 'busy' }),
      ...(mailPulse && areMailsLate(mailPulse) && { mails: 'late' }),
    };
  });
}

/** An embedded database lives as long as this process does: while others use its one connection there is nothing to ask it. */
function isBusy({ embedded, connections }: Database): boolean {
  const { open, idle } = connections();
  return embedded && open > idle;
}

async function answersInTime({ db }: Database): Promise<boolean> {
  const asked = sql`select 1`.execute(db).then(() => true);
  return Promise.race([asked, wait(ANSWER_WITHIN_MS, false, { ref: false })]);
}
