import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { within } from '../../within';
import { NODE_SWITCHES } from './node-switches';

/** What a start with all the demo's data may take on a machine with much else to do. */
const EVENT_LIMIT_MS = 120_000;

const CONFIG = path.resolve(import.meta.dirname, '../../../server/vite.config.ts');

/** The variable that names the program that was built once for all suites. */
export const BUILT_PROGRAM = 'BUILT_PROGRAM';

/** The service's program, far from any `node_modules`: the one that was built for all suites, or a build of its own. */
export async function buildCommand(): Promise<{ main: string; dispose: () => Promise<void> }> {
  const shared = process.env[BUILT_PROGRAM];
  if (shared !== undefined) return { main: shared, dispose: async () => undefined };
  const folder = await mkdtemp(path.join(tmpdir(), 'por-command-'));
  // Whoever has the program built for them does without.
  const { build } = await import('vite');
  await build({ configFile: CONFIG, logLevel: 'error', build: { outDir: folder } });
  return { main: path.join(folder, 'main.js'), dispose: () => rm(folder, { recursive: true, force: true }) };
}

/** A run of the service's command. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  /** All that it has written to its standard output (the log) and to its standard error (what people read). */
  readonly output: { log: string; told: string };
  /** Resolves with the first line of the log that is the event; rejects when the process ends before it. */
  event(name: string): Promise<Record<string, unknown>>;
  /** Resolves with the exit code; looking at it begins to wait for the end. */
  readonly ended: Promise<number | null>;
}

/** Ends what still runs of them, at once, and leaves none in the list. */
export async function killAll(running: Running[]): Promise<void> {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
}

/** Runs the command; by `through`, a program that runs the rest of its arguments, when there is one. */
export function start(
  main: string,
  args: readonly string[],
  env: Record<string, string>,
  through: readonly string[] = [],
): Running {
  const [program = process.execPath, ...operands] = [...through, process.execPath, ...NODE_SWITCHES, main, ...args];
  const child = spawn(program, operands, { env: { PATH: process.env['PATH'], PORT: '0', ...env } });
  const output = { log: '', told: '' };
  const lines: Record<string, unknown>[] = [];
  const listeners = new Set<() => void>();
  child.stderr.on('data', (chunk) => {
    output.told += chunk;
  });
  createInterface(child.stdout).on('line', (line) => {
    output.log += `${line}\n`;
    if (!line.startsWith('{')) return;
    lines.push(JSON.parse(line));
    for (const listener of listeners) listener();
  });
  const ended: Promise<number | null> = once(child, 'close').then(([code]) => code);

  function event(name: string): Promise<Record<string, unknown>> {
    const written = new Promise<Record<string, unknown>>((resolve, reject) => {
      const look = () => {
        const line = lines.find((candidate) => candidate['event'] === name);
        if (line === undefined) return;
        listeners.delete(look);
        resolve(line);
      };
      listeners.add(look);
      look();
      ended.then((code) => reject(new Error(`Ended with ${code} before ${name}: ${output.told}`)));
    });
    return within(`the service's log to have “${name}”`, written, EVENT_LIMIT_MS);
  }

  return {
    child,
    output,
    event,
    get ended() {
      return within('the service to end', ended, EVENT_LIMIT_MS);
    },
  };
}
