import { type Command, readCommand, USAGE } from './commands/command-line';
import { demo } from './commands/demo';
import { importDirectory } from './commands/import-directory';
import { importPartners } from './commands/import-partners';
import { bringUpToDate } from './commands/migrate';
import { keepFoldersPrivate } from './commands/private-folders';
import { retryGivenUpMails } from './commands/retry-mails';
import { run } from './commands/run';
import { letSignalsEnd } from './commands/stop-signal';
import { print } from './commands/terminal';
import { addToken, endTokens, printTokens } from './commands/tokens';
import { stacksOf, whyEnded } from './commands/why-ended';
import { type Configuration, readConfiguration } from './configuration';

async function main(args: readonly string[]): Promise<void> {
  // Before any file is made: whatever the service makes is for its own user alone.
  process.umask(0o077);
  letSignalsEnd();
  const command = readCommand(args);
  if (command.kind === 'help') return print(USAGE);
  const configuration = readConfiguration(process.env);
  await keepFoldersPrivate(configuration);
  await give(command, configuration);
}

function give(command: Exclude<Command, { kind: 'help' }>, configuration: Configuration): Promise<void> {
  switch (command.kind) {
    case 'serve':
      return run(configuration);
    case 'demo':
      return demo(configuration, command.tokensFile);
    case 'migrate':
      return bringUpToDate(configuration);
    case 'import':
      return importDirectory(configuration, command.file);
    case 'importPartners':
      return importPartners(configuration, command.file);
    case 'retryMails':
      return retryGivenUpMails(configuration);
    case 'addToken':
      return addToken(configuration, command.principalId, command.expires);
    case 'listTokens':
      return printTokens(configuration, command.principalId ?? null);
    case 'endTokens':
      return endTokens(configuration, command.principalId, command.number);
  }
}

const SHOWS_STACKS = ['debug', 'trace'];

main(process.argv.slice(2)).catch((error: unknown) => {
  print(whyEnded(error));
  // For whoever looks into the program, and not for whoever runs it.
  if (SHOWS_STACKS.includes(process.env['LOG_LEVEL'] ?? '')) for (const stack of stacksOf(error)) print(stack);
  process.exitCode = 1;
});
