import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { installFromDebian } from './debian';

const PROGRAM = '/usr/bin/faketime';

const HOW_TO_INSTALL = `There is no faketime here, and it could not be installed.
  - on Debian or Ubuntu:  sudo apt-get install faketime`;

/**
 * The environment in which a program's clock is that many seconds ahead (negative: behind); its timers run as ever. faketime is installed from
 * Debian's packages when it is absent and this runs as root; else throws an Error that says how to install it.
 */
export async function environmentAhead(seconds: number): Promise<Record<string, string>> {
  if (!existsSync(PROGRAM) && !(await installFromDebian('faketime'))) throw new Error(HOW_TO_INSTALL);
  // Where its library is depends on the machine; the one for programs with threads is the one it uses itself by -m.
  const { stdout } = await promisify(execFile)(PROGRAM, ['-m', '-f', '+1s', 'printenv', 'LD_PRELOAD']);
  // The monotonic clock is as far ahead: with that one left alone Chromium 156 stands still for a minute and more.
  return { LD_PRELOAD: stdout.trim(), FAKETIME: `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}s` };
}
