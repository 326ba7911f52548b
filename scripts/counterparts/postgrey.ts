import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../server-program';
import { accountOf } from '../unprivileged';
import type { Counterpart } from './counterpart';
import { freePort } from './free-port';
import { haveInstalled, versionSaidBy } from './program';

const POSTGREY = '/usr/sbin/postgrey';
const ACCOUNT = 'postgrey';

export const installPostgrey = () => haveInstalled([POSTGREY], ['postgrey']);

export interface Postgrey extends Counterpart {
  /** Where Postfix asks it. */
  readonly port: number;
}

/** Starts one that turns away whom it does not know for so long. */
export async function startPostgrey(delaySeconds: number): Promise<Postgrey> {
  const version = `postgrey ${await versionSaidBy(POSTGREY, ['--version'], /postgrey ([\d.]+)/)}`;
  const { uid, gid } = await accountOf(ACCOUNT);
  const folder = await mkdtemp(join(tmpdir(), 'por-postgrey-'));
  await chown(folder, uid, gid);
  const port = await freePort();
  const options = { inet: `127.0.0.1:${port}`, dbdir: folder, delay: delaySeconds, user: ACCOUNT, group: ACCOUNT };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const program = await startProgram(POSTGREY, args, { cwd: folder }, { port });
  return {
    version,
    port,
    stop: async () => {
      await program.end('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}
