import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import { nameOrId } from '../../../src/domain/subscription';
import type { Database } from '../database/database';
import type { MailState, Schema } from '../database/schema';
import { MAIL_CLOCK, type MailClock } from './clock';
import type { Event, Notices } from './notice';
import { ANSWER_KINDS, type AnswerKind } from './verdict';

/** A mail in hand: nobody else takes it up before its lease ends. */
export interface ClaimedMail {
  readonly mailId: string;
  readonly lease: string;
  readonly messageId: string;
  /** How often it was begun to be sent, this time included. */
  readonly attempts: number;
  /** How long ago the first attempt was begun. */
  readonly triedForSeconds: number;
  /** Null when the partner has no address. */
  readonly address: string | null;
  /** What it tells, in the order in which the changes were made; the same at each attempt. */
  readonly notices: Notices;
}

/** No mail waits for longer than this from one attempt to the next. */
export const LONGEST_DELAY_SECONDS = 60 * 60;

/** How a mail is taken in hand. */
export interface Claim {
  /** The right-hand side of its Message-ID, unless it has one from an earlier attempt. */
  readonly domain: string;
  readonly leaseSeconds: number;
  /** Names the attempt. */
  readonly lease?: string;
  readonly clock?: MailClock;
}

/**
 * Takes the mail that has been due the longest in hand for some time; null when none is due. Processes that share the database
 * pass over each other's.
 */
export function claimMail(
  database: Database,
  { domain, leaseSeconds, lease = randomUUID(), clock = MAIL_CLOCK }: Claim,
): Promise<ClaimedMail | null> {
  return database.transactionAside(async (trx) => {
    const now = clock.now();
    const row = await trx
      .selectFrom('mails')
      .innerJoin('partners', 'partners.partner_id', 'mails.partner_id')
      .where('mails.state', '=', 'waiting')
      .where('mails.next_attempt_at', '<=', now)
      .orderBy('mails.next_attempt_at')
      .orderBy('mails.sequence')
      .limit(1)
      .forUpdate('mails')
      .skipLocked()
      .select([
        'mails.mail_id',
        'mails.message_id',
        'mails.attempts',
        sql<string | null>`extract(epoch from ${now} - mails.first_attempt_at)`.as('tried_for'),
        'partners.mail',
      ])
      .executeTakeFirst();
    if (row === undefined) {
      await bringNear(trx, leaseSeconds, clock);
      return null;
    }
    const messageId = row.message_id ?? `<${row.mail_id}@${domain}>`;
    const attempts = row.attempts + 1;
    await trx
      .updateTable('mails')
      .set({
        lease,
        message_id: messageId,
        attempts,
        next_attempt_at: inSeconds(leaseSeconds, clock),
        ...(row.tried_for === null && { first_attempt_at: now }),
      })
      .where('mail_id', '=', row.mail_id)
      .execute();
    return {
      mailId: row.mail_id,
      lease,
      messageId,
      attempts,
      triedForSeconds: Number(row.tried_for ?? 0),
      address: row.mail,
      notices: await readNotices(trx, row.mail_id),
    };
  });
}

async function readNotices(trx: Transaction<Schema>, mailId: string): Promise<Notices> {
  const rows = await trx
    .selectFrom('mail_notices')
    .innerJoin('changes', 'changes.change_id', 'mail_notices.change_id')
    .where('mail_notices.mail_id', '=', mailId)
    .orderBy('mail_notices.sequence')
    .select([
      'mail_notices.partner_id',
      'mail_notices.partner_name',
      'mail_notices.customer_id',
      'mail_notices.customer_name',
      'mail_notices.display_name',
      'changes.subscription_id',
      'changes.before_partner_id',
      'changes.after_partner_id',
      'changes.changed_at',
      'changes.changed_by',
      'changes.request_id',
    ])
    .execute();
  const [first, ...more] = rows.map((row) => ({
    event: eventFor(row),
    partner: { partnerId: row.partner_id, name: row.partner_name },
    customer: { id: row.customer_id, name: row.customer_name },
    subscription: { id: row.subscription_id, name: nameOrId(row.display_name, row.subscription_id) },
    at: row.changed_at,
    by: row.changed_by,
    requestId: row.request_id,
  }));
  if (first === undefined) throw new Error(`The mail ${mailId} tells nothing.`);
  return [first, ...more];
}

/**
 * Mails whose time is further off than any wait were written before the clock was put back, and would wait for as long as that
 * was. They are due after the length of a lease: whoever has one of them in hand renews it before.
 */
async function bringNear(trx: Transaction<Schema>, leaseSeconds: number, clock: MailClock): Promise<void> {
  for (const table of ['mails', 'outbox'] as const) {
    await trx
      .updateTable(table)
      .set({ next_attempt_at: inSeconds(leaseSeconds, clock) })
      .where('state', '=', 'waiting')
      .where('next_attempt_at', '>', inSeconds(LONGEST_DELAY_SECONDS + leaseSeconds, clock))
      .execute();
  }
}

function eventFor(row: {
  readonly partner_id: string;
  readonly before_partner_id: string | null;
  readonly after_partner_id: string | null;
}): Event {
  if (row.after_partner_id === row.partner_id) return row.before_partner_id === null ? 'assigned' : 'changedTo';
  return row.after_partner_id === null ? 'removed' : 'changedFrom';
}

/**
 * Keeps a mail in hand for some more time. False when its lease had ended and another one has taken the mail up, or it is
 * not waiting any more.
 */
export async function renewLease(
  database: Database,
  mail: ClaimedMail,
  leaseSeconds: number,
  clock: MailClock,
): Promise<boolean> {
  const { numUpdatedRows } = await database.transactionAside((trx) =>
    trx
      .updateTable('mails')
      .set({ next_attempt_at: inSeconds(leaseSeconds, clock) })
      .where('mail_id', '=', mail.mailId)
      .where('lease', '=', mail.lease)
      .where('state', '=', 'waiting')
      .executeTakeFirstOrThrow(),
  );
  return numUpdatedRows === 1n;
}

/** How an attempt ended. `waiting` tries again later; the other three are final. */
export type Outcome =
  | { readonly state: 'sent' }
  | { readonly state: 'waiting'; readonly afterSeconds: number; readonly kind: AnswerKind; readonly error: string }
  | { readonly state: 'failed'; readonly kind: AnswerKind; readonly error: string }
  | { readonly state: 'undeliverable'; readonly error: string };

/**
 * Makes a mail due again whose claim under this lease was made, though its answer was lost: nobody has it in hand. Without one
 * this does nothing.
 */
export async function giveBackMail(database: Database, lease: string, clock: MailClock = MAIL_CLOCK): Promise<void> {
  await database.transactionAside((trx) =>
    trx
      .updateTable('mails')
      .set({ next_attempt_at: clock.now() })
      .where('state', '=', 'waiting')
      .where('lease', '=', lease)
      .execute(),
  );
}

/**
 * Writes down how the attempt ended. False when its lease had ended and another one has taken the mail up. The lease stays
 * written, so that the same may be written again after an answer that was lost.
 */
export async function settleMail(
  db: Kysely<Schema>,
  mail: ClaimedMail,
  outcome: Outcome,
  clock: MailClock = MAIL_CLOCK,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('mails')
    .set({
      state: outcome.state,
      last_error: outcome.state === 'sent' ? null : outcome.error,
      answer_kind: 'kind' in outcome ? outcome.kind : null,
      ...(outcome.state === 'sent' && { sent_at: clock.now() }),
      ...(outcome.state === 'waiting' && { next_attempt_at: inSeconds(outcome.afterSeconds, clock) }),
    })
    .where('mail_id', '=', mail.mailId)
    .where('lease', '=', mail.lease)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export interface UnsentMails {
  /** By why not. */
  readonly byState: Record<Exclude<MailState, 'sent'>, number>;
  /** Those that are waiting, by what their last attempt met; `none`: there was no attempt yet. Every kind is there. */
  readonly waitingByAnswer: ReadonlyMap<AnswerKind | 'none', number>;
  /** How many notices are in no mail yet. */
  readonly noticesInNoMail: number;
}

/** How many mails are not sent, for those who watch the service; what an earlier version began to send is one each. */
export async function countUnsentMails(db: Kysely<Schema>): Promise<UnsentMails> {
  const rows = await db
    .selectFrom('mails')
    .where('state', '<>', 'sent')
    .select(['state', 'answer_kind', sql<boolean>`true`.as('is_mail')])
    .unionAll(
      db
        .selectFrom('outbox')
        .where('state', '<>', 'sent')
        .select(['state', 'answer_kind', sql<boolean>`message_id is not null`.as('is_mail')]),
    )
    .$call((unsent) => db.selectFrom(unsent.as('unsent')))
    .groupBy(['state', 'answer_kind', 'is_mail'])
    .select(['state', 'answer_kind', 'is_mail', sql<string>`count(*)`.as('count')])
    .execute();
  const sum = (of: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(of).reduce((total, { count }) => total + Number(count), 0);
  const countOf = (wanted: MailState) => sum(({ is_mail, state }) => is_mail && state === wanted);
  const waitingFor = (kind: AnswerKind | 'none') =>
    sum(({ is_mail, state, answer_kind }) => is_mail && state === 'waiting' && (answer_kind ?? 'none') === kind);
  return {
    byState: { waiting: countOf('waiting'), failed: countOf('failed'), undeliverable: countOf('undeliverable') },
    waitingByAnswer: new Map((['none', ...ANSWER_KINDS] as const).map((kind) => [kind, waitingFor(kind)])),
    noticesInNoMail: sum(({ is_mail }) => !is_mail),
  };
}

/**
 * Makes the mails that were given up due again, as if they had never been tried, those of earlier versions among them. Returns how
 * many there were.
 */
export async function retryMails(db: Kysely<Schema>): Promise<number> {
  let count = 0;
  for (const table of ['mails', 'outbox'] as const) {
    const { numUpdatedRows } = await db
      .updateTable(table)
      .set({
        state: 'waiting',
        attempts: 0,
        first_attempt_at: null,
        answer_kind: null,
        next_attempt_at: MAIL_CLOCK.now(),
      })
      .where('state', 'in', ['failed', 'undeliverable'])
      .executeTakeFirstOrThrow();
    count += Number(numUpdatedRows);
  }
  return count;
}

function inSeconds(seconds: number, clock: MailClock) {
  return sql<Date>`${clock.now()} + ${seconds} * interval '1 second'`;
}
