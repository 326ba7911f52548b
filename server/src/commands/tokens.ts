import type { Kysely } from 'kysely';
import { pastedId, withoutUnseen } from '../../../src/domain/pasted-text';
import { visibleText } from '../../../src/domain/visible-text';
import type { Configuration } from '../configuration';
import { listTokens, readCaller, revokeTokens, type TokenFacts } from '../callers/repository';
import { parseTokenEnd } from '../callers/token-end';
import { hasEnded, issueToken } from '../callers/tokens';
import type { Schema } from '../database/schema';
import { CommandError, print } from './terminal';
import { withDatabase } from './with-database';

/**
 * Makes an access token for a caller who was imported, and prints it, alone on its line, this once. `expires`: when it is to
 * end, as the operator wrote it; without it the token has no end.
 */
export async function addToken(
  configuration: Configuration,
  typed: string,
  expires: string | undefined,
): Promise<void> {
  const now = new Date();
  const endsAt = expires === undefined ? null : parseTokenEnd(withoutUnseen(expires).trim(), now);
  if (expires !== undefined && endsAt === null) {
    throw new CommandError(
      `--expires is ${expires}, but must be a number of days such as 90d, or the last day such as 2027-01-31, today or later.`,
    );
  }
  const { principalId, token } = await withDatabase(configuration, ({ transaction }) =>
    transaction(async (trx) => {
      const principalId = await principalMeant(trx, typed);
      if ((await readCaller(trx, principalId)) === null)
        throw new CommandError(
          `There is no caller ${principalId} in ${placeOf(configuration)}. Import the caller first.`,
        );
      return { principalId, token: await issueToken(trx, principalId, now, endsAt) };
    }),
  );
  const good = endsAt === null ? 'without an end' : `good until ${toTheMinute(endsAt)} UTC`;
  print(`The access token of ${principalId}, ${good}, shown this once:`);
  process.stdout.write(`${token}\n`);
}

/**
 * The principal ID that a person means: that of a caller who has just the one typed; else the typed one without what came along
 * with a paste, as `import` reads it. Throws a {@link CommandError} for one that is shown in another order.
 */
async function principalMeant(db: Kysely<Schema>, typed: string): Promise<string> {
  if ((await readCaller(db, typed)) !== null) return typed;
  const read = pastedId(typed);
  if (read.ok) return read.text;
  throw new CommandError(
    `Hidden characters show ${visibleText(typed)} in another order (U+202A to U+202E). Type the principal ID by hand.`,
  );
}

/** Where this command worked: elsewhere than the service, when it was given without one of the service's variables. */
function placeOf({ database }: Configuration): string {
  return database.kind === 'folder'
    ? `the data folder ${database.folder} (DATABASE_URL is not set)`
    : 'the database that DATABASE_URL names';
}

/** Prints what can be shown of the access tokens of a caller, or of everybody: one a line, below the columns' names. */
export async function printTokens(configuration: Configuration, typed: string | null): Promise<void> {
  const { principalId, tokens } = await withDatabase(configuration, async ({ db }) => {
    const principalId = typed === null ? null : await principalMeant(db, typed);
    return { principalId, tokens: await listTokens(db, principalId) };
  });
  if (tokens.length === 0) {
    return print(principalId === null ? 'There are no access tokens.' : `${principalId} has no access token.`);
  }
  const now = new Date();
  const rows = [TOKEN_COLUMNS, ...tokens.map((token) => tokenCells(token, now))];
  const widths = TOKEN_COLUMNS.map((_name, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    );
  }
}

const TOKEN_COLUMNS = ['number', 'caller', 'made (UTC)', 'ends (UTC)', 'last used (UTC)'];

function tokenCells(token: TokenFacts, now: Date): string[] {
  const { number, principalId, madeAt, endsAt, lastUsedAt } = token;
  const end = endsAt === null ? 'never' : `${toTheMinute(endsAt)}${hasEnded(token, now) ? ', ended' : ''}`;
  return [
    number,
    visibleText(principalId),
    toTheMinute(madeAt),
    end,
    lastUsedAt === null ? 'never' : toTheMinute(lastUsedAt),
  ];
}

function toTheMinute(at: Date): string {
  return at.toISOString().slice(0, 'YYYY-MM-DDThh:mm'.length).replace('T', ' ');
}

/** Ends all access tokens of a caller, or the one of a number that `token list` names. */
export async function endTokens(
  configuration: Configuration,
  typed: string,
  typedNumber: string | undefined,
): Promise<void> {
  const number = typedNumber && withoutUnseen(typedNumber).trim();
  if (number !== undefined && !/^[0-9]{1,15}$/.test(number)) {
    throw new CommandError(`${number} is no number of an access token. token list ${typed} shows the numbers.`);
  }
  const { principalId, count } = await withDatabase(configuration, ({ transaction }) =>
    transaction(async (trx) => {
      const principalId = await principalMeant(trx, typed);
      return { principalId, count: await revokeTokens(trx, principalId, number ?? null) };
    }),
  );
  if (number !== undefined && count === 0) {
    throw new CommandError(
      `${principalId} has no access token ${number}. token list ${principalId} shows the numbers.`,
    );
  }
  if (count === 0) {
    throw new CommandError(
      `${principalId} has no access token, so none was ended. token list shows whose there are; letter case counts.`,
    );
  }
  print(`Access tokens of ${principalId} ended: ${count}.`);
}
