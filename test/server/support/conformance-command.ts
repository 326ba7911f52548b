import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { within } from '../../within';

/** It asks a service for some fifty things, one after the other. */
const COMMAND_LIMIT_MS = 90_000;

/** Runs the conformance command; answers its exit code and the lines that it printed. */
export async function runConformance(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; lines: readonly string[] }> {
  const child = spawn('node_modules/.bin/tsx', ['scripts/conformance.ts', ...args], {
    env: { ...process.env, ...env },
  });
  const [said, [code]] = await within(
    'the command to end',
    Promise.all([text(child.stdout), once(child, 'close')]),
    COMMAND_LIMIT_MS,
  );
  return { code, lines: said.split('\n').filter((line) => line !== '') };
}
