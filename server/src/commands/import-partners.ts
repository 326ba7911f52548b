import { visibleText } from '../../../src/domain/visible-text';
import type { Configuration } from '../configuration';
import { planPartners } from '../partners/plan';
import { readPartnersCsv } from '../partners/partners-csv';
import { lineOn, openProgress } from '../progress';
import { gatherProblems } from './problems';
import { watchForStop } from './stop-signal';
import { print } from './terminal';
import { readTextFile } from './text-file';
import { withDatabase } from './with-database';
import { notImported, rowsWritten, writeImport } from './write-import';

/** Adds and updates partners from a CSV file: it is judged whole before anything of it is written. */
export async function importPartners(configuration: Configuration, file: string): Promise<void> {
  const result = readPartnersCsv(await readTextFile(file));
  if (!result.ok) {
    const problems = gatherProblems();
    for (const problem of result.problems) problems.add(problem);
    throw notImported(file, problems);
  }
  const { partners, ignored } = result;
  if (ignored.length > 0) print(`${file} has columns that are not read: ${visibleText(ignored.join(', '))}.`);
  const progress = openProgress(lineOn(process.stderr));
  const written = await withDatabase(configuration, async (database) =>
    writeImport(database, file, await planPartners(database.db, partners), { progress, stopped: watchForStop() }),
  ).finally(progress.end);
  print(`Imported ${partners.length} partners. ${rowsWritten(written)}`);
}
