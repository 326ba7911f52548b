import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from '../test/within';

/** What a start may take on a machine with much else to do. */
const START_LIMIT_MS = 60_000;

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A server at work beside us. It ends when we do. */
export interface ServerProgram {
  /** Ends it by the signal and waits for that. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/** Starts a server and waits until a line that it says on its standard error has `readyWhen` in it. */
export async function startProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  readyWhen: string,
): Promise<ServerProgram> {
  const child: ChildProcess = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  // A signal ends Node without its `exit` event unless somebody listens for the signal.
  const leave = () => process.exit(1);
  const endWithUs = () => {
    child.kill('SIGQUIT');
    // HAProxy takes the other for a question.
    child.kill('SIGTERM');
  };
  for (const signal of ENDING_SIGNALS) process.once(signal, leave);
  process.once('exit', endWithUs);

  const said: string[] = [];
  const { stderr } = child;
  if (stderr === null) throw new Error('The standard error is a pipe.');
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(stderr).on('line', (line) => {
      said.push(line);
      if (line.includes(readyWhen)) resolve();
    });
    ended.then(() => reject(new Error(`${program} did not start:\n${said.join('\n')}`)), reject);
  });
  await within(`${program} to start`, ready, START_LIMIT_MS);
  return {
    end: async (signal) => {
      child.kill(signal);
      await within(`${program} to end`, ended, START_LIMIT_MS);
      for (const ending of ENDING_SIGNALS) process.off(ending, leave);
      process.off('exit', endWithUs);
    },
  };
}
