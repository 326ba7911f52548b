import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { Configuration } from '../configuration';
import { type Database, openDatabase } from '../database/database';
import { directorySchema, loadDirectory } from '../directory';
import { retryMails } from '../mail/outbox';
import { savePartners } from '../partner-directory';
import { readPartnersCsv } from '../partners-csv';
import { issueToken, revokeTokens } from '../tokens';
import { CommandError, tell } from './terminal';

/** Loads a directory file: partners, customers, callers, subscriptions. Everything in it or nothing. */
export async function importDirectory(configuration: Configuration, file: string): Promise<void> {
  const result = v.safeParse(directorySchema, await readJson(file));
  if (!result.success) {
    const lines = result.issues.map((issue) => `  ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
    throw new CommandError([`${file} was not imported:`, ...lines].join('\n'));
  }
  const directory = result.output;
  await withDatabase(configuration, (database) => database.transaction((trx) => loadDirectory(trx, directory)));
  const { partners, customers, callers, subscriptions } = directory;
  tell(
    `Imported ${partners.length} partners, ${customers.length} customers, ${callers.length} callers and ${subscriptions.length} subscriptions.`,
  );
}

/** Adds and updates partners from a CSV file. Everything in it or nothing. */
export async function importPartners(configuration: Configuration, file: string): Promise<void> {
  const result = readPartnersCsv(await readUtf8(file));
  if (!result.ok) {
    throw new CommandError(
      [`${file} was not imported:`, ...result.problems.map((problem) => `  ${problem}`)].join('\n'),
    );
  }
  const { partners } = result;
  await withDatabase(configuration, (database) => database.transaction((trx) => savePartners(trx, partners)));
  tell(`Imported ${partners.length} partners.`);
}

/** Makes the mails that were given up due again: those that a server refused for good, and those without an address. */
export async function retryGivenUpMails(configuration: Configuration): Promise<void> {
  const count = await withDatabase(configuration, ({ db }) => retryMails(db));
  tell(`Mails to be sent again: ${count}.`);
}

/** Makes an access token for a caller who was imported, and prints it, alone on its line, this once. */
export async function addToken(configuration: Configuration, principalId: string): Promise<void> {
  const token = await withDatabase(configuration, async ({ db }) => {
    const caller = await db
      .selectFrom('callers')
      .where('principal_id', '=', principalId)
      .select('principal_id')
      .executeTakeFirst();
    if (caller === undefined) throw new CommandError(`There is no caller ${principalId}. Import the caller first.`);
    return issueToken(db, principalId, new Date());
  });
  tell(`The access token of ${principalId}, shown this once:`);
  process.stdout.write(`${token}\n`);
}

/** Ends all access tokens of a caller. */
export async function revokeAllTokens(configuration: Configuration, principalId: string): Promise<void> {
  const count = await withDatabase(configuration, ({ db }) => revokeTokens(db, principalId));
  tell(`Access tokens of ${principalId} ended: ${count}.`);
}

async function withDatabase<T>(configuration: Configuration, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(configuration.database);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

async function readUtf8(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    throw new CommandError(`${file} cannot be read as UTF-8 text: ${error instanceof Error ? error.message : error}`);
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} cannot be read as JSON: ${error instanceof Error ? error.message : error}`);
  }
}
