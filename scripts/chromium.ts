import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { installWithRecommended } from './debian';

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

  if (!(await installWithRecommended('chromium')) || !find()) await havePlaywrightInstall();
  const installed = find();
  if (!installed) throw new Error(HOW_TO_INSTALL);
  return installed;
}

function find(): string | undefined {
  return [SYSTEM_CHROMIUM, chromium.executablePath()].find((path) => existsSync(path));
}

/** Goes by whether there is one then. */
async function havePlaywrightInstall(): Promise<void> {
  console.log('Having Playwright install Chromium, which is not here yet.');
  const cli = join(import.meta.dirname, '../node_modules/playwright-core/cli.js');
  await once(
    spawn(process.execPath, [cli, 'install', 'chromium'], { stdio: ['ignore', 'inherit', 'inherit'] }),
    'close',
  );
}
