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
  return [error.message || error.name, ...(error.cause === undefined ? [] : wordsOf(error.cause))];
}
