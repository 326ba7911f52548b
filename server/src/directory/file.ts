import * as v from 'valibot';
import type { PutAside } from '../database/portions';
import { DIRECTORY_LISTS, type Directory, type DirectoryList, ENTRY_SCHEMAS } from './directory';
import type { DirectorySource } from './plan';
import { entryProblem, placeOf, repeat } from './problems';
import { listReader } from './json-lists';

/** A directory file that was read and put aside. */
export interface ReadDirectory {
  readonly source: DirectorySource;
  readonly counts: Readonly<Record<DirectoryList, number>>;
}

/** So many rows, about, are put aside together. */
const MOST_ROWS = 2000;

/**
 * Reads a directory file from the pieces of its text, judges each entry by itself and puts it aside; what the directory refers to is
 * not looked at. Reports each problem; with any, what was put aside is not the whole. Throws a JsonProblem where the file cannot be
 * read at all.
 */
export async function readDirectory(
  pieces: AsyncIterable<string>,
  putAside: PutAside,
  problem: (sentence: string) => void,
): Promise<ReadDirectory> {
  const shelves = {
    partners: shelf('partners', ENTRY_SCHEMAS.partners, ({ partnerId }) => partnerId),
    customers: shelf('customers', ENTRY_SCHEMAS.customers, ({ id }) => id),
    callers: shelf('callers', ENTRY_SCHEMAS.callers, ({ principalId }) => principalId),
    subscriptions: shelf(
      'subscriptions',
      ENTRY_SCHEMAS.subscriptions,
      ({ subscriptionId }) => subscriptionId,
      ({ roles, usage }) => 1 + Object.keys(roles).length + usage.length,
    ),
  };

  /** The entries of one list. */
  function shelf<List extends DirectoryList>(
    list: List,
    schema: v.GenericSchema<unknown, Directory[List][number]>,
    idOf: (entry: Directory[List][number]) => string,
    rowsOf: (entry: Directory[List][number]) => number = () => 1,
  ) {
    const numbers = new Map<string, number>();
    const kept: (() => Promise<Directory[List][number][]>)[] = [];
    let entries: Directory[List][number][] = [];
    let rows = 0;

    async function putAll(): Promise<void> {
      if (entries.length > 0) kept.push(await putAside(entries));
      entries = [];
      rows = 0;
    }

    return {
      add(index: number, value: unknown): void {
        const result = v.safeParse(schema, value);
        if (!result.success) {
          for (const issue of result.issues) problem(entryProblem(list, index, value, issue));
          return;
        }
        const entry = result.output;
        const id = idOf(entry);
        const earlier = numbers.get(id);
        if (earlier !== undefined) {
          problem(repeat(list, index, id, earlier));
          return;
        }
        numbers.set(id, index);
        entries.push(entry);
        rows += rowsOf(entry);
      },
      putMany: async () => {
        if (rows >= MOST_ROWS) await putAll();
      },
      async end() {
        await putAll();
        return { count: numbers.size, entries: () => parts(kept) };
      },
    };
  }

  const reader = listReader(DIRECTORY_LISTS, {
    entry: (list, index, value) => shelves[list].add(index, value),
    problem,
    lost: (list, index, sentence) => problem(placeOf(list, index, null, []) + sentence),
  });
  for await (const piece of pieces) {
    reader.push(piece);
    for (const list of DIRECTORY_LISTS) await shelves[list].putMany();
  }
  reader.end();

  const partners = await shelves.partners.end();
  const customers = await shelves.customers.end();
  const callers = await shelves.callers.end();
  const subscriptions = await shelves.subscriptions.end();
  return {
    source: {
      partners: partners.entries,
      customers: customers.entries,
      callers: callers.entries,
      subscriptions: subscriptions.entries,
    },
    counts: {
      partners: partners.count,
      customers: customers.count,
      callers: callers.count,
      subscriptions: subscriptions.count,
    },
  };
}

async function* parts<Part>(kept: readonly (() => Promise<Part>)[]): AsyncIterable<Part> {
  for (const again of kept) yield await again();
}
