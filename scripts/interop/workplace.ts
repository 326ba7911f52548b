import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../../test/within';

const REPOSITORY = join(import.meta.dirname, '../..');
const COMMAND_LIMIT_MS = 60_000;

/** Where the commands of the docs are typed: the repository as it is, with nothing of an earlier use in it. */
export interface Workplace {
  readonly folder: string;
  /** What the person who types has set, besides what everybody has. */
  readonly env: Record<string, string>;
  /** Types what stands there and answers what it printed. Throws an Error when a line of it failed. */
  readonly type: (text: string) => Promise<string>;
  /** Types what goes on serving, has `use` done to it at its address, ends it by Ctrl+C, and answers what it told people. */
  readonly typeAndUse: (text: string, use: (baseUrl: string) => Promise<void>) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** A folder in which all that is in the repository can be reached, and what is made lies beside it. */
export async function openWorkplace(): Promise<Workplace> {
  const folder = await mkdtemp(join(tmpdir(), 'por-workplace-'));
  // Without what earlier use of the repository made, `.data` above all.
  const names = (await readdir(REPOSITORY)).filter((name) => !name.startsWith('.'));
  for (const name of names) await symlink(join(REPOSITORY, name), join(folder, name));
  // Whatever listens on the usual port of this machine is nobody's business here.
  const env: Record<string, string> = { PORT: '0' };
  const options = () => ({ cwd: folder, env: { PATH: process.env['PATH'], HOME: folder, ...env } });
  /** Begins what was typed; `endAll` sends a signal to all that was started, unless it is over. */
  function begin(text: string) {
    const child = spawn('sh', ['-e', '-c', text], { ...options(), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const endAll = (signal: NodeJS.Signals) => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal);
    };
    return { child, ended: once(child, 'close'), endAll };
  }
  return {
    folder,
    env,
    async type(text) {
      const { child, ended, endAll } = begin(text);
      const printed: string[] = [];
      const said: string[] = [];
      child.stdout.on('data', (chunk) => printed.push(String(chunk)));
      child.stderr.on('data', (chunk) => said.push(String(chunk)));
      try {
        const [code] = await within('it to end', ended, COMMAND_LIMIT_MS);
        if (code !== 0) throw new Error(`It ended with ${code}: ${said.join('')}`);
        return [...printed, ...said].join('');
      } finally {
        // What takes too long would hold the data folder, and fail all that is typed after it.
        endAll('SIGKILL');
      }
    },
    async typeAndUse(text, use) {
      const { child, ended, endAll } = begin(text);
      const said: string[] = [];
      child.stderr.on('data', (chunk) => said.push(String(chunk)));
      const stopped = { isSaid: false };
      const listening = new Promise<string>((resolve, reject) => {
        createInterface(child.stdout).on('line', (line) => {
          const { event, baseUrl } = line.startsWith('{') ? JSON.parse(line) : {};
          if (event === 'listening') resolve(baseUrl);
          if (event === 'stopped') stopped.isSaid = true;
        });
        ended.then(([code]) => reject(new Error(`It ended with ${code}: ${said.join('')}`)), reject);
      });
      try {
        await use(await within('it to listen', listening, COMMAND_LIMIT_MS));
      } finally {
        // As a terminal does it.
        endAll('SIGINT');
        await within('it to end', ended, COMMAND_LIMIT_MS);
      }
      if (!stopped.isSaid) throw new Error(`It did not stop as it should: ${said.join('')}`);
      return said.join('');
    },
    stop: () => rm(folder, { recursive: true }),
  };
}
