import type { Transaction } from 'kysely';
import type { Schema } from './schema';

/** Few enough that whoever waits for one of its rows waits a moment only. */
const MOST_ROWS = 500;

/** Rows that are written in one transaction, and can be written again. */
export interface Portion {
  readonly rows: number;
  readonly write: (trx: Transaction<Schema>) => Promise<void>;
}

/** Cuts rows into portions, each written by `write`. */
export function portionsOf<Row>(
  rows: readonly Row[],
  write: (trx: Transaction<Schema>, rows: Row[]) => Promise<void>,
): Portion[] {
  return cut(rows).map((part) => ({ rows: part.length, write: (trx) => write(trx, part) }));
}

/** A row that is to be written; `isNew` when the database has none of its key. */
export interface Difference<Row> {
  readonly row: Row;
  readonly isNew: boolean;
}

/**
 * The rows that the database does not hold as they are, in the order of their keys, so that all who write rows lock them in one
 * order. Of several with one key the last counts. `read` gets rows and answers what the database has of their keys, perhaps more.
 */
export async function differences<Row extends object>(
  wanted: readonly Row[],
  keyOf: (row: Row) => string,
  read: (rows: readonly Row[]) => Promise<readonly Row[]>,
): Promise<Difference<Row>[]> {
  const byKey = new Map(wanted.map((row) => [keyOf(row), row]));
  const found: Difference<Row>[] = [];
  for (const part of cut([...byKey.keys()].toSorted())) {
    const rows = part.flatMap((key) => byKey.get(key) ?? []);
    const known = new Map((await read(rows)).map((row) => [keyOf(row), row]));
    for (const row of rows) {
      const present = known.get(keyOf(row));
      if (present === undefined) found.push({ row, isNew: true });
      else if (!holds(present, row)) found.push({ row, isNew: false });
    }
  }
  return found;
}

/** Whether every column that the wanted row names is so already. */
function holds(present: object, wanted: object): boolean {
  const columns = new Map<string, unknown>(Object.entries(present));
  return Object.entries(wanted).every(([column, value]) => isSame(columns.get(column), value));
}

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other;
}

function cut<Item>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [];
  for (let start = 0; start < items.length; start += MOST_ROWS) parts.push(items.slice(start, start + MOST_ROWS));
  return parts;
}
