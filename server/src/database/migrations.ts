import { setTimeout as wait } from 'node:timers/promises';
import { type Migration, sql, type Transaction } from 'kysely';
import type { Progress } from '../progress';
import { codeOf, messageOf } from '../thrown';
import * as partnersOfRecord from './migrations/0001-partners-of-record';
import * as mail from './migrations/0002-mail';
import * as livePartners from './migrations/0003-live-partners';
import * as usageMeters from './migrations/0004-usage-meters';
import * as assignedById from './migrations/0005-assigned-by-id';
import * as mailAttempts from './migrations/0006-mail-attempts';
import * as tokenEnds from './migrations/0007-token-ends';
import * as searchFolds from './migrations/0008-search-folds';
import * as gatheredMails from './migrations/0009-gathered-mails';
import type { Schema } from './schema';
import { lackingIndexes, makeIndexes, type Size } from './search-indexes';
import { DatabaseNotOpened } from './why-not-opened';

/**
 * Applied in the order of their names; one that has been shipped is never edited. Each only adds, with a default where the version
 * before writes the table: that one goes on with its work on the new schema until it is replaced.
 */
const MIGRATIONS: Record<string, Migration> = {
  '0001-partners-of-record': partnersOfRecord,
  '0002-mail': mail,
  '0003-live-partners': livePartners,
  '0004-usage-meters': usageMeters,
  '0005-assigned-by-id': assignedById,
  '0006-mail-attempts': mailAttempts,
  '0007-token-ends': tokenEnds,
  '0008-search-folds': searchFolds,
  '0009-gathered-mails': gatheredMails,
};
const FIRST = '0001-partners-of-record';
/** Those that alter the table that every change locks first, and the others after it. */
const ALTER_SUBSCRIPTIONS = ['0005-assigned-by-id', '0008-search-folds'];

/** The database has what this version does not know; the message is a sentence for the person who started it. */
export class NewerSchema extends Error {}

/** Any number that nothing else in the database is likely to lock by. */
const LOCK = 7_226_001_915;
const TRY_LOCK_EVERY_MS = 200;
/** While one of these is waited for, everybody else who wants that table waits behind it. */
const TABLE_LOCK_LIMIT = '2s';
const UNDEFINED_COLUMN = '42703';
const WRONG_OBJECT_TYPE = '42809';
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Brings the schema up to date within the transaction, all of it or nothing. It is looked at first: one that is up to date asks for
 * no right but to read, and for no lock. Several processes may do so at once: each waits until the one before has committed. The
 * lock is the transaction's and not, as Kysely's own migrator has it, the session's, since a pooler such as PgBouncer gives each
 * transaction another session. Throws {@link NewerSchema} and {@link DatabaseNotOpened}, and SQLSTATE 55P03 where somebody held a
 * table for longer than others may be kept waiting for it.
 *
 * What names are searched by is no part of the schema, since all works without it: tables of the size `indexed` get it here, of a server's
 * only with the schema.
 */
export async function migrate(trx: Transaction<Schema>, progress: Progress, indexed: Size): Promise<void> {
  const isMigrated = (await readMissing(trx)).length === 0;
  // Where others may hold the tables, what names are searched by is made beside them once the service answers.
  if (isMigrated && (indexed === 'small' || (await lackingIndexes(trx, indexed)).length === 0)) return;
  progress.at(() => 'Waiting for another process, which brings the database up to date…');
  while (!(await tryLock(trx))) await wait(TRY_LOCK_EVERY_MS);
  await sql`select set_config('lock_timeout', ${sql.lit(TABLE_LOCK_LIMIT)}, true)`.execute(trx);
  const missing = await readMissing(trx);
  try {
    await apply(trx, missing, progress);
    const indexes = await lackingIndexes(trx, indexed);
    if (indexes.length > 0)
      progress.at(() => 'Making what names are searched by, which takes a while where there are many…');
    await makeIndexes(trx, indexes);
  } catch (error) {
    if (codeOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new DatabaseNotOpened(whyNotBroughtUpToDate(missing, error), { cause: error });
  }
  progress.done('The database is up to date.');
}

/**
 * Asked for again and again and not waited for on the server: that notices nothing of a process that is gone while it has it wait, and
 * would keep a connection for each one that was started and ended meanwhile.
 */
async function tryLock(trx: Transaction<Schema>): Promise<boolean> {
  const { rows } = await sql<{ had: boolean }>`select pg_try_advisory_xact_lock(${sql.lit(LOCK)}) as had`.execute(trx);
  return rows[0]?.had === true;
}

async function apply(trx: Transaction<Schema>, missing: readonly string[], progress: Progress): Promise<void> {
  const all = Object.entries(MIGRATIONS);
  const altersSubscriptions = missing.some((name) => ALTER_SUBSCRIPTIONS.includes(name));
  for (const [index, [name, migration]] of all.entries()) {
    if (!missing.includes(name)) continue;
    progress.at(() => `Bringing the database up to date: ${index + 1} of ${all.length} (${name})…`);
    // Before any other table: a change under way would wait for that one, and we for the change.
    if (altersSubscriptions && name === missing[0] && name !== FIRST) {
      await sql`lock table subscriptions in access exclusive mode`.execute(trx);
    }
    if (name === FIRST) {
      await sql`create table if not exists kysely_migration (name text primary key, timestamp text not null)`.execute(
        trx,
      );
    }
    await migration.up(trx);
    await sql`insert into kysely_migration (name, timestamp) values (${name}, ${new Date().toISOString()})`.execute(
      trx,
    );
  }
}

/** The names of the migrations that the database does not have yet. */
async function readMissing(trx: Transaction<Schema>): Promise<string[]> {
  const applied = await readApplied(trx);
  const unknown = applied.find((name) => !(name in MIGRATIONS));
  if (unknown !== undefined && !applied.includes(FIRST)) throw notOurs(`it has “${unknown}”`);
  if (unknown !== undefined) {
    throw new NewerSchema(`The database is that of a later version of the service (${unknown}). Start that version.`);
  }
  return Object.keys(MIGRATIONS).filter((name) => !applied.includes(name));
}

async function readApplied(trx: Transaction<Schema>): Promise<string[]> {
  // Not by `to_regclass`: PostgreSQL (15) remembers that there was none, also when another process has made it meanwhile.
  const { rows: found } = await sql<{ there: boolean }>`select exists (
    select from pg_class where relname = 'kysely_migration' and pg_table_is_visible(oid)) as there`.execute(trx);
  if (!found[0]?.there) return [];
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(trx);
    return rows.map(({ name }) => name);
  } catch (error) {
    const code = codeOf(error);
    if (code === UNDEFINED_COLUMN || code === WRONG_OBJECT_TYPE) throw notOurs('it has no names of migrations', error);
    throw error;
  }
}

function notOurs(why: string, cause?: unknown): DatabaseNotOpened {
  return new DatabaseNotOpened(
    `The table kysely_migration in the database is another program's: ${why}. Give the service a database of its own, by DATABASE_URL.`,
    { cause },
  );
}

function whyNotBroughtUpToDate(missing: readonly string[], error: unknown): string {
  const said = messageOf(error);
  return missing.includes(FIRST)
    ? `The database has no tables of the service yet, and this role may not make them: “${said}”. Run the command migrate once as a role that may, such as the database's owner; then this one needs no more than the rights in docs/operating-the-service.md, “Rights in the database”.`
    : `The tables of the service are not up to date (${missing.join(', ')}), and this role may not change them: “${said}”. Run the command migrate once as the role that owns them, then start again.`;
}
