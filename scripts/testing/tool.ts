import { spawn } from 'node:child_process';
import type { Print } from './layer';

/** What a tool may take to end by itself once it was told to. */
const TERM_MS = 3000;

/**
 * Runs a tool to its end and answers its exit code; null when it was ended. It has a process group of its own, and when the
 * signal aborts or this process leaves, all that it started ends with it, also what holds its output open.
 */
export function runTool(
  command: string,
  args: readonly string[],
  { print, signal, env = {} }: { print: Print; signal: AbortSignal; env?: Record<string, string> },
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...env },
    });
    const end = () => endGroup(child.pid, 'SIGKILL');
    const askToEnd = () => {
      endGroup(child.pid, 'SIGTERM');
      setTimeout(end, TERM_MS);
    };
    process.once('exit', end);
    signal.addEventListener('abort', askToEnd, { once: true });
    const done = () => {
      process.off('exit', end);
      signal.removeEventListener('abort', askToEnd);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('exit', () => {
      if (!signal.aborted) return;
      end();
      done();
      resolve(null);
    });
    child.once('close', (code) => {
      done();
      resolve(code);
    });
  });
}

function endGroup(leader: number | undefined, how: 'SIGTERM' | 'SIGKILL'): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, how);
  } catch (error) {
    // None of it is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
