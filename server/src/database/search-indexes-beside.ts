import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from './database';
import type { Schema } from './schema';
import { lackingIndexes, readLacking } from './search-indexes';

/** Any number that nothing else in the database is likely to lock by, and no migration. */
const LOCK = 7_226_001_916;
const TRY_LOCK_EVERY_MS = 1000;
/** While a table is waited for to drop what was half made, everybody else who wants it waits behind. */
const TABLE_LOCK_LIMIT = '2s';

/** The names of the indexes that were made, and of those that only the owner of the tables can make. */
export interface MadeBeside {
  readonly made: readonly string[];
  readonly left: readonly string[];
}

/**
 * Makes what is lacking while everybody else goes on reading and writing. Of several processes one does, and the others wait until it
 * has. What one leaves half made, however it ends, the next takes away. Throws once the signal is aborted.
 */
export async function makeIndexesBeside(
  database: Pick<Database, 'db' | 'outside'>,
  signal: AbortSignal,
): Promise<MadeBeside> {
  const lacking = await readLacking(database.db, 'any');
  const left = lacking.filter(({ isOurs }) => !isOurs).map(({ name }) => name);
  if (lacking.length === left.length) return { made: [], left };
  const made = await database.outside(
    (locks) =>
      locks.transaction().execute(async (trx) => {
        // The transaction's, for a pooler gives each another session; it reads nothing meanwhile, so that nobody waits for it.
        while (!(await tryLock(trx))) await wait(TRY_LOCK_EVERY_MS, undefined, { signal });
        return database.outside((db) => makeEachBeside(db), signal);
      }),
    signal,
  );
  return { made, left };
}

async function tryLock(trx: Transaction<Schema>): Promise<boolean> {
  const { rows } = await sql<{ had: boolean }>`select pg_try_advisory_xact_lock(${sql.lit(LOCK)}) as had`.execute(trx);
  return rows[0]?.had === true;
}

async function makeEachBeside(db: Kysely<Schema>): Promise<string[]> {
  const made: string[] = [];
  for (const { name, table, on } of await lackingIndexes(db, 'any')) {
    const isThere = await db.transaction().execute(async (trx) => {
      // The server goes on with it for one whose process has ended.
      await sql`lock table ${sql.table(table)} in share update exclusive mode`.execute(trx);
      if ((await lackingIndexes(trx, 'any')).every((one) => one.name !== name)) return true;
      await sql`select set_config('lock_timeout', ${sql.lit(TABLE_LOCK_LIMIT)}, true)`.execute(trx);
      await sql`drop index if exists ${sql.id(name)}`.execute(trx);
      return false;
    });
    if (isThere) continue;
    await sql`create index concurrently ${sql.id(name)} on ${sql.table(table)} ${on}`.execute(db);
    made.push(name);
  }
  return made;
}
