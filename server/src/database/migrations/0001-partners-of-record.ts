import { type Kysely, sql } from 'kysely';

/** The first schema. One statement each: PGlite prepares what it is sent, and a prepared statement is a single one. */
const STATEMENTS = [
  sql`create table partners (
    partner_id text primary key,
    name text not null,
    location text,
    search_text text not null
  )`,
  sql`create table customers (
    customer_id text primary key,
    name text not null,
    search_text text not null
  )`,
  sql`create table subscriptions (
    subscription_id text collate "C" primary key,
    display_name text collate "C" not null,
    service text not null,
    state text not null,
    start_date timestamptz not null,
    end_date timestamptz not null,
    customer_id text not null references customers,
    partner_id text references partners,
    assigned_at timestamptz,
    assigned_by text,
    revision integer not null default 0,
    search_text text not null,
    constraint partner_of_record_whole check (
      (partner_id is null) = (assigned_at is null) and (partner_id is null) = (assigned_by is null)
    )
  )`,
  sql`create index subscriptions_by_name on subscriptions (display_name, subscription_id)`,
  sql`create index subscriptions_by_partner on subscriptions (partner_id, display_name, subscription_id)`,
  sql`create table callers (
    principal_id text primary key,
    name text not null,
    organization text not null,
    partner_id text references partners
  )`,
  sql`create table caller_roles (
    principal_id text not null references callers on delete cascade,
    subscription_id text collate "C" not null references subscriptions on delete cascade,
    role text not null,
    primary key (principal_id, subscription_id)
  )`,
  sql`create table access_tokens (
    token_hash text primary key,
    principal_id text not null references callers on delete cascade,
    created_at timestamptz not null
  )`,
  sql`create table idempotency_keys (
    principal_id text not null,
    idempotency_key uuid not null,
    fingerprint text not null,
    etag text,
    body text,
    created_at timestamptz not null,
    primary key (principal_id, idempotency_key)
  )`,
  sql`create index idempotency_keys_by_age on idempotency_keys (created_at)`,
  sql`create table changes (
    sequence bigint generated always as identity primary key,
    change_id uuid not null unique,
    subscription_id text collate "C" not null references subscriptions,
    kind text not null check (kind in ('assign', 'change', 'remove')),
    before_partner_id text,
    before_name text,
    after_partner_id text,
    after_name text,
    changed_at timestamptz not null,
    changed_by text not null,
    principal_id text,
    idempotency_key uuid,
    request_id text
  )`,
  sql`create index changes_by_subscription on changes (subscription_id, sequence desc)`,
  sql`create table usage (
    subscription_id text collate "C" not null references subscriptions on delete cascade,
    month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    service text not null,
    amount numeric(16, 2),
    currency text,
    seats integer,
    primary key (subscription_id, month, service)
  )`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
