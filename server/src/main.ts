import { parseArgs } from 'node:util';
import { demo } from './commands/demo';
import { importDirectory } from './commands/import-directory';
import { importPartners } from './commands/import-partners';
import { bringUpToDate } from './commands/migrate';
import { keepFoldersPrivate } from './commands/private-folders';
import { retryGivenUpMails } from './commands/retry-mails';
import { run } from './commands/run';
import { CommandError, tell } from './commands/terminal';
import { addToken, endTokens, printTokens } from './commands/tokens';
import { InvalidConfiguration, readConfiguration } from './configuration';
import { isDatabaseAway } from './database/away';
import { DataFolderUnfit } from './database/data-folder';
import { DataFolderInUse } from './database/folder-holder';
import { NewerSchema } from './database/migrations';
import { DatabaseNotOpened } from './database/why-not-opened';
import { messageOf } from './thrown';

const USAGE = `Usage:
  main.js [serve]                    serve the contract
  main.js demo [--tokens-file FILE]  serve the demo, loaded into an empty database
  main.js migrate                    make the service's tables, or bring them up to date, and end
  main.js import FILE                load partners, customers, callers and subscriptions from a JSON file
  main.js partners import FILE       add and update partners from a CSV file
  main.js mail retry                 send the mails again that were given up
  main.js token add PRINCIPAL_ID [--expires 90d|2027-01-31]
                                     make an access token for a caller and print it
  main.js token list [PRINCIPAL_ID]  show the access tokens: number, caller, when made, when they end, last use
  main.js token revoke PRINCIPAL_ID [NUMBER]
                                     end all access tokens of a caller, or one

Environment: PORT (8787), HOST (localhost), DATA_DIR (.data), DATABASE_URL, LOG_LEVEL (info), and
more for mail, sign-in and Partner Center: see docs/running-the-service.md.`;

async function main(args: string[]): Promise<void> {
  // Before any file is made: whatever the service makes is for its own user alone.
  process.umask(0o077);
  const { values, positionals } = parseCommandLine(args);
  const [command = 'serve', ...operands] = positionals;
  if (values.help) return tell(USAGE);
  if (values['tokens-file'] !== undefined && command !== 'demo') throw notACommand(args);
  const isTokenAdd = command === 'token' && operands[0] === 'add';
  if (values.expires !== undefined && !isTokenAdd) throw notACommand(args);
  const configuration = readConfiguration(process.env);
  await keepFoldersPrivate(configuration);
  const [first, second, third, ...more] = operands;
  if (command === 'token' && first === 'revoke' && second !== undefined && more.length === 0)
    return endTokens(configuration, second, third);
  if (third === undefined) {
    if (command === 'serve' && first === undefined) return run(configuration);
    if (command === 'demo' && first === undefined) return demo(configuration, values['tokens-file']);
    if (command === 'migrate' && first === undefined) return bringUpToDate(configuration);
    if (command === 'import' && first !== undefined && second === undefined)
      return importDirectory(configuration, first);
    if (command === 'partners' && first === 'import' && second !== undefined)
      return importPartners(configuration, second);
    if (command === 'mail' && first === 'retry' && second === undefined) return retryGivenUpMails(configuration);
    if (isTokenAdd && second !== undefined) return addToken(configuration, second, values.expires);
    if (command === 'token' && first === 'list') return printTokens(configuration, second ?? null);
  }
  throw notACommand(args);
}

/** Says first what was given, since the list of commands is longer than what is seen at a glance. */
function notACommand(args: readonly string[]): CommandError {
  return new CommandError(
    `“${args.join(' ')}” is none of the commands: a word is misspelt, missing or too much.\n\n${USAGE}`,
  );
}

function parseCommandLine(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        'tokens-file': { type: 'string' },
        expires: { type: 'string' },
      },
    });
  } catch (error) {
    throw new CommandError(`${messageOf(error)}\n\n${USAGE}`);
  }
}

/** Errors whose message is a sentence for the person who gave the command. */
const TOLD_AS_THEY_ARE = [
  CommandError,
  InvalidConfiguration,
  DataFolderInUse,
  DataFolderUnfit,
  DatabaseNotOpened,
  NewerSchema,
];

/** What to say of an error: what happened and what to do. */
function sentenceFor(error: unknown): string {
  const message = messageOf(error);
  if (TOLD_AS_THEY_ARE.some((kind) => error instanceof kind)) return message;
  if (isDatabaseAway(error)) return `The database went away: ${message}. Give the command again once it is back.`;
  return `The service met an error that it does not know: ${message || 'it has no words'}. Please report it as an issue of the project, with what LOG_LEVEL=debug shows besides.`;
}

/** Where in the program an error came from, and those that it came of. Other properties of an error may hold secrets. */
function stacksOf(error: unknown): string[] {
  return error instanceof Error ? [error.stack ?? error.message, ...stacksOf(error.cause)] : [];
}

const SHOWS_STACKS = ['debug', 'trace'];

main(process.argv.slice(2)).catch((error: unknown) => {
  tell(sentenceFor(error));
  // For whoever looks into the program, and not for whoever runs it.
  if (SHOWS_STACKS.includes(process.env['LOG_LEVEL'] ?? '')) for (const stack of stacksOf(error)) tell(stack);
  process.exitCode = 1;
});
