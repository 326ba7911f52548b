import { parseArgs } from 'node:util';
import { messageOf } from '../thrown';
import { CommandError } from './terminal';

export const USAGE = `Usage:
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

/** What a person asks for on the command line. What is missing is undefined, as it was typed. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'serve' | 'migrate' | 'retryMails' }
  | { readonly kind: 'demo'; readonly tokensFile: string | undefined }
  | { readonly kind: 'import' | 'importPartners'; readonly file: string }
  | { readonly kind: 'addToken'; readonly principalId: string; readonly expires: string | undefined }
  | { readonly kind: 'listTokens'; readonly principalId: string | undefined }
  | { readonly kind: 'endTokens'; readonly principalId: string; readonly number: string | undefined };

/** Reads what stands behind the program's name. Throws a {@link CommandError} for what is none of the commands. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help) return { kind: 'help' };
  const { 'tokens-file': tokensFile, expires } = values;
  const command = commandOf(positionals.length === 0 ? ['serve'] : positionals, tokensFile, expires);
  const isOptionTooMuch =
    (tokensFile !== undefined && command?.kind !== 'demo') || (expires !== undefined && command?.kind !== 'addToken');
  // As a variable leaves it that is not set.
  const isAnyEmpty = [...positionals, tokensFile, expires].some((word) => word?.trim() === '');
  if (command === null || isOptionTooMuch || isAnyEmpty) {
    // What was given comes first, since the list of commands is longer than what is seen at a glance.
    throw new CommandError(
      `“${args.join(' ')}” is none of the commands: a word is misspelt, missing or too much.\n\n${USAGE}`,
    );
  }
  return command;
}

function commandOf(
  words: readonly string[],
  tokensFile: string | undefined,
  expires: string | undefined,
): Command | null {
  const [subject, verb] = words;
  switch (subject) {
    case 'serve':
    case 'migrate':
      return words.length === 1 ? { kind: subject } : null;
    case 'demo':
      return words.length === 1 ? { kind: 'demo', tokensFile } : null;
    case 'import':
      return verb !== undefined && words.length === 2 ? { kind: 'import', file: verb } : null;
    default:
      return commandOfTwoWords(`${subject} ${verb}`, words.slice(2), expires);
  }
}

function commandOfTwoWords(words: string, operands: readonly string[], expires: string | undefined): Command | null {
  const [first, second] = operands;
  const isOne = first !== undefined && operands.length === 1;
  switch (words) {
    case 'partners import':
      return isOne ? { kind: 'importPartners', file: first } : null;
    case 'mail retry':
      return operands.length === 0 ? { kind: 'retryMails' } : null;
    case 'token add':
      return isOne ? { kind: 'addToken', principalId: first, expires } : null;
    case 'token list':
      return operands.length <= 1 ? { kind: 'listTokens', principalId: first } : null;
    case 'token revoke':
      return first !== undefined && operands.length <= 2
        ? { kind: 'endTokens', principalId: first, number: second }
        : null;
    default:
      return null;
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
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
