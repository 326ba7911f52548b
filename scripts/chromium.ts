import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const SYSTEM_CHROMIUM = '/usr/bin/chromium';

const HOW_TO_INSTALL = `There is no Chromium here, and it could not be installed. Do one of these, then try again:
  - on Debian or Ubuntu:  sudo apt-get install chromium
  - elsewhere:            npx playwright-core install --with-deps chromium
  - or name one you have: CHROMIUM_PATH=/path/to/chromium
(Chrome itself no longer loads an unpacked extension from the command line.)`;

/**
 * The path of a Chromium that can load the extension: `CHROMIUM_PATH`, the system's, or Playwright's. When there is none it
 * is installed, as root from the distribution's packages, which bring its libraries along, and else by Playwright.
 * Throws an Error that says how to install it by hand when that fails too.
 */
export async function chromiumPath(): Promise<string> {
  const named = process.env['CHROMIUM_PATH'];
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROMIUM_PATH names ${named}, which does not exist.`);
    return named;
  }
  const found = find();
  if (found) return found;

  console.log('Installing Chromium, which is not here yet.');
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const installed = (await run('apt-get', 'update')) && (await run('apt-get', 'install', '-y', 'chromium'));
    if (!installed) console.log('The packages did not give one; asking Playwright.');
  }
  if (!find()) await run(process.execPath, 'node_modules/playwright-core/cli.js', 'install', 'chromium');
  const installed = find();
  if (!installed) throw new Error(HOW_TO_INSTALL);
  return installed;
}

function find(): string | undefined {
  return [SYSTEM_CHROMIUM, chromium.executablePath()].find((path) => existsSync(path));
}

/** True when the command ended well; what it says goes to the terminal. */
function run(command: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: `${import.meta.dirname}/..`,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code === 0));
  });
}
