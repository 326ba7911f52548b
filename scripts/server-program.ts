import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { within } from '../test/within';

/** What a start may take on a machine with much else to do. */
const START_LIMIT_MS = 60_000;

const LOOK_AGAIN_AFTER_MS = 50;

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A server at work beside us. It ends when we do. */
export interface ServerProgram {
  /** Ends it by the signal and waits for that. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/** A text in a line that it says on its standard error; or, of one that says nothing, the port of 127.0.0.1 that it takes connections on. */
export type Ready = string | { readonly port: number };

/**
 * Starts a server and waits until it is ready.
 * @param atOurEnd the signal that ends it, and its children, when we end before it
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  readyWhen: Ready,
  atOurEnd: NodeJS.Signals = 'SIGTERM',
): Promise<ServerProgram> {
  const child: ChildProcess = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  // A signal ends Node without its `exit` event unless somebody listens for the signal.
  const leave = () => process.exit(1);
  const endWithUs = () => child.kill(atOurEnd);
  for (const signal of ENDING_SIGNALS) process.once(signal, leave);
  process.once('exit', endWithUs);

  const said: string[] = [];
  const { stderr } = child;
  if (stderr === null) throw new Error('The standard error is a pipe.');
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(stderr).on('line', (line) => {
      said.push(line);
      if (typeof readyWhen === 'string' && line.includes(readyWhen)) resolve();
    });
    if (typeof readyWhen === 'object') listens(readyWhen.port, () => child.exitCode !== null).then(resolve, reject);
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

/** Resolves once somebody takes connections on the port, or there is no more use in waiting. */
async function listens(port: number, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const socket = connect(port, '127.0.0.1');
    const isTaken = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isTaken) return;
    await wait(LOOK_AGAIN_AFTER_MS);
  }
}
