import { randomUUID } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Words } from '../../words/words';
import type { Database } from '../database/database';
import { type Delivery, MailRefused } from './delivery';
import type { Letterhead } from './letterhead';
import { writeLetter } from './notice';
import { type ClaimedMail, claimMail, giveBackMail, type Outcome, settleMail } from './outbox';
import type { MailPulse } from './pulse';

interface SenderParts {
  readonly database: Database;
  readonly delivery: Delivery;
  /** The address that mails come from; its domain is that of their Message-IDs. */
  readonly from: string;
  /** What the mails say. */
  readonly words: Words;
  /** Whom they say that they come from. */
  readonly letterhead: Letterhead;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  /** Beats with each turn that the database let us take. */
  readonly pulse?: MailPulse;
}

const LOOK_EVERY_MS = 1000;
/** An attempt is given up long before its lease ends, so that no two processes have one mail in hand. */
const SEND_WITHIN_MS = 60_000;
const LEASE_SECONDS = 180;
/** How long a mail in hand may still take once the service stops. */
const FINISH_WITHIN_MS = 10_000;
const FIRST_DELAY_SECONDS = 15;
const LONGEST_DELAY_SECONDS = 60 * 60;

/**
 * Sends what the outbox holds, one mail after another, so that a crash at any instruction leaves at most one mail that may go out
 * twice. Resolves once `signal` is aborted and the mail then in hand is finished.
 */
export async function sendMails(parts: SenderParts, signal: AbortSignal): Promise<void> {
  const giveUp = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => giveUp.abort(), FINISH_WITHIN_MS).unref(), { once: true });
  // A turn whose end is not known may have left a mail claimed, which would wait for its lease to end.
  let unfinished: string | null = null;
  while (!signal.aborted) {
    const lease = randomUUID();
    try {
      if (unfinished !== null) await giveBackMail(parts.database, unfinished);
      unfinished = lease;
      const sent = await sendNextMail(parts, giveUp.signal, lease);
      unfinished = null;
      parts.pulse?.beat();
      if (sent) continue;
    } catch (error) {
      parts.log.error({ err: error }, 'The outbox cannot be worked on');
    }
    await pause(LOOK_EVERY_MS, signal);
  }
}

/** Sends the mail that is due, if there is one, and writes down how that ended; `signal` cuts it short. False when there was none. */
export async function sendNextMail(parts: SenderParts, signal: AbortSignal, lease?: string): Promise<boolean> {
  const mail = await claimMail(parts.database, parts.from.split('@').at(-1) ?? '', LEASE_SECONDS, lease);
  if (mail === null) return false;
  const leaseEnds = performance.now() + LEASE_SECONDS * 1000;
  const outcome = await attempt(parts, mail, signal);
  report(parts.log, mail, outcome);
  await settle(parts, mail, outcome, leaseEnds, signal);
  return true;
}

async function attempt(
  { delivery, words, letterhead }: SenderParts,
  mail: ClaimedMail,
  signal: AbortSignal,
): Promise<Outcome> {
  const { address, attempts, messageId, notice } = mail;
  if (address === null) return { state: 'undeliverable', error: 'The partner has no mail address.' };
  try {
    await delivery.send(
      {
        messageId,
        to: { name: notice.partner.name, address },
        date: notice.at,
        letter: writeLetter(notice, words, letterhead),
      },
      AbortSignal.any([signal, AbortSignal.timeout(SEND_WITHIN_MS)]),
    );
    return { state: 'sent' };
  } catch (cause) {
    const error = cause instanceof Error ? cause.message : String(cause);
    return cause instanceof MailRefused
      ? { state: 'failed', error }
      : { state: 'waiting', afterSeconds: delayAfter(attempts), error };
  }
}

/** Seconds until the next attempt: doubled with each one up to an hour, and spread so that not all come at once. */
export function delayAfter(attempts: number): number {
  const longest = Math.min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS);
  return longest * (0.75 + Math.random() / 4);
}

/** Writes down how the mail ended, also when the database is away for a while: a mail that went out must not go out again. */
async function settle(
  { database, log }: SenderParts,
  mail: ClaimedMail,
  outcome: Outcome,
  leaseEnds: number,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      if (await database.transactionAside((trx) => settleMail(trx, mail, outcome))) return;
      log.warn({ mailId: mail.mailId }, 'A mail took longer than its lease, and may go out twice');
      return;
    } catch (error) {
      if (signal.aborted || performance.now() > leaseEnds) throw error;
      log.warn({ err: error, mailId: mail.mailId }, 'How a mail ended is not written down yet');
      await pause(LOOK_EVERY_MS, signal);
    }
  }
}

const REPORTS = {
  sent: ['info', 'Mail sent'],
  waiting: ['warn', 'Mail not sent, will be tried again'],
  undeliverable: ['warn', 'Mail not sent: the partner has no address'],
  failed: ['error', 'Mail refused for good by the mail server'],
} as const;

function report(log: SenderParts['log'], mail: ClaimedMail, outcome: Outcome): void {
  const { mailId, messageId, attempts, notice } = mail;
  const [level, sentence] = REPORTS[outcome.state];
  log[level](
    {
      event: 'mail',
      mailId,
      messageId,
      attempts,
      notice: notice.event,
      partnerId: notice.partner.partnerId,
      subscriptionId: notice.subscription.id,
      changeRequestId: notice.requestId,
      ...outcome,
    },
    sentence,
  );
}

/** Resolves after the time, or as soon as the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
