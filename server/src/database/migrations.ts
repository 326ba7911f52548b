import { type Migration, sql, type Transaction } from 'kysely';
import * as partnersOfRecord from './migrations/0001-partners-of-record';
import * as mail from './migrations/0002-mail';
import * as livePartners from './migrations/0003-live-partners';
import * as usageMeters from './migrations/0004-usage-meters';
import * as assignedById from './migrations/0005-assigned-by-id';
import * as mailAttempts from './migrations/0006-mail-attempts';
import * as tokenEnds from './migrations/0007-token-ends';
import type { Schema } from './schema';

/** Applied in the order of their names; one that has been shipped is never edited. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-partners-of-record': partnersOfRecord,
  '0002-mail': mail,
  '0003-live-partners': livePartners,
  '0004-usage-meters': usageMeters,
  '0005-assigned-by-id': assignedById,
  '0006-mail-attempts': mailAttempts,
  '0007-token-ends': tokenEnds,
};

/** The database has what this version does not know; the message is a sentence for the person who started it. */
export class NewerSchema extends Error {}

/** Any number that nothing else in the database is likely to lock by. */
const LOCK = 7_226_001_915;

/**
 * Brings the schema up to date within the transaction, all of it or nothing. Several processes may do so at once: each
 * waits until the one before has committed. The lock is the transaction's and not, as Kysely's own migrator has it, the
 * session's, since a pooler such as PgBouncer gives each transaction another session. Throws {@link NewerSchema}.
 */
export async function migrate(trx: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(trx);
  await sql`create table if not exists kysely_migration (name text primary key, timestamp text not null)`.execute(trx);
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(trx);
  const applied = new Set(rows.map(({ name }) => name));
  const unknown = [...applied].find((name) => !(name in MIGRATIONS));
  if (unknown !== undefined) {
    throw new NewerSchema(`The database is that of a later version of the service (${unknown}). Start that version.`);
  }
  for (const [name, migration] of Object.entries(MIGRATIONS)) {
    if (applied.has(name)) continue;
    await migration.up(trx);
    await sql`insert into kysely_migration (name, timestamp) values (${name}, ${new Date().toISOString()})`.execute(
      trx,
    );
  }
}
