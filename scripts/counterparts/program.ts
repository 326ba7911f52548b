import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { installFromDebian } from '../debian';

const execute = promisify(execFile);
const VERSION_WITHIN_MS = 10_000;

/**
 * Sees to it that files of Debian's packages are here, and has the packages installed when one is not. Throws an Error that
 * names what is missing and how to install it.
 */
export async function haveInstalled(files: readonly string[], packages: readonly string[]): Promise<void> {
  const missing = () => files.filter((file) => !existsSync(file));
  if (missing().length === 0) return;
  await installFromDebian(...packages);
  const still = missing();
  if (still.length > 0) {
    throw new Error(
      `${still.join(' and ')} is not here and could not be installed. On Debian 12: sudo apt-get install ${packages.join(' ')}`,
    );
  }
}

/** The first thing that a program's own words about its version match; it may write them to either output. */
export async function versionSaidBy(program: string, args: readonly string[], pattern: RegExp): Promise<string> {
  const { stdout, stderr } = await execute(program, args, { timeout: VERSION_WITHIN_MS });
  const [, version] = pattern.exec(stdout + stderr) ?? [];
  if (version === undefined) throw new Error(`${program} ${args.join(' ')} tells no version: ${stdout}${stderr}`);
  return version;
}
