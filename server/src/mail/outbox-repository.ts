import { randomUUID } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import type { Partner } from '../../../src/domain/partner';
import type { Database } from '../database/database';
import type { Schema } from '../database/schema';
import { MAIL_CLOCK, type MailClock } from './clock';
import { type Gathering, mailsThatLeave, type OwedNotice } from './gathering';

/** A change of which its partners are to be told. */
export interface OwedNotices {
  readonly changeId: string;
  readonly before: Partner | null;
  readonly after: Partner | null;
  readonly customerId: string;
  readonly customerName: string;
  readonly displayName: string;
}

/** Writes down, in the change's own transaction, a notice to each partner that the change concerns: the new and the old. */
export async function queueNotices(trx: Transaction<Schema>, owed: OwedNotices): Promise<void> {
  const notices = [owed.after, owed.before].flatMap((partner) =>
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
  if (notices.length > 0) await trx.insertInto('outbox').values(notices).execute();
}

/** Any number that nothing else in the database is likely to lock by. */
const LOCK = 7_226_001_916;
/** At once: the next turn sees the rest. */
const MOST_READ = 10_000;
const MOST_TAKEN_OVER = 200;

/**
 * Makes mails of the notices that have waited long enough, each in one mail for good, and of what an earlier version began to send
 * and nobody has in hand. Returns whether there are new mails. One process at a time gathers: of two, the one would make a mail of
 * what came while the other one was at it.
 */
export function gatherMails(database: Database, gathering: Gathering, clock: MailClock = MAIL_CLOCK): Promise<boolean> {
  return database.transactionAside(async (trx) => {
    const { rows } = await sql<{ had: boolean }>`select pg_try_advisory_xact_lock(${sql.lit(LOCK)}) as had`.execute(
      trx,
    );
    if (rows[0]?.had !== true) return false;
    const takenOver = await takeOverBegun(trx, clock);
    const mails = mailsThatLeave(await readOwed(trx, clock), gathering);
    const made = mails.length > 0 && (await moveInto(trx, mails, clock));
    return takenOver || made;
  });
}

async function readOwed(trx: Transaction<Schema>, clock: MailClock): Promise<OwedNotice[]> {
  const rows = await trx
    .selectFrom('outbox')
    .innerJoin('changes', 'changes.change_id', 'outbox.change_id')
    .where('outbox.state', '=', 'waiting')
    .where('outbox.message_id', 'is', null)
    .orderBy('outbox.sequence')
    .limit(MOST_READ)
    .select([
      'outbox.mail_id',
      'outbox.partner_id',
      'changes.after_partner_id',
      'changes.subscription_id',
      sql<string>`extract(epoch from ${clock.now()} - outbox.next_attempt_at)`.as('age'),
    ])
    .execute();
  return rows.map((row) => ({
    noticeId: row.mail_id,
    partnerId: row.partner_id,
    direction: row.after_partner_id === row.partner_id ? 'gained' : 'lost',
    subscriptionId: row.subscription_id,
    ageSeconds: Number(row.age),
  }));
}

/**
 * Moves notices out of the outbox and into mails of theirs. One that a process of the version before took up meanwhile stays where
 * it is.
 */
async function moveInto(
  trx: Transaction<Schema>,
  mails: readonly (readonly OwedNotice[])[],
  clock: MailClock,
): Promise<boolean> {
  // A notice alone gives its mail the ID that it has: the version before would have called it so too.
  const chosen = mails.flatMap((notices) => {
    const [first] = notices;
    const mailId = notices.length === 1 && first !== undefined ? first.noticeId : randomUUID();
    return notices.map(({ noticeId }) => ({ noticeId, mailId }));
  });
  const noticeIds = chosen.map(({ noticeId }) => noticeId);
  const mailIds = chosen.map(({ mailId }) => mailId);
  const { numAffectedRows = 0n } = await sql`
    with free as (
      select mail_id from outbox
      where mail_id = any(${noticeIds}::uuid[]) and state = 'waiting' and message_id is null
      for update skip locked
    ), gathered as (
      delete from outbox using unnest(${noticeIds}::uuid[], ${mailIds}::uuid[]) as chosen (notice_id, mail_id)
      where outbox.mail_id = chosen.notice_id and outbox.mail_id in (select mail_id from free)
      returning chosen.mail_id as gathered_in, outbox.*
    ), made as (
      insert into mails (mail_id, partner_id, next_attempt_at)
      select gathered_in, partner_id, ${clock.now()} from gathered group by gathered_in, partner_id order by min(sequence)
    )
    insert into mail_notices
      (sequence, mail_id, change_id, partner_id, partner_name, customer_id, customer_name, display_name)
    select sequence, gathered_in, change_id, partner_id, partner_name, customer_id, customer_name, display_name
    from gathered`.execute(trx);
  return numAffectedRows > 0n;
}

/** What an earlier version has begun to send, and nobody has in hand, goes on as a mail of its own under the Message-ID it has. */
async function takeOverBegun(trx: Transaction<Schema>, clock: MailClock): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    with free as (
      select mail_id from outbox
      where state = 'waiting' and message_id is not null and next_attempt_at <= ${clock.now()}
      order by next_attempt_at, sequence limit ${MOST_TAKEN_OVER} for update skip locked
    ), begun as (
      delete from outbox where mail_id in (select mail_id from free) returning *
    ), made as (
      insert into mails (mail_id, partner_id, message_id, attempts, first_attempt_at, next_attempt_at, last_error, answer_kind)
      select mail_id, partner_id, message_id, attempts, first_attempt_at, next_attempt_at, last_error, answer_kind
      from begun order by sequence
    )
    insert into mail_notices
      (sequence, mail_id, change_id, partner_id, partner_name, customer_id, customer_name, display_name)
    select sequence, mail_id, change_id, partner_id, partner_name, customer_id, customer_name, display_name
    from begun`.execute(trx);
  return numAffectedRows > 0n;
}
