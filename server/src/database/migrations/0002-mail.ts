import { type Kysely, sql } from 'kysely';

/** Where a partner is written to, and the mails that changes owe. */
const STATEMENTS = [
  sql`alter table partners add column mail text`,
  sql`create table outbox (
    sequence bigint generated always as identity primary key,
    mail_id uuid not null unique,
    change_id uuid not null references changes (change_id),
    partner_id text not null references partners,
    partner_name text not null,
    customer_id text not null,
    customer_name text not null,
    display_name text not null,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed', 'undeliverable')),
    message_id text,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    lease uuid,
    last_error text,
    sent_at timestamptz,
    constraint one_mail_per_partner_and_change unique (change_id, partner_id)
  )`,
  sql`create index outbox_unsent on outbox (state, next_attempt_at, sequence) where state <> 'sent'`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
