import type { Configuration } from '../configuration';
import { type Database, openDatabase } from '../database/database';
import { retryMails } from '../mail/outbox';
import { planPartners } from '../partner-directory';
import { readPartnersCsv } from '../partners-csv';
import { issueToken, revokeTokens } from '../tokens';
import { openHowFar } from './how-far';
import { notImported, rowsWritten, writePortions } from './portions';
import { gatherProblems } from './problems';
import { watchForStop } from './stop-signal';
import { CommandError, tell } from './terminal';
import { readTextFile } from './text-file';

/** Adds and updates partners from a CSV file: it is judged whole before anything of it is written. */
export async function importPartners(configuration: Configuration, file: string): Promise<void> {
  const result = readPartnersCsv(await readTextFile(file));
  if (!result.ok) {
    const problems = gatherProblems();
    for (const problem of result.problems) problems.add(problem);
    throw notImported(file, problems);
  }
  const { partners } = result;
  const howFar = openHowFar();
  const written = await withDatabase(configuration, async (database) =>
    writePortions(database, file, await planPartners(database.db, partners), { howFar, stopped: watchForStop() }),
  ).finally(howFar.end);
  tell(`Imported ${partners.length} partners. ${rowsWritten(written)}`);
}

/** Makes the mails that were given up due again: those that a server refused for good, and those without an address. */
export async function retryGivenUpMails(configuration: Configuration): Promise<void> {
  const count = await withDatabase(configuration, ({ transaction }) => transaction(retryMails));
  tell(`Mails to be sent again: ${count}.`);
}

/** Makes an access token for a caller who was imported, and prints it, alone on its line, this once. */
export async function addToken(configuration: Configuration, principalId: string): Promise<void> {
  const token = await withDatabase(configuration, ({ transaction }) =>
    transaction(async (trx) => {
      const caller = await trx
        .selectFrom('callers')
        .where('principal_id', '=', principalId)
        .select('principal_id')
        .executeTakeFirst();
      if (caller === undefined) throw new CommandError(`There is no caller ${principalId}. Import the caller first.`);
      return issueToken(trx, principalId, new Date());
    }),
  );
  tell(`The access token of ${principalId}, shown this once:`);
  process.stdout.write(`${token}\n`);
}

/** Ends all access tokens of a caller. */
export async function revokeAllTokens(configuration: Configuration, principalId: string): Promise<void> {
  const count = await withDatabase(configuration, ({ transaction }) =>
    transaction((trx) => revokeTokens(trx, principalId)),
  );
  tell(`Access tokens of ${principalId} ended: ${count}.`);
}

/** Does work of one command on the database, and closes it. */
export async function withDatabase<T>(
  configuration: Configuration,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase(configuration.database, { patient: true });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
