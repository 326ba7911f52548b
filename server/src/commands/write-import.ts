import { isDatabaseAway, isLockTimeout } from '../database/away';
import type { Database } from '../database/database';
import type { Portion } from '../database/portions';
import type { Progress } from '../progress';
import type { Problems } from './problems';
import { CommandError } from './terminal';

/** An import that is refused, with all that is wrong with its file. */
export function notImported(file: string, problems: Problems): CommandError {
  return new CommandError(`${file} was not imported:\n${problems.text()}`);
}

/** What an import came to. */
export function rowsWritten(count: number): string {
  return `Rows written, because they were new or differed: ${count}.`;
}

/** What is said and asked between two portions. */
export interface WritingSteps {
  readonly progress: Progress;
  /** The signal that is to stop the process, if one came. */
  readonly stopped: () => NodeJS.Signals | null;
}

/**
 * Writes portions, each in a transaction of its own, so that nobody waits for all of them, and returns how many rows there were.
 * Throws a {@link CommandError} that says how far it came when the database goes away, or the person stops it.
 */
export async function writeImport(
  database: Database,
  file: string,
  portions: readonly Portion[],
  { progress, stopped }: WritingSteps,
): Promise<number> {
  const all = portions.reduce((sum, { rows }) => sum + rows, 0);
  let written = 0;
  const broken = (reason: string, cause?: unknown) =>
    new CommandError(
      `The import of ${file} stopped: ${reason} ${written} of ${all} rows are written. Import the file again to write the rest.`,
      { cause },
    );
  for (const { rows, write } of portions) {
    const signal = stopped();
    if (signal !== null) throw broken(`it was ended by ${signal}.`);
    try {
      await database.transaction(write);
    } catch (error) {
      if (isLockTimeout(error)) throw broken('something else holds a row that it would write.', error);
      if (isDatabaseAway(error)) throw broken(`the database went away, perhaps with the next ${rows} written.`, error);
      throw error;
    }
    written += rows;
    progress.at(() => `Writing: ${inWords(written)} of ${inWords(all)} rows`);
  }
  return all;
}

const inWords = (count: number) => count.toLocaleString('en-US');
