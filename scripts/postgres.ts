import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { installFromDebian } from './debian';
import { startProgram } from './server-program';
import { folderFor, unprivilegedAccount } from './unprivileged';

/**
 * A PostgreSQL server for tests, thrown away afterwards. As a command, `tsx scripts/postgres.ts COMMAND…` runs the command
 * beside one, with its address in `TEST_DATABASE_URL` and its programs (`psql`, `pg_dump`) first in `PATH`.
 */

const DEBIAN_FOLDER = '/usr/lib/postgresql';
/** Room for the pools of several suites side by side. */
const MAX_CONNECTIONS = '300';
/** PostgreSQL's own, by which its socket is named; nothing listens on it. */
const PORT = 5432;

const HOW_TO_INSTALL = `There is no PostgreSQL server here, and it could not be installed. Do one of these, then try again:
  - on Debian or Ubuntu:  sudo apt-get install postgresql
  - elsewhere:            install PostgreSQL 15 or later and have its pg_config in PATH`;

export interface Postgres {
  /** The address of a database in which others may be made. */
  readonly url: string;
  /** The folder with psql and pg_dump of the server's own version. */
  readonly bin: string;
  /** The socket that it listens on, and the folder that the socket is in. */
  readonly socket: string;
  readonly folder: string;
  /** Ends it as an operator would who is in a hurry, or as a crash would, and starts it again. */
  readonly restart: (how: 'fast' | 'crash') => Promise<void>;
  /** Stops the server and removes all it kept. */
  readonly stop: () => Promise<void>;
}

const execute = promisify(execFile);

/**
 * Starts a server with a new, empty cluster in a folder of its own, reached by a socket that only its user and root can
 * open. PostgreSQL is installed from Debian's packages when it is absent and this runs as root. Throws an Error that says
 * what to do when no server can be started.
 */
export async function startPostgres(): Promise<Postgres> {
  const bin = (await findPrograms()) ?? (await installPrograms());
  const account = await unprivilegedAccount();
  const folder = await folderFor(account, 'por-postgres-');
  const data = join(folder, 'data');
  const options = { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...account };
  const cluster = ['--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
  await execute(join(bin, 'initdb'), ['--pgdata', data, ...cluster], options);

  const settings = [
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    `max_connections=${MAX_CONNECTIONS}`,
    // What is committed outlives the server with the operating system, which no test of ours ends.
    'fsync=off',
  ];
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  // By the usual signal it would wait for its clients.
  const start = () => startProgram(join(bin, 'postgres'), args, options, 'ready to accept connections', 'SIGQUIT');
  let server = await start();
  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    bin,
    folder,
    socket: join(folder, `.s.PGSQL.${PORT}`),
    restart: async (how) => {
      await server.end(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      server = await start();
    },
    stop: async () => {
      await server.end('SIGINT');
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
  const installed = (await installFromDebian('postgresql')) ? await findPrograms() : undefined;
  if (installed === undefined) throw new Error(HOW_TO_INSTALL);
  return installed;
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
