import { type Kysely, sql } from 'kysely';

/** The tables in which names are searched, and where each has the name. The one first that others wait for longest: then none is held. */
const NAMES = { subscriptions: 'display_name', customers: 'name', partners: 'name' } as const;

/**
 * By which fold a row's `search_text` was made, and of which name. A version that knows nothing of it writes name and text alone, so
 * the number counts only while the name is still the same; of all else the text is the first fold's. The index finds those.
 */
const STATEMENTS = Object.entries(NAMES).flatMap(([table, name]) => [
  sql`alter table ${sql.table(table)} add column search_fold integer`,
  // Compared with the name, so of its collation.
  sql`alter table ${sql.table(table)} add column search_name text ${sql.raw(table === 'subscriptions' ? 'collate "C"' : '')}`,
  sql`create index ${sql.id(`${table}_by_fold`)} on ${sql.table(table)}
    ((case when search_name = ${sql.ref(name)} then search_fold else 1 end))`,
]);

export async function up(db: Kysely<never>): Promise<void> {
  for (const statement of STATEMENTS) await statement.execute(db);
}
