import { type Kysely, sql } from 'kysely';

/** When the service's own access tokens end and were last used, and a number by which people tell one from another. */
const STATEMENTS = [
  sql`alter table access_tokens add column number bigint generated always as identity`,
  sql`alter table access_tokens add column ends_at timestamptz`,
  sql`alter table access_tokens add column last_used_at timestamptz`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
