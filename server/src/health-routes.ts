import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { answers } from './database/away';
import type { Database } from './database/database';
import { areMailsLate, type MailPulse } from './mail/pulse';
import { stopping, unavailable } from './refusal';

export const CONTRACT_VERSION = 1;
/** What is asked how it goes. */
interface Watched {
  readonly database: Database;
  /** Without it nothing is said of mails. */
  readonly mailPulse?: MailPulse;
}

/** Less than the five seconds that probes commonly wait. */
const ANSWER_WITHIN_MS = 3000;

/**
 * Says that the service can do its work, without sign-in; and what of it does not go on, where some does not. However many ask,
 * nobody is refused, which would fail a probe: they share one question to the database at a time.
 */
export function healthRoutes(scope: FastifyInstance, { database, mailPulse }: Watched): void {
  let asking: Promise<boolean> | null = null;
  const answersNow = () => {
    asking ??= answersInTime(database).finally(() => {
      asking = null;
    });
    return asking;
  };

  scope.get('/health', { config: { countedFor: 'nobody' } }, async () => {
    // Also while others are still answered, so that a balancer sends nobody any more before nobody is.
    if (scope.toldToStop.aborted) throw stopping();
    const busy = isBusy(database);
    if (!busy && !(await answersNow())) throw unavailable();
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
  const asked = answers(db).then(() => true);
  return Promise.race([asked, wait(ANSWER_WITHIN_MS, false, { ref: false })]);
}
