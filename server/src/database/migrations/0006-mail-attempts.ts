import { type Kysely, sql } from 'kysely';

/**
 * When a mail was first begun to be sent, from which it is given up after five days, and what kind of answer it met last. Null in
 * both: not known yet, so a version that writes neither goes on beside one that does.
 */
const STATEMENTS = [
  sql`alter table outbox add column first_attempt_at timestamptz`,
  sql`alter table outbox add column answer_kind text`,
];

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
