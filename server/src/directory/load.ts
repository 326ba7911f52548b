import type { Transaction } from 'kysely';
import { inMemory } from '../database/portions';
import type { Schema } from '../database/schema';
import type { Directory } from './directory';
import { type DirectorySource, planDirectory } from './plan';

/** So many entries are looked at together. */
const MOST_ENTRIES = 500;

/** A directory that is in memory as a whole. */
export function sourceOf(directory: Directory): DirectorySource {
  async function* parts<Entry>(entries: readonly Entry[]) {
    for (let start = 0; start < entries.length; start += MOST_ENTRIES) yield entries.slice(start, start + MOST_ENTRIES);
  }
  return {
    partners: () => parts(directory.partners),
    customers: () => parts(directory.customers),
    callers: () => parts(directory.callers),
    subscriptions: () => parts(directory.subscriptions),
  };
}

/** Writes a directory into the database within one transaction. Throws an Error that names what the directory lacks. */
export async function loadDirectory(trx: Transaction<Schema>, directory: Directory): Promise<void> {
  const problems: string[] = [];
  const portions = await planDirectory(trx, sourceOf(directory), {
    putAside: inMemory,
    problem: (problem) => problems.push(problem),
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  for (const portion of portions) await portion.write(trx);
}
