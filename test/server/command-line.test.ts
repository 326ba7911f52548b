import { expect, it } from 'vitest';
import { readCommand } from '../../server/src/commands/command-line';
import { CommandError } from '../../server/src/commands/terminal';

it.each([
  [[], { kind: 'serve' }],
  [['serve'], { kind: 'serve' }],
  [['-h'], { kind: 'help' }],
  [['fly', '--help'], { kind: 'help' }],
  [['demo'], { kind: 'demo' }],
  [['demo', '--tokens-file', 'x'], { kind: 'demo', tokensFile: 'x' }],
  [['--tokens-file=x', 'demo'], { kind: 'demo', tokensFile: 'x' }],
  [['migrate'], { kind: 'migrate' }],
  [['import', 'a b.json'], { kind: 'import', file: 'a b.json' }],
  [['partners', 'import', 'a.csv'], { kind: 'importPartners', file: 'a.csv' }],
  [['mail', 'retry'], { kind: 'retryMails' }],
  [['token', 'add', 'me'], { kind: 'addToken', principalId: 'me' }],
  [['token', 'add', 'me', '--expires', '90d'], { kind: 'addToken', principalId: 'me', expires: '90d' }],
  [['token', 'list'], { kind: 'listTokens' }],
  [['token', 'list', 'me'], { kind: 'listTokens', principalId: 'me' }],
  [['token', 'revoke', 'me'], { kind: 'endTokens', principalId: 'me' }],
  [['token', 'revoke', 'me', '7'], { kind: 'endTokens', principalId: 'me', number: '7' }],
])('a person who types %j gives the command %j', (args, command) => {
  expect(readCommand(args)).toEqual(command);
});

it.each([
  [['fly']],
  [['serve', 'now']],
  [['serve', '--tokens-file', 'x']],
  [['demo', 'now']],
  [['migrate', 'now']],
  [['import']],
  [['import', 'a.json', 'b.json']],
  [['partners']],
  [['partners', 'import']],
  [['partners', 'import', 'a.csv', 'b.csv']],
  [['mail']],
  [['mail', 'retry', 'all']],
  [['token']],
  [['token', 'add']],
  [['token', 'add', 'me', 'you']],
  [['token', 'list', 'me', 'you']],
  [['token', 'list', '--expires', '90d']],
  [['token', 'revoke']],
  [['token', 'revoke', 'me', '7', '8']],
  [['undefined', 'undefined']],
  [['import', '']],
  [['token', 'list', '']],
  [['token', 'revoke', 'me', ' ']],
  [['token', 'add', 'me', '--expires', '']],
  [['demo', '--tokens-file', '']],
])('a person who types %j reads that it is no command, and which there are', (args) => {
  const read = () => readCommand(args);
  expect(read).toThrow(CommandError);
  expect(read).toThrow(/^“.*” is none of the commands: a word is misspelt, missing or too much\.\n\nUsage:/);
  expect(read).toThrow(`“${args.join(' ')}”`);
});

it.each([
  [['--wrong'], '--wrong'],
  [['token', 'add', 'me', '--expires'], '--expires'],
  [['demo', '--tokens-file'], '--tokens-file'],
])('a person who types %j reads what is wrong with the option, and which commands there are', (args, option) => {
  const read = () => readCommand(args);
  expect(read).toThrow(CommandError);
  expect(read).toThrow(option);
  expect(read).toThrow('\n\nUsage:');
});
