import type { Transaction } from 'kysely';
import type { Schema } from './schema';

/** Few enough that whoever waits for one of its rows waits a moment only. */
const MOST_ROWS = 500;

/** Rows that are written in one transaction, and can be written again. */
export interface Portion {
  readonly rows: number;
  readonly write: (trx: Transaction<Schema>) => Promise<void>;
}

/** Keeps rows until they are wanted: the answer hands them out again, as often as it is asked. */
export type PutAside = <Row>(rows: readonly Row[]) => Promise<() => Promise<Row[]>>;

/** For what is small. */
export const inMemory: PutAside = async (rows) => async () => [...rows];

/** What a table has of the rows that are wanted, and how those that it lacks are written. */
export interface Table<Present extends object, Wanted extends Present> {
  /** The same for two rows of which there can only be one. */
  readonly keyOf: (row: Present) => string;
  /** What the database has of the keys of these rows, perhaps more. */
  readonly read: (rows: readonly Wanted[]) => Promise<readonly Present[]>;
  readonly write: (trx: Transaction<Schema>, rows: readonly Wanted[]) => Promise<void>;
}

/** Finds the rows that the database does not hold as they are, some at a time. */
export interface Comparison<Wanted> {
  /** Of several rows with one key the last counts. */
  readonly add: (rows: readonly Wanted[]) => Promise<void>;
  /** What differs, once all is added. Within a portion rows are in the order of their keys, so that all who write lock them in one. */
  readonly portions: () => Promise<readonly Portion[]>;
}

/** Compares rows with what a table has, and writes nothing. What differs is put aside until its portion is written. */
export function compareWith<Present extends object, Wanted extends Present>(
  { keyOf, read, write }: Table<Present, Wanted>,
  putAside: PutAside,
): Comparison<Wanted> {
  const wanted = new Map<string, Wanted>();
  const differing = new Map<string, Wanted>();
  const portions: Portion[] = [];

  async function compare(): Promise<void> {
    const rows = [...wanted];
    wanted.clear();
    const known = new Map((await read(rows.map(([, row]) => row))).map((row) => [keyOf(row), row]));
    for (const [key, row] of rows) {
      const present = known.get(key);
      if (present !== undefined && holds(present, row)) continue;
      differing.set(key, row);
      if (differing.size === MOST_ROWS) await close();
    }
  }

  async function close(): Promise<void> {
    const keys = [...differing.keys()].toSorted();
    const rows = await putAside(keys.flatMap((key) => differing.get(key) ?? []));
    differing.clear();
    portions.push({ rows: keys.length, write: async (trx) => write(trx, await rows()) });
  }

  return {
    async add(rows) {
      for (const row of rows) {
        wanted.set(keyOf(row), row);
        if (wanted.size === MOST_ROWS) await compare();
      }
    },
    async portions() {
      if (wanted.size > 0) await compare();
      if (differing.size > 0) await close();
      return portions;
    },
  };
}

/** Whether every column that both name is as it is wanted. */
function holds(present: object, wanted: object): boolean {
  const columns = new Map<string, unknown>(Object.entries(present));
  return Object.entries(wanted).every(([column, value]) => !columns.has(column) || isSame(columns.get(column), value));
}

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Date && other instanceof Date ? one.getTime() === other.getTime() : one === other;
}
