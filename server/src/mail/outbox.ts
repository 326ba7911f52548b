import { randomUUID } from 'node:crypto';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Partner } from '../../../src/domain/partner';
import type { Database } from '../database/database';
import type { MailState, Schema } from '../database/schema';
import type { Event, Notice } from './notice';

/** A change for which its partners are owed a mail. */
export interface OwedMails {
  readonly changeId: string;
  readonly before: Partner | null;
  readonly after: Partner | null;
  readonly customerId: string;
  readonly customerName: string;
  readonly displayName: string;
}

/** Writes down, in the change's own transaction, a mail to each partner that the change concerns: the new and the old. */
export async function queueMails(trx: Transaction<Schema>, owed: OwedMails): Promise<void> {
  const mails = [owed.after, owed.before].flatMap((partner) =>
    partner === null
      ? []
      : [
          {
            mail_id: randomUUID(),
            change_id: owed.changeId,
            partner_id: partner.partnerId,
            partner_name: partner.name,
            customer_id: owed.customerId,
            customer_name: owed.customerName,
            display_name: owed.displayName,
          },
        ],
  );
  if (mails.length > 0) await trx.insertInto('outbox').values(mails).execute();
}

/** A mail in hand: nobody else takes it up before its lease ends. */
export interface ClaimedMail {
  readonly mailId: string;
  readonly lease: string;
  readonly messageId: string;
  /** How often it was begun to be sent, this time included. */
  readonly attempts: number;
  /** Null when the partner has no address. */
  readonly address: string | null;
  readonly notice: Notice;
}

/**
 * Takes the mail that has been due the longest in hand for `leaseSeconds`; null when none is due. Processes that share the
 * database pass over each other's. `domain` is the right-hand side of its Message-ID, unless it has one from an earlier attempt.
 */
export function claimMail(
  database: Database,
  domain: string,
  leaseSeconds: number,
  lease: string = randomUUID(),
): Promise<ClaimedMail | null> {
  return database.transactionAside(async (trx) => {
    const row = await trx
      .selectFrom('outbox')
      .innerJoin('changes', 'changes.change_id', 'outbox.change_id')
      .innerJoin('partners', 'partners.partner_id', 'outbox.partner_id')
      .where('outbox.state', '=', 'waiting')
      .where('outbox.next_attempt_at', '<=', sql<Date>`now()`)
      .orderBy('outbox.next_attempt_at')
      .orderBy('outbox.sequence')
      .limit(1)
      .forUpdate('outbox')
      .skipLocked()
      .select([
        'outbox.mail_id',
        'outbox.message_id',
        'outbox.attempts',
        'outbox.partner_id',
        'outbox.partner_name',
        'outbox.customer_id',
        'outbox.customer_name',
        'outbox.display_name',
        'partners.mail',
        'changes.subscription_id',
        'changes.before_partner_id',
        'changes.after_partner_id',
        'changes.changed_at',
        'changes.changed_by',
        'changes.request_id',
      ])
      .executeTakeFirst();
    if (row === undefined) return null;
    const messageId = row.message_id ?? `<${row.mail_id}@${domain}>`;
    const attempts = row.attempts + 1;
    await trx
      .updateTable('outbox')
      .set({ lease, message_id: messageId, attempts, next_attempt_at: inSeconds(leaseSeconds) })
      .where('mail_id', '=', row.mail_id)
      .execute();
    return {
      mailId: row.mail_id,
      lease,
      messageId,
      attempts,
      address: row.mail,
      notice: {
        event: eventFor(row),
        partner: { partnerId: row.partner_id, name: row.partner_name },
        customer: { id: row.customer_id, name: row.customer_name },
        subscription: { id: row.subscription_id, name: row.display_name },
        at: row.changed_at,
        by: row.changed_by,
        requestId: row.request_id,
      },
    };
  });
}

function eventFor(row: {
  readonly partner_id: string;
  readonly before_partner_id: string | null;
  readonly after_partner_id: string | null;
}): Event {
  if (row.after_partner_id === row.partner_id) return row.before_partner_id === null ? 'assigned' : 'changedTo';
  return row.after_partner_id === null ? 'removed' : 'changedFrom';
}

/** How an attempt ended. `waiting` tries again later; the other three are final. */
export type Outcome =
  | { readonly state: 'sent' }
  | { readonly state: 'waiting'; readonly afterSeconds: number; readonly error: string }
  | { readonly state: 'failed' | 'undeliverable'; readonly error: string };

/**
 * Makes a mail due again whose claim under this lease was made, though its answer was lost: nobody has it in hand. Without one
 * this does nothing.
 */
export async function giveBackMail(database: Database, lease: string): Promise<void> {
  await database.transactionAside((trx) =>
    trx
      .updateTable('outbox')
      .set({ next_attempt_at: sql<Date>`now()` })
      .where('state', '=', 'waiting')
      .where('lease', '=', lease)
      .execute(),
  );
}

/**
 * Writes down how the attempt ended. False when its lease had ended and another one has taken the mail up. The lease stays
 * written, so that the same may be written again after an answer that was lost.
 */
export async function settleMail(db: Kysely<Schema>, mail: ClaimedMail, outcome: Outcome): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({
      state: outcome.state,
      last_error: outcome.state === 'sent' ? null : outcome.error,
      ...(outcome.state === 'sent' && { sent_at: sql<Date>`now()` }),
      ...(outcome.state === 'waiting' && { next_attempt_at: inSeconds(outcome.afterSeconds) }),
    })
    .where('mail_id', '=', mail.mailId)
    .where('lease', '=', mail.lease)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** How many mails are not sent, by why not, for those who watch the service. */
export async function countUnsentMails(db: Kysely<Schema>): Promise<Record<Exclude<MailState, 'sent'>, number>> {
  const rows = await db
    .selectFrom('outbox')
    .where('state', '<>', 'sent')
    .groupBy('state')
    .select(['state', sql<string>`count(*)`.as('count')])
    .execute();
  const countOf = (state: MailState) => Number(rows.find((row) => row.state === state)?.count ?? 0);
  return { waiting: countOf('waiting'), failed: countOf('failed'), undeliverable: countOf('undeliverable') };
}

/** Makes the mails that were given up due again. Returns how many there were. */
export async function retryMails(db: Kysely<Schema>): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ state: 'waiting', next_attempt_at: sql<Date>`now()` })
    .where('state', 'in', ['failed', 'undeliverable'])
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

// The database's clock and not the process's: a lease counts for all processes, whose clocks may differ.
function inSeconds(seconds: number) {
  return sql<Date>`now() + ${seconds} * interval '1 second'`;
}
