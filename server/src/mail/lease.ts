import type { FastifyBaseLogger } from 'fastify';
import type { Database } from '../database/database';
import { logged } from '../errors-in-the-log';
import { MAIL_CLOCK, type MailClock } from './clock';
import { type ClaimedMail, renewLease } from './mails-repository';
import type { MailPulse } from './pulse';

/** How long nobody else takes a mail up that somebody has in hand. */
export const LEASE_SECONDS = 60;
const RENEW_EVERY_MS = 15_000;
const TRY_AGAIN_EVERY_MS = 5000;
/** Long before the lease ends: by then no part of the mail is on its way any more. */
const RENEWED_WITHIN_MS = 45_000;

interface LeaseParts {
  readonly database: Database;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly pulse?: MailPulse;
  readonly clock?: MailClock;
}

/** A mail that was taken in hand, and when the database was asked for it, by the clock of this process. */
export interface TakenMail {
  readonly mail: ClaimedMail;
  readonly askedAt: number;
}

/** A mail that is kept in hand. */
export interface KeptLease {
  /** Whether it was renewed so lately that nobody else can have taken the mail up. A process that was stopped for a while may not know yet. */
  readonly isHeld: () => boolean;
  /** Resolves once nothing is at work on it any more. */
  readonly ended: Promise<void>;
}

/**
 * Keeps a mail in hand while a slow mail server is waited for, until `over` is aborted. Calls `lose` when the lease was not
 * renewed for 45 s, and goes on trying then; and when somebody else has taken the mail up.
 */
export function keepLease(
  parts: LeaseParts,
  { mail, askedAt }: TakenMail,
  lose: () => void,
  over: AbortSignal,
): KeptLease {
  const { clock = MAIL_CLOCK } = parts;
  const last = { renewedAt: askedAt };
  return {
    isHeld: () => clock.elapsed() - last.renewedAt < RENEWED_WITHIN_MS,
    ended: keepRenewing(parts, mail, last, lose, over),
  };
}

async function keepRenewing(
  { database, log, pulse, clock = MAIL_CLOCK }: LeaseParts,
  mail: ClaimedMail,
  last: { renewedAt: number },
  lose: () => void,
  over: AbortSignal,
): Promise<void> {
  let waitMs = RENEW_EVERY_MS;
  for (;;) {
    await clock.pause(waitMs, over);
    if (over.aborted) return;
    const begunAt = clock.elapsed();
    const inTime = new AbortController();
    const renewal = renewLease(database, mail, LEASE_SECONDS, clock).then(
      (held) => (held ? 'held' : 'taken'),
      (error: unknown) => {
        log.warn({ ...logged(error), mailId: mail.mailId }, 'A mail could not be kept in hand');
        return 'unknown' as const;
      },
    );
    const lostAt = last.renewedAt + RENEWED_WITHIN_MS;
    const late = clock.pause(lostAt - begunAt, inTime.signal).then(() => 'late' as const);
    if ((await Promise.race([renewal, late])) === 'late') lose();
    const renewed = await renewal;
    inTime.abort();
    if (renewed === 'taken') return lose();
    if (renewed === 'held') {
      last.renewedAt = begunAt;
      waitMs = RENEW_EVERY_MS;
      pulse?.beat();
      continue;
    }
    const leftMs = lostAt - clock.elapsed();
    if (leftMs <= 0) lose();
    waitMs = leftMs > 0 ? Math.min(leftMs, TRY_AGAIN_EVERY_MS) : TRY_AGAIN_EVERY_MS;
  }
}
