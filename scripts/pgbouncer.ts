import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installFromDebian } from './debian';
import { startProgram } from './server-program';
import { folderFor, unprivilegedAccount } from './unprivileged';

/** A PgBouncer for tests and the soak, thrown away afterwards. */

const PLACES = ['/usr/sbin/pgbouncer', '/usr/local/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'];
/** PgBouncer's own, by which its socket is named; nothing listens on it. */
const PORT = 6432;

const HOW_TO_INSTALL = `There is no PgBouncer here, and it could not be installed. Do one of these, then try again:
  - on Debian or Ubuntu:  sudo apt-get install pgbouncer
  - elsewhere:            install PgBouncer 1.18 or later as ${PLACES.join(' or ')}`;

export interface PgBouncer {
  /** The socket that it listens on. */
  readonly socket: string;
  /** Ends it at once, as an operator or as a crash would, and starts it again. */
  readonly restart: (how: 'fast' | 'crash') => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The program's path. It is installed from Debian's packages when it is absent and this runs as root; else throws an Error. */
export async function findPgBouncer(): Promise<string> {
  const find = () => PLACES.find((place) => existsSync(place));
  const found = find() ?? ((await installFromDebian('pgbouncer')) ? find() : undefined);
  if (found === undefined) throw new Error(HOW_TO_INSTALL);
  return found;
}

/**
 * Starts one that gives each transaction another connection to the server at `host` (an address, or the folder of a socket) and
 * `port`. It listens on a socket that only its user and root can open.
 */
export async function startPgBouncer(host: string, port: number): Promise<PgBouncer> {
  const program = await findPgBouncer();
  const account = await unprivilegedAccount();
  const folder = await folderFor(account, 'por-pgbouncer-');
  const users = join(folder, 'users.txt');
  await writeFile(users, '"postgres" ""\n');
  const configuration = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=${host} port=${port}`,
    '[pgbouncer]',
    'listen_addr =',
    `listen_port = ${PORT}`,
    `unix_socket_dir = ${folder}`,
    'auth_type = trust',
    `auth_file = ${users}`,
    'pool_mode = transaction',
    'default_pool_size = 20',
    'max_client_conn = 300',
  ];
  await writeFile(configuration, `${lines.join('\n')}\n`);
  const start = () => startProgram(program, [configuration], { cwd: folder, ...account }, 'process up');
  let pooler = await start();
  return {
    socket: join(folder, `.s.PGSQL.${PORT}`),
    restart: async (how) => {
      await pooler.end(how === 'fast' ? 'SIGTERM' : 'SIGKILL');
      pooler = await start();
    },
    stop: async () => {
      await pooler.end('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}
