import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { within } from '../test/within';

/**
 * A PostgreSQL server for tests, thrown away afterwards. As a command, `tsx scripts/postgres.ts COMMAND…` runs the command
 * beside one, with its address in `TEST_DATABASE_URL` and its programs (`psql`, `pg_dump`) first in `PATH`.
 */

const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** The user that Debian's packages make; PostgreSQL refuses to run as root. */
const UNPRIVILEGED_USER = 'postgres';
/** Room for the pools of several suites side by side. */
const MAX_CONNECTIONS = '300';

/** What a start may take on a machine with much else to do. */
const START_LIMIT_MS = 60_000;

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

const HOW_TO_INSTALL = `There is no PostgreSQL server here, and it could not be installed. Do one of these, then try again:
  - on Debian or Ubuntu:  sudo apt-get install postgresql
  - elsewhere:            install PostgreSQL 15 or later and have its pg_config in PATH`;

export interface Postgres {
  /** The address of a database in which others may be made. */
  readonly url: string;
  /** The folder with psql and pg_dump of the server's own version. */
  readonly bin: string;
  /** Stops the server and removes all it kept. */
  readonly stop: () => Promise<void>;
}

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const execute = promisify(execFile);

/**
 * Starts a server with a new, empty cluster in a folder of its own, reached by a socket that only its user and root can
 * open. PostgreSQL is installed from Debian's packages when it is absent and this runs as root. Throws an Error that says
 * what to do when no server can be started.
 */
export async function startPostgres(): Promise<Postgres> {
  const bin = (await findPrograms()) ?? (await installPrograms());
  const account = process.getuid?.() === 0 ? await accountOf(UNPRIVILEGED_USER) : {};
  const folder = await mkdtemp(join(tmpdir(), 'por-postgres-'));
  if (account.uid !== undefined && account.gid !== undefined) await chown(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const options = { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...account };
  const cluster = ['--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
  await execute(join(bin, 'initdb'), ['--pgdata', data, ...cluster], options);

  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, `max_connections=${MAX_CONNECTIONS}`];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'close');
  // A signal ends Node without its `exit` event unless somebody listens for the signal.
  const leave = () => process.exit(1);
  const endWithUs = () => server.kill('SIGQUIT');
  for (const signal of ENDING_SIGNALS) process.once(signal, leave);
  process.once('exit', endWithUs);

  const said: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(server.stderr).on('line', (line) => {
      said.push(line);
      if (line.includes('database system is ready to accept connections')) resolve();
    });
    ended.then(() => reject(new Error(`PostgreSQL did not start:\n${said.join('\n')}`)), reject);
  });
  await within('PostgreSQL to start', ready, START_LIMIT_MS);

  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    bin,
    stop: async () => {
      server.kill('SIGINT');
      await within('PostgreSQL to stop', ended);
      for (const signal of ENDING_SIGNALS) process.off(signal, leave);
      process.off('exit', endWithUs);
      await rm(folder, { recursive: true });
    },
  };
}

/** The folder of the newest server's programs; undefined when there is none. */
async function findPrograms(): Promise<string | undefined> {
  const versions = existsSync(DEBIAN_FOLDER) ? await readdir(DEBIAN_FOLDER) : [];
  const folders = versions.toSorted((a, b) => Number(b) - Number(a)).map((name) => join(DEBIAN_FOLDER, name, 'bin'));
  // Only the server's own package has initdb; the client's has a folder without it, and a pg_config may be there alone.
  return [...folders, ...(await namedByPgConfig())].find((folder) => existsSync(join(folder, 'initdb')));
}

async function namedByPgConfig(): Promise<string[]> {
  try {
    return [(await execute('pg_config', ['--bindir'])).stdout.trim()];
  } catch {
    return [];
  }
}

async function installPrograms(): Promise<string> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(HOW_TO_INSTALL);
  console.log('Installing PostgreSQL, which is not here yet.');
  for (const args of [['update'], ['install', '-y', 'postgresql']]) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const [code] = await once(spawn('apt-get', args, { env, stdio: ['ignore', 'inherit', 'inherit'] }), 'close');
    if (code !== 0) throw new Error(HOW_TO_INSTALL);
  }
  const installed = await findPrograms();
  if (installed === undefined) throw new Error(HOW_TO_INSTALL);
  return installed;
}

async function accountOf(user: string): Promise<Account> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((option) => execute('id', [option, user])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

/** The environment in which tests find the server and its programs. */
export function environmentFor({ url, bin }: Postgres): NodeJS.ProcessEnv {
  return { TEST_DATABASE_URL: url, PATH: `${bin}:${process.env['PATH']}` };
}

const [, script, command, ...args] = process.argv;
if (command !== undefined && script !== undefined && import.meta.url === pathToFileURL(script).href) {
  const postgres = await startPostgres();
  const env = { ...process.env, ...environmentFor(postgres) };
  const [code] = await once(spawn(command, args, { stdio: 'inherit', env }), 'close').finally(postgres.stop);
  process.exitCode = code ?? 1;
}
