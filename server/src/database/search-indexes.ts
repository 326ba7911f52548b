import { setTimeout as wait } from 'node:timers/promises';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from './database';
import { gramsOf } from './grams';
import type { Schema } from './schema';

/** What finds a text among many rows. Without them every search has the same answer, more slowly. */
const INDEXES = [
  grams('subscriptions'),
  { name: 'subscriptions_by_customer', table: 'subscriptions', on: sql`(customer_id)` },
  grams('customers'),
  grams('partners'),
] as const;

interface SearchIndex {
  readonly name: string;
  readonly table: 'subscriptions' | 'customers' | 'partners';
  readonly on: RawBuilder<unknown>;
}

/** What rows add waits in a list that each search reads through, so it is kept short; the default is four times this. */
function grams(table: SearchIndex['table']): SearchIndex {
  return {
    name: `${table}_by_grams`,
    table,
    on: sql`using gin ((${gramsOf(sql.ref('search_text'))})) with (gin_pending_list_limit = 1024)`,
  };
}

/** A table of so many bytes has its index within a second, in which nobody writes to it. */
const SMALL = 4 * 1024 * 1024;

/** Any number that nothing else in the database is likely to lock by, and no migration. */
const LOCK = 7_226_001_916;
const TRY_LOCK_EVERY_MS = 1000;
/** While a table is waited for to drop what was half made, everybody else who wants it waits behind. */
const TABLE_LOCK_LIMIT = '2s';

/** Which tables are meant: those whose index is made within a second, or all, where nobody else uses them. */
export type Size = 'small' | 'any';

/** The indexes that tables of that size lack, and whether this role may make them. One that was given up half made is lacking. */
async function readLacking(db: Kysely<Schema>, size: Size): Promise<(SearchIndex & { readonly isOurs: boolean })[]> {
  const { rows } = await sql<{ name: string; isOurs: boolean }>`
    select wanted.name, pg_has_role((select relowner from pg_class where oid = to_regclass("table")), 'usage') as "isOurs"
    from unnest(${INDEXES.map(({ name }) => name)}::text[], ${INDEXES.map(({ table }) => table)}::text[])
      as wanted (name, "table")
    where to_regclass("table") is not null
      and (${size === 'any'} or pg_relation_size(to_regclass("table")) <= ${SMALL})
      and not exists (select from pg_index where indexrelid = to_regclass(wanted.name) and indisvalid)`.execute(db);
  return rows.flatMap(({ name, isOurs }) => {
    const index = INDEXES.find((one) => one.name === name);
    return index === undefined ? [] : [{ ...index, isOurs }];
  });
}

/** The indexes that tables of that size lack and that this role may make. */
export async function lackingIndexes(db: Kysely<Schema>, size: Size): Promise<readonly SearchIndex[]> {
  return (await readLacking(db, size)).filter(({ isOurs }) => isOurs);
}

/** Makes indexes within a transaction, until whose end nobody writes to their tables. */
export async function makeIndexes(trx: Transaction<Schema>, indexes: readonly SearchIndex[]): Promise<void> {
  for (const { name, table, on } of indexes) {
    await sql`drop index if exists ${sql.id(name)}`.execute(trx);
    await sql`create index ${sql.id(name)} on ${sql.table(table)} ${on}`.execute(trx);
  }
}

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
