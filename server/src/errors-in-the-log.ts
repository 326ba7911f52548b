import { isDatabaseAway } from './database/away';

/** What an error is in the log: where in the program it came from only where the program may be at fault. */
export function logged(error: unknown): { readonly error: string } | { readonly err: unknown } {
  return isDatabaseAway(error) ? loggedTrouble(error) : { err: error };
}

/** The trouble of somebody else (a database, a provider, a directory) in the log: its words and those of what it came of. */
export function loggedTrouble(error: unknown): { readonly error: string } {
  return { error: [...new Set(wordsOf(error))].join(': ') };
}

function wordsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  // A host with several addresses fails with one error for each, and no words of its own.
  const others: unknown[] = error instanceof AggregateError ? error.errors : [];
  const cameOf = [...others, ...(error.cause === undefined ? [] : [error.cause])].flatMap(wordsOf);
  return error.message === '' && cameOf.length > 0 ? cameOf : [error.message || error.name, ...cameOf];
}
