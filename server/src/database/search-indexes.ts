import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
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

/** Which tables are meant: those whose index is made within a second, or all, where nobody else uses them. */
export type Size = 'small' | 'any';

/** The indexes that tables of that size lack, and whether this role may make them. One that was given up half made is lacking. */
export async function readLacking(
  db: Kysely<Schema>,
  size: Size,
): Promise<(SearchIndex & { readonly isOurs: boolean })[]> {
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
