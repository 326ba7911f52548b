import { setTimeout as wait } from 'node:timers/promises';
import { type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely';
import { FOLD_NUMBER, fold } from '../../../src/domain/fold';
import { isDatabaseAway } from './away';
import type { Database } from './database';
import { gramsIn, gramsOf } from './grams';
import type { Schema } from './schema';

/** The tables in which names are searched, each with its key and the column that holds the name. */
const SEARCHED = {
  partners: { id: 'partner_id', name: 'name' },
  customers: { id: 'customer_id', name: 'name' },
  subscriptions: { id: 'subscription_id', name: 'display_name' },
} as const;
type Searched = keyof typeof SEARCHED;
const TABLES = ['partners', 'customers', 'subscriptions'] as const satisfies readonly Searched[];

/** The columns that a row is searched by. Whoever writes its name writes them too. */
export interface SearchColumns {
  search_text: string;
  search_fold: number;
  search_name: string;
}

/** Folded here and not in SQL: a database's own folding depends on its locale. */
export function searchColumns(name: string, id: string): SearchColumns {
  return { search_text: `${fold(name)}\n${fold(id)}`, search_fold: FOLD_NUMBER, search_name: name };
}

/** The fold of before there were numbers; rows of it may be left by a version that knows no other. */
function firstFold(text: string): string {
  return text.toLowerCase();
}

/** How rows are looked for: each one is looked at, or the indexes say which to look at. Both find the same. */
type By = 'looking' | 'index';

/** Finds the rows whose name or ID holds the text. Those that are not folded anew yet are searched by both folds. */
export function holdsText(text: string, by: By): (table: Searched) => RawBuilder<SqlBool> {
  const [wanted, wantedAtFirst] = [fold(text), firstFold(text)];
  const grams = by === 'index' ? gramsIn(wanted) : [];
  return (table) => {
    const column = sql.ref(`${table}.search_text`);
    const holds = sql<SqlBool>`${column} like ${likePattern(wanted)}`;
    const found = grams.length === 0 ? holds : sql<SqlBool>`(${gramsOf(column)} @> ${grams}::text[] and ${holds})`;
    if (wanted === wantedAtFirst) return found;
    return sql<SqlBool>`(${found} or (${foldOf(table)} < ${FOLD_NUMBER} and ${column} like ${likePattern(wantedAtFirst)}))`;
  };
}

/** After folding, which makes such characters of others. */
function likePattern(folded: string): string {
  return `%${folded.replace(/[\\%_]/g, '\\$&')}%`;
}

/** The number of the fold that a row's text is of, as its index has it. */
function foldOf(table: Searched): RawBuilder<number> {
  const [fromName, name] = [sql.ref(`${table}.search_name`), sql.ref(`${table}.${SEARCHED[table].name}`)];
  return sql<number>`(case when ${fromName} = ${name} then ${sql.ref(`${table}.search_fold`)} else 1 end)`;
}

const MOST_ROWS = 2000;
/** Rows that somebody else holds, or a database that is away, are looked at again after so long. */
const AGAIN_AFTER_MS = 5000;

export interface FoldingAnew {
  readonly signal: AbortSignal;
  /** Hears why it does not go on for a while. */
  readonly onTrouble: (error: unknown) => void;
  readonly mostRows?: number;
  readonly againAfterMs?: number;
}

/**
 * Folds anew what is of an earlier fold, some rows in each transaction, and answers how many there were. Several processes may do so
 * at once: none waits for a row of another's, and what one leaves behind, however it ends, the next takes up. Ends early, without
 * a word, once the signal is aborted.
 */
export async function foldAnew(
  database: Pick<Database, 'db' | 'transaction'>,
  { signal, onTrouble, mostRows = MOST_ROWS, againAfterMs = AGAIN_AFTER_MS }: FoldingAnew,
): Promise<number> {
  let all = 0;
  for (const table of TABLES) {
    while (!signal.aborted) {
      try {
        const rows = await database.transaction((trx) => foldSome(trx, table, mostRows));
        all += rows;
        if (rows > 0) continue;
        if (!(await isAnyLeft(database, table))) break;
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        onTrouble(error);
      }
      await wait(againAfterMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return all;
}

async function foldSome(trx: Transaction<Schema>, table: Searched, most: number): Promise<number> {
  const [id, name] = [sql.ref(SEARCHED[table].id), sql.ref(SEARCHED[table].name)];
  // Not `for update`: whoever adds a row that refers to one of these need not wait for it.
  const { rows } = await sql<{ id: string; name: string }>`select ${id} as id, ${name} as name from ${sql.table(table)}
    where ${foldOf(table)} < ${FOLD_NUMBER} limit ${most} for no key update skip locked`.execute(trx);
  if (rows.length === 0) return 0;
  const columns = rows.map((row) => searchColumns(row.name, row.id));
  await sql`update ${sql.table(table)} set search_text = folded.text, search_name = folded.name, search_fold = ${FOLD_NUMBER}
    from unnest(${rows.map((row) => row.id)}::text[], ${rows.map((row) => row.name)}::text[],
      ${columns.map(({ search_text }) => search_text)}::text[]) as folded (id, name, text)
    where ${sql.ref(`${table}.${SEARCHED[table].id}`)} = folded.id`.execute(trx);
  return rows.length;
}

async function isAnyLeft({ db }: Pick<Database, 'db'>, table: Searched): Promise<boolean> {
  const { rows } = await sql`select from ${sql.table(table)} where ${foldOf(table)} < ${FOLD_NUMBER} limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
