import { type Kysely, sql } from 'kysely';

/**
 * Mails that tell a partner of many changes. What a change owes is written to the outbox as before, and leaves it for a mail: the
 * version before, which makes a mail of each row of the outbox, never sees what is in one. Nothing is moved here. What that version
 * has begun to send stays in its hands until it is due again.
 */
const STATEMENTS = [
  sql`create table mails (
    sequence bigint generated always as identity primary key,
    mail_id uuid not null unique,
    partner_id text not null references partners,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'undeliverable')),
    message_id text,
    attempts integer not null default 0,
    first_attempt_at timestamptz,
    next_attempt_at timestamptz not null default now(),
    lease uuid,
    last_error text,
    answer_kind text,
    sent_at timestamptz
  )`,
  sql`create table mail_notices (
    sequence bigint primary key,
    mail_id uuid not null references mails (mail_id),
    change_id uuid not null references changes (change_id),
    partner_id text not null references partners,
    partner_name text not null,
    customer_id text not null,
    customer_name text not null,
    display_name text not null,
    constraint told_once_per_partner_and_change unique (change_id, partner_id)
  )`,
  sql`create index mails_unsent on mails (state, next_attempt_at, sequence) where state <> 'sent'`,
  sql`create index mail_notices_by_mail on mail_notices (mail_id, sequence)`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
