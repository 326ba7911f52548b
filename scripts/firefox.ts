import { existsSync } from 'node:fs';
import { installFromDebian } from './debian';

const SYSTEM_FIREFOXES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];

const HOW_TO_INSTALL = `There is no Firefox here, and it could not be installed. Do one of these, then try again:
  - on Debian:            sudo apt-get install firefox-esr
  - or name one you have: FIREFOX_PATH=/path/to/firefox`;

/**
 * The path of a Firefox: `FIREFOX_PATH`, or the system's. When there is none it is installed, as root from Debian's packages.
 * Throws an Error that says how to install it by hand when that fails too.
 */
export async function firefoxPath(): Promise<string> {
  const named = process.env['FIREFOX_PATH'];
  if (named) {
    if (!existsSync(named)) throw new Error(`FIREFOX_PATH names ${named}, which does not exist.`);
    return named;
  }
  const find = () => SYSTEM_FIREFOXES.find((path) => existsSync(path));
  if (find() === undefined) await installFromDebian('firefox-esr');
  const found = find();
  if (found === undefined) throw new Error(HOW_TO_INSTALL);
  return found;
}
