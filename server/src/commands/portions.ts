import { isDatabaseAway, isLockTimeout } from '../database/away';
import type { Database } from '../database/database';
import type { Portion } from '../database/portions';
import { stopSignal } from './stop-signal';
import { CommandError } from './terminal';

/**
 * Writes portions, each in a transaction of its own, so that nobody waits for all of them, and returns how many rows there were.
 * Throws a {@link CommandError} that says how far it came when the database goes away, or the person stops it.
 */
export async function writePortions(database: Database, file: string, portions: readonly Portion[]): Promise<number> {
  const all = portions.reduce((sum, { rows }) => sum + rows, 0);
  let written = 0;
  let stopped: NodeJS.Signals | null = null;
  stopSignal().then((signal) => {
    stopped = signal;
  });
  const broken = (reason: string, cause?: unknown) =>
    new CommandError(
      `The import of ${file} stopped: ${reason} ${written} of ${all} rows are written. Import the file again to write the rest.`,
      { cause },
    );
  for (const { rows, write } of portions) {
    if (stopped !== null) throw broken(`it was ended by ${stopped}.`);
    try {
      await database.transaction(write);
    } catch (error) {
      if (isLockTimeout(error)) throw broken('something else holds a row that it would write.', error);
      if (isDatabaseAway(error)) throw broken(`the database went away, perhaps with the next ${rows} written.`, error);
      throw error;
    }
    written += rows;
  }
  return all;
}
