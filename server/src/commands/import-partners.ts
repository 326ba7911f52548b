import { visibleText } from '../../../src/domain/visible-text';
import type { Configuration } from '../configuration';
import { planPartners } from '../partners/plan';
import { readPartnersCsv } from '../partners/partners-csv';
import { openHowFar } from './how-far';
import { notImported, rowsWritten, writePortions } from './portions';
import { gatherProblems } from './problems';
import { watchForStop } from './stop-signal';
import { tell } from './terminal';
import { readTextFile } from './text-file';
import { withDatabase } from './with-database';

/** Adds and updates partners from a CSV file: it is judged whole before anything of it is written. */
export async function importPartners(configuration: Configuration, file: string): Promise<void> {
  const result = readPartnersCsv(await readTextFile(file));
  if (!result.ok) {
    const problems = gatherProblems();
    for (const problem of result.problems) problems.add(problem);
    throw notImported(file, problems);
  }
  const { partners, ignored } = result;
  if (ignored.length > 0) tell(`${file} has columns that are not read: ${visibleText(ignored.join(', '))}.`);
  const howFar = openHowFar();
  const written = await withDatabase(configuration, async (database) =>
    writePortions(database, file, await planPartners(database.db, partners), { howFar, stopped: watchForStop() }),
  ).finally(howFar.end);
  tell(`Imported ${partners.length} partners. ${rowsWritten(written)}`);
}
