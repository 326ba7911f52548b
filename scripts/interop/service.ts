import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FULL_MAILBOX, MAILBOX, UNKNOWN_MAILBOX } from '../counterparts/postfix';
import type { DirectoryInput } from '../../server/src/directory/directory';
import { type Running, start } from '../../test/server/support/process';

/** The service as it is built, and what it is tried with. */

const MAIN = resolve(import.meta.dirname, '../../dist/service/main.js');

export const FABRIKAM = { partnerId: '4852013', name: 'Fabrikam Cloud Services', mail: MAILBOX };
export const NORTHWIND = { partnerId: '5120846', name: 'Northwind & Söhne', mail: UNKNOWN_MAILBOX };
export const FULL = { partnerId: '6003917', name: 'Adatum Digital', mail: FULL_MAILBOX };
const ADMIN = 'ada@contoso.example';
const OTHER_ADMIN = 'bo@contoso.example';
const FABRIKAM_PERSON = 'di@fabrikam.example';
/** Everything in it that a path has to write otherwise, and that a proxy may take for its own. */
export const CROOKED_ID = 'über/50%25 + a?b#c;d';

const READ_ONLY = 'only-read';
/** More than a page has rows when 7 are asked for. */
const SUBSCRIPTIONS = 40;

const directory: DirectoryInput = {
  partners: [FABRIKAM, NORTHWIND, FULL],
  customers: [{ id: 'contoso', name: 'Contoso Ltd' }],
  callers: [
    { principalId: ADMIN, name: 'Ada Admin', organization: 'Contoso Ltd' },
    { principalId: OTHER_ADMIN, name: 'Bo Admin', organization: 'Contoso Ltd' },
    { principalId: FABRIKAM_PERSON, name: 'Di Partner', organization: 'Fabrikam', partnerId: FABRIKAM.partnerId },
  ],
  subscriptions: [CROOKED_ID, READ_ONLY, ...Array.from({ length: SUBSCRIPTIONS }, (_, number) => `plan-${number}`)].map(
    (subscriptionId) => ({
      subscriptionId,
      displayName: `${subscriptionId}, in production since the beginning of the year, for the departments that Contoso has in Europe, and told at such a length that each record is worth compressing to every proxy`,
      service: 'azure',
      state: 'Active',
      startDate: '2026-01-01T00:00:00Z',
      endDate: '2027-01-01T00:00:00Z',
      customerId: 'contoso',
      roles:
        subscriptionId === READ_ONLY
          ? { [ADMIN]: 'Reader' }
          : { [ADMIN]: 'AccountAdministrator', [OTHER_ADMIN]: 'Contributor' },
      usage: [{ month: '2026-01', service: 'azure', amount: 1024.8, currency: 'USD' }],
    }),
  ),
};

/** The access tokens of the directory's callers. */
export interface Tokens {
  readonly admin: string;
  readonly otherAdmin: string;
  readonly partner: string;
}

/** A data folder with the directory and its callers' tokens in it, to be copied. */
export interface LoadedFolder {
  readonly tokens: Tokens;
  /** Starts the service on a copy of its own. */
  readonly serve: (env?: Readonly<Record<string, string>>) => Promise<Service>;
  readonly remove: () => Promise<void>;
}

/** The service at work. */
export interface Service {
  /** Where it listens, with the contract's path: `http://localhost:PORT/v1`. */
  readonly baseUrl: string;
  readonly port: number;
  readonly running: Running;
  /** Ends it, as an operator does. Throws an Error when it did not end well. */
  readonly stop: () => Promise<void>;
}

/** Runs a command of the service to its end and answers what it printed. Throws an Error with what it told when it failed. */
async function runCommand(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const running = start(MAIN, args, env);
  const code = await running.ended;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${running.output.told}`);
  return running.output.log.trim();
}

/** Imports the directory, and makes its callers' tokens, by the service's own commands, into what `env` names. */
export async function loadDatabase(env: Readonly<Record<string, string>>): Promise<Tokens> {
  const folder = await mkdtemp(join(tmpdir(), 'por-directory-'));
  try {
    const file = join(folder, 'directory.json');
    await writeFile(file, JSON.stringify(directory));
    await runCommand(['import', file], env);
    return {
      admin: await runCommand(['token', 'add', ADMIN], env),
      otherAdmin: await runCommand(['token', 'add', OTHER_ADMIN], env),
      partner: await runCommand(['token', 'add', FABRIKAM_PERSON], env),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Starts the service on what `env` names. */
export async function serve(env: Readonly<Record<string, string>>): Promise<Service> {
  const running = start(MAIN, [], env);
  const { baseUrl } = await running.event('listening');
  if (typeof baseUrl !== 'string') throw new Error('The log does not say where the service listens.');
  return {
    baseUrl,
    port: Number(new URL(baseUrl).port),
    running,
    async stop() {
      running.child.kill('SIGTERM');
      const code = await running.ended;
      if (code !== 0) throw new Error(`The service ended with ${code}: ${running.output.told}`);
    },
  };
}

/** Loads a data folder once, for every subject that needs no other database. */
export async function loadFolder(): Promise<LoadedFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'por-interop-'));
  const loaded = join(folder, 'loaded');
  await mkdir(loaded);
  return {
    tokens: await loadDatabase({ DATA_DIR: loaded }),
    async serve(env = {}) {
      const data = await mkdtemp(join(folder, 'data-'));
      // Its socket file is there only while it runs.
      await cp(loaded, data, { recursive: true, filter: (path) => !path.endsWith('.sock') });
      return serve({ DATA_DIR: data, ...env });
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
