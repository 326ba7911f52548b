import { randomUUID } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Words } from '../../words/words';
import type { Database } from '../database/database';
import { logged } from '../errors-in-the-log';
import { messageOf } from '../thrown';
import { MAIL_CLOCK, type MailClock } from './clock';
import type { Delivery } from './delivery';
import type { Gathering } from './gathering';
import { keepLease, LEASE_SECONDS, type TakenMail } from './lease';
import type { Letterhead } from './letterhead';
import { type Answer, MailNotTaken, silentFailure } from './not-taken';
import { lastOf, type Notices, writeLetter } from './notice';
import {
  type ClaimedMail,
  claimMail,
  giveBackMail,
  LONGEST_DELAY_SECONDS,
  type Outcome,
  settleMail,
} from './mails-repository';
import { gatherMails } from './outbox-repository';
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
  /** How long they wait for more that the same partner is to be told of. */
  readonly gathering: Gathering;
  readonly log: Pick<FastifyBaseLogger, 'info' | 'warn' | 'error'>;
  /** Beats with each turn that the database let us take, and while a slow mail server is waited for. */
  readonly pulse?: MailPulse;
  readonly clock?: MailClock;
}

const LOOK_EVERY_MS = 1000;
/** More than RFC 5321 lets a server take for all steps together: only one that is never silent for long gets there. */
const SEND_WITHIN_MS = 60 * 60_000;
/** How long a mail in hand may still take once the service stops. */
const FINISH_WITHIN_MS = 10_000;
const FIRST_DELAY_SECONDS = 15;
/** RFC 5321, 4.5.4.1: whoever sends gives up after 4 or 5 days. */
const GIVE_UP_AFTER_SECONDS = 5 * 24 * 60 * 60;

/**
 * Sends what the outbox holds, one mail after another, so that a crash at any instruction leaves at most one mail that may go out
 * twice. Resolves once `signal` is aborted and the mail then in hand is finished.
 */
export async function sendMails(parts: SenderParts, signal: AbortSignal): Promise<void> {
  const { clock = MAIL_CLOCK } = parts;
  const finished = new AbortController();
  const giveUp = new AbortController();
  const limitTheEnd = () =>
    clock.pause(FINISH_WITHIN_MS, finished.signal).then(() => giveUp.abort(new Error('The service stops.')));
  signal.addEventListener('abort', limitTheEnd, { once: true });
  // A turn whose end is not known may have left a mail claimed, which would wait for its lease to end.
  let unfinished: string | null = null;
  while (!signal.aborted) {
    const lease = randomUUID();
    try {
      if (unfinished !== null) await giveBackMail(parts.database, unfinished, clock);
      unfinished = lease;
      const sent = await sendNextMail(parts, giveUp.signal, lease);
      unfinished = null;
      parts.pulse?.beat();
      if (sent) continue;
    } catch (error) {
      parts.log.error(logged(error), 'The outbox cannot be worked on');
    }
    await clock.pause(LOOK_EVERY_MS, signal);
  }
  finished.abort();
}

/**
 * Sends the mail that is due, if there is one, and writes down how that ended; `signal` cuts it short. False when there was none.
 * New ones are made once none is due: the longer mails take, the more is told in each.
 */
export async function sendNextMail(
  parts: SenderParts,
  signal: AbortSignal,
  lease: string = randomUUID(),
): Promise<boolean> {
  const { database, gathering, log, clock = MAIL_CLOCK } = parts;
  const taken =
    (await take(parts, lease)) ?? ((await gatherMails(database, gathering, clock)) ? await take(parts, lease) : null);
  if (taken === null) return false;
  const { mail } = taken;
  const met = mail.address === null ? null : await attempt(parts, taken, mail.address, signal);
  const outcome = outcomeOf(mail, met);
  report(log, mail, outcome, met);
  await settle(parts, mail, outcome, signal);
  return true;
}

/** Takes the mail in hand that is due; null when there is none. */
async function take({ database, from, clock = MAIL_CLOCK }: SenderParts, lease: string): Promise<TakenMail | null> {
  const domain = from.split('@').at(-1) ?? '';
  const askedAt = clock.elapsed();
  const mail = await claimMail(database, { domain, leaseSeconds: LEASE_SECONDS, lease, clock });
  return mail && { mail, askedAt };
}

/** Hands the mail over. Null when it was taken, else what was met. */
async function attempt(
  parts: SenderParts,
  taken: TakenMail,
  address: string,
  signal: AbortSignal,
): Promise<MailNotTaken | null> {
  const { messageId, notices } = taken.mail;
  const { partner, at } = lastOf(notices);
  const over = new AbortController();
  // Of its own, with listeners taken off: what AbortSignal.any makes of a signal that lives as long as the process is kept as long.
  const cut = new AbortController();
  const stop = () => cut.abort(signal.reason);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  const limit = setTimeout(() => cut.abort(new Error('The mail server took too long.')), SEND_WITHIN_MS).unref();
  let handedOver = false;
  // Once the server has all of it, nothing undoes that: its answer is worth more than the lease.
  const lose = () => {
    if (!handedOver) cut.abort(new Error('The database did not let it be kept in hand.'));
  };
  const lease = keepLease(parts, taken, lose, over.signal);
  try {
    const letter = writeLetter(notices, parts.words, parts.letterhead);
    await parts.delivery.send(
      { messageId, to: { name: partner.name, address }, date: at, letter },
      {
        signal: cut.signal,
        handingOver: () => {
          if (lease.isHeld()) handedOver = true;
          else lose();
        },
      },
    );
    return null;
  } catch (error) {
    if (error instanceof MailNotTaken) return error;
    return silentFailure('brokenOff', `The mail cannot be written. ${messageOf(error)}`, error);
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', stop);
    over.abort();
    await lease.ended;
  }
}

/** What becomes of a mail after what was met at it. */
function outcomeOf(mail: ClaimedMail, met: MailNotTaken | null): Outcome {
  if (mail.address === null) return { state: 'undeliverable', error: 'The partner has no mail address.' };
  if (met === null) return { state: 'sent' };
  const { kind, final } = met.answer;
  if (final) return { state: 'failed', kind, error: met.message };
  const leftSeconds = GIVE_UP_AFTER_SECONDS - mail.triedForSeconds;
  return leftSeconds > 0
    ? { state: 'waiting', afterSeconds: Math.min(delayAfter(mail.attempts), leftSeconds), kind, error: met.message }
    : { state: 'failed', kind, error: `Given up after five days. ${met.message}` };
}

/** Seconds until the next attempt: doubled with each one up to an hour, and spread so that not all come at once. */
export function delayAfter(attempts: number): number {
  const longest = Math.min(FIRST_DELAY_SECONDS * 2 ** (attempts - 1), LONGEST_DELAY_SECONDS);
  return longest * (0.75 + Math.random() / 4);
}

/**
 * Writes down how the mail ended, however long the database is away: while nobody else has taken the mail up, what happened to
 * it is known here alone, and a mail that went out must not go out again.
 */
async function settle(
  { database, log, clock = MAIL_CLOCK }: SenderParts,
  mail: ClaimedMail,
  outcome: Outcome,
  signal: AbortSignal,
): Promise<void> {
  const mayGoOutTwice = outcome.state === 'sent';
  for (;;) {
    try {
      if (await database.transactionAside((trx) => settleMail(trx, mail, outcome, clock))) return;
      log.warn({ event: 'lease lost', mailId: mail.mailId, mayGoOutTwice }, 'A mail took longer than its lease');
      return;
    } catch (error) {
      if (signal.aborted) {
        log.warn(
          { event: 'not written down', mailId: mail.mailId, mayGoOutTwice },
          'How a mail ended was not written down',
        );
        throw error;
      }
      log.warn({ ...logged(error), mailId: mail.mailId }, 'How a mail ended is not written down yet');
      await clock.pause(LOOK_EVERY_MS, signal);
    }
  }
}

const REPORTS = {
  sent: ['info', 'Mail sent'],
  waiting: ['warn', 'Mail not sent, will be tried again'],
  undeliverable: ['warn', 'Mail not sent: the partner has no address'],
  failed: ['error', 'Mail given up'],
} as const;

function report(log: SenderParts['log'], mail: ClaimedMail, outcome: Outcome, met: MailNotTaken | null): void {
  const { mailId, messageId, attempts, notices } = mail;
  const { partner } = lastOf(notices);
  const [level, sentence] = REPORTS[outcome.state];
  log[level](
    {
      event: 'mail',
      mailId,
      messageId,
      attempts,
      partnerId: partner.partnerId,
      ...changesOf(notices),
      ...outcome,
      ...(met !== null && answered(met.answer)),
    },
    sentence,
  );
}

/** What the log has of the changes that a mail tells. */
function changesOf(notices: Notices) {
  const [{ event, subscription, requestId }, ...more] = notices;
  if (more.length === 0) return { notice: event, subscriptionId: subscription.id, changeRequestId: requestId };
  return {
    notice: [...new Set(notices.map((one) => one.event))].join(', '),
    changes: notices.length,
    subscriptionIds: notices.map((one) => one.subscription.id),
    changeRequestIds: notices.map((one) => one.requestId),
  };
}

/** What the log has of an answer. */
function answered({ smtpCode, enhancedCode, command, reply, mayGoOutTwice }: Answer) {
  return { smtpCode, enhancedCode, command, answer: reply, mayGoOutTwice };
}
