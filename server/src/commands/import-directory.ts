import path from 'node:path';
import type { Configuration } from '../configuration';
import { DIRECTORY_LISTS } from '../directory/directory';
import { type ReadDirectory, readDirectory } from '../directory/file';
import { planDirectory } from '../directory/plan';
import { JsonProblem } from '../directory/json-lists';
import { lineOn, openProgress, type Progress } from '../progress';
import { gatherProblems } from './problems';
import { openSpool } from './spool';
import { watchForStop } from './stop-signal';
import { CommandError, print } from './terminal';
import { textPieces } from './text-file';
import { withDatabase } from './with-database';
import { notImported, rowsWritten, writeImport } from './write-import';

/**
 * Loads a directory file: partners, customers, callers, subscriptions. It is judged whole before anything of it is written;
 * then the rows that differ are, some at a time. Importing it again writes what is still missing.
 */
export async function importDirectory(configuration: Configuration, file: string): Promise<void> {
  const spool = await openSpool();
  const progress = openProgress(lineOn(process.stderr));
  try {
    const problems = gatherProblems();
    const { source, counts } = await read(file, spool.putAside, problems.add, progress);
    progress.clear();
    if (problems.count() > 0) throw notImported(file, problems);

    const entries = DIRECTORY_LISTS.reduce((sum, list) => sum + counts[list], 0);
    let compared = 0;
    const written = await withDatabase(configuration, async (database) => {
      // Not before: what waits for a pipe, or for a database that is being made, is ended by the signal itself.
      const stopped = watchForStop();
      const portions = await planDirectory(database.db, source, {
        putAside: spool.putAside,
        problem: problems.add,
        compared: (more) => {
          const signal = stopped();
          if (signal !== null) {
            throw new CommandError(`The import of ${file} stopped: it was ended by ${signal}. Nothing is written.`);
          }
          compared += more;
          progress.at(() => `Comparing ${path.basename(file)} with the database: ${percent(compared, entries)}`);
        },
      });
      if (problems.count() > 0) throw notImported(file, problems);
      return writeImport(database, file, portions, { progress, stopped });
    });
    progress.end();
    const { partners, customers, callers, subscriptions } = counts;
    print(
      `Imported ${partners} partners, ${customers} customers, ${callers} callers and ${subscriptions} subscriptions. ${rowsWritten(written)}`,
    );
  } finally {
    progress.end();
    await spool.close();
  }
}

async function read(
  file: string,
  putAside: Parameters<typeof readDirectory>[1],
  problem: (sentence: string) => void,
  progress: Progress,
): Promise<ReadDirectory> {
  const name = path.basename(file);
  const pieces = textPieces(file, (bytes, all) =>
    progress.at(() => `Reading ${name}: ${all === null ? `${Math.round(bytes / 1e6)} MB` : percent(bytes, all)}`),
  );
  try {
    return await readDirectory(pieces, putAside, problem);
  } catch (error) {
    throw error instanceof JsonProblem ? new CommandError(`${file} was not imported: ${error.message}`) : error;
  }
}

const percent = (part: number, whole: number) => `${Math.min(Math.floor((part / whole) * 100), 100)} %`;
