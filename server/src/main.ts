import { parseArgs } from 'node:util';
import { addToken, endTokens, importPartners, printTokens, retryGivenUpMails } from './commands/administration';
import { demo } from './commands/demo';
import { importDirectory } from './commands/import-directory';
import { keepFoldersPrivate } from './commands/private-folders';
import { run } from './commands/run';
import { CommandError, tell } from './commands/terminal';
import { InvalidConfiguration, readConfiguration } from './configuration';
import { isDatabaseAway } from './database/away';
import { DataFolderInUse, DataFolderUnfit } from './database/data-folder';
import { NewerSchema } from './database/migrations';

const USAGE = `Usage:
  main.js [serve]                    serve the contract
  main.js demo [--tokens-file FILE]  serve the demo, loaded into an empty database
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
  if (values['tokens-file'] !== undefined && command !== 'demo') throw new CommandError(USAGE);
  const isTokenAdd = command === 'token' && operands[0] === 'add';
  if (values.expires !== undefined && !isTokenAdd) throw new CommandError(USAGE);
  const configuration = readConfiguration(process.env);
  await keepFoldersPrivate(configuration);
  const [first, second, third, ...more] = operands;
  if (command === 'token' && first === 'revoke' && second !== undefined && more.length === 0)
    return endTokens(configuration, second, third);
  if (third === undefined) {
    if (command === 'serve' && first === undefined) return run(configuration);
    if (command === 'demo' && first === undefined) return demo(configuration, values['tokens-file']);
    if (command === 'import' && first !== undefined && second === undefined)
      return importDirectory(configuration, first);
    if (command === 'partners' && first === 'import' && second !== undefined)
      return importPartners(configuration, second);
    if (command === 'mail' && first === 'retry' && second === undefined) return retryGivenUpMails(configuration);
    if (isTokenAdd && second !== undefined) return addToken(configuration, second, values.expires);
    if (command === 'token' && first === 'list') return printTokens(configuration, second ?? null);
  }
  throw new CommandError(USAGE);
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
    throw new CommandError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}

/** Errors whose message is a sentence for the person who gave the command. */
const TOLD_AS_THEY_ARE = [CommandError, InvalidConfiguration, DataFolderInUse, DataFolderUnfit, NewerSchema];

/** The sentence for an error that a person can do something about; null for a fault of the program. */
function sentenceFor(error: unknown): string | null {
  if (TOLD_AS_THEY_ARE.some((kind) => error instanceof kind) && error instanceof Error) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return 'A port is in use by another program. Choose another one with PORT or METRICS_PORT.';
  // What a server says is no secret: a name or a password that it does not take, a database that it does not have.
  if (isDatabaseAway(error))
    return `The database at DATABASE_URL does not answer. ${error instanceof Error ? error.message : ''}`.trimEnd();
  return null;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const sentence = sentenceFor(error);
  tell(sentence ?? (error instanceof Error && error.stack !== undefined ? error.stack : String(error)));
  process.exitCode = 1;
});
