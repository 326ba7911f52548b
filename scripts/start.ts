import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type AzureWorld, startAzureWorld } from '../test/e2e/harness/azure';
import { type BrowserOptions, launchBrowser } from '../test/e2e/harness/browser';
import { addPortal, fillConnection, saveConnection, testConnection } from '../test/e2e/harness/options';
import { type ServiceOptions, startService } from '../test/e2e/harness/service';
import { azureTour, connectToAzure, CONSULTANT, furnish, productionPage, TOUR_TENANTS } from './azure-tour';
import { startDemoPortal } from './demo-portal/server';
import { FIRST_PARTNER, freeSubscription, SECOND_PARTNER, type Stage, tour } from './tour';

const BUILT_FROM = [
  'src',
  'server',
  'public',
  'manifest.json',
  'vite.config.ts',
  'package-lock.json',
  'scripts/build.ts',
];
const BUILT = ['dist/chromium/manifest.json', 'dist/chromium/panel.js', 'dist/service/main.js'];
const DATA_FOLDER = '.data/demo';
const TOUR_FOLDER = 'tour';
const AZURE_TOUR_FOLDER = 'tour-azure';
/** A tour goes on once a mail has come, so mails gather for a second only. */
const TOUR_SETTINGS = { MAIL_GATHER_SECONDS: '1' };

process.chdir(join(import.meta.dirname, '..'));
const onTour = process.argv.includes('--tour') || !hasDisplay();
const atAzure = process.argv.includes('--azure');
const ends: (() => Promise<void>)[] = [];
const stopped = new Promise<'stopped'>((resolve) => {
  // Listened to until the end: one Ctrl-C can come twice, from the terminal and from npm.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve('stopped'));
});
try {
  if (await isStale()) await build();
  const [show, leave] = atAzure ? [goOnAzureTour, leaveAzureToThePerson] : [goOnTour, leaveItToThePerson];
  const end = await Promise.race([onTour ? show() : leave(), stopped]);
  if (onTour && end === 'stopped') process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  for (const end of ends.reverse()) await end();
}

/** Everything new, so that the tour proves itself from nothing and leaves nothing but its pictures. */
async function goOnTour(): Promise<void> {
  await tour(await setStage({ settings: TOUR_SETTINGS }, {}), TOUR_FOLDER);
}

/** The service keeps what was done the last time; the browser's profile is new at every start. */
async function leaveItToThePerson(): Promise<void> {
  await mkdir(DATA_FOLDER, { recursive: true });
  const stage = await setStage({ dataFolder: DATA_FOLDER }, { headless: false, viewport: null });
  await openSubscription(stage);
  console.log(`Chromium shows a subscription of the demonstration's billing portal, with the panel on it.

  Try       Check ID with ${FIRST_PARTNER.partnerId}, then Save partner. Change it to ${SECOND_PARTNER.partnerId}, remove it, undo that.
            Other IDs: 9999999, whose name tries to be markup, and 12345678, which nobody has.
  Portal    ${stage.portal.url}
  Service   ${stage.service.url}, its data in ${DATA_FOLDER}

Close the browser or press Ctrl-C to end all of it.`);
  await stage.browser.context.waitForEvent('close', { timeout: 0 });
}

/** Azure and Microsoft Entra as the tests have them, on this machine. */
async function setAzureStage(browser: BrowserOptions): Promise<AzureWorld> {
  const starting = startAzureWorld({ tenants: TOUR_TENANTS, isConnected: false, browser });
  const world = await keep(starting, (started) => started.close());
  furnish(world);
  return world;
}

async function goOnAzureTour(): Promise<void> {
  await azureTour(await setAzureStage({}), AZURE_TOUR_FOLDER);
}

async function leaveAzureToThePerson(): Promise<void> {
  const world = await setAzureStage({ headless: false, viewport: null });
  await connectToAzure(await world.browser.welcomePage());
  await world.browser.open(productionPage(world));
  console.log(`Chromium shows a subscription in Azure’s portal, as the tests have both, with the panel on it. Nothing of it leaves this machine.

  Try       Sign in, as ${world.ada.username}. Link partner with ${CONSULTANT.partnerId}, change it, remove it, undo that.
            The page “Tenants”, which the popup leads to, has ${TOUR_TENANTS} of them.

Close the browser or press Ctrl-C to end all of it.`);
  await world.browser.context.waitForEvent('close', { timeout: 0 });
}

async function setStage(serviceOptions: ServiceOptions, browserOptions: BrowserOptions): Promise<Stage> {
  const service = await keep(startService(serviceOptions), (started) => started.stop());
  const portal = await keep(startDemoPortal(await service.subscriptions()), (started) => started.close());
  const browser = await keep(launchBrowser(browserOptions), (started) => started.close());
  return { browser, service, portal };
}

/** Sees to it that what is being started is ended in the end, also when the person stops it while it starts. */
function keep<T>(starting: Promise<T>, end: (started: T) => Promise<void>): Promise<T> {
  // What did not start needs no end; why not is told where it was awaited.
  ends.push(() => starting.then(end, () => undefined));
  return starting;
}

/** Sets the extension up on its options page, and opens a subscription that has no partner yet. */
async function openSubscription({ browser, service, portal }: Stage): Promise<void> {
  const page = await browser.welcomePage();
  await fillConnection(page, service.url, service.token);
  await testConnection(page);
  await saveConnection(page);
  await addPortal(page, portal.pattern);
  const { subscriptionId } = await freeSubscription(service);
  await page.goto(portal.pageOf(subscriptionId));
}

function hasDisplay(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/** Whether something is not built yet, or is older than what it is built from. */
async function isStale(): Promise<boolean> {
  if (!BUILT.every((path) => existsSync(path))) return true;
  const newestSource = Math.max(...(await Promise.all(BUILT_FROM.map(newest))));
  const oldestBuilt = Math.min(...(await Promise.all(BUILT.map(newest))));
  return newestSource > oldestBuilt;
}

/** When a file, or the last changed one in a folder, was changed; milliseconds since the epoch. */
async function newest(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.mtimeMs;
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Math.max(
    ...(await Promise.all(files.map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs))),
  );
}

async function build(): Promise<void> {
  console.log('Building the extension and its service.');
  const [code] = await once(
    spawn('npm', ['run', '--silent', 'build'], { stdio: 'inherit', shell: process.platform === 'win32' }),
    'exit',
  );
  if (code !== 0) throw new Error(`The build ended with ${code}.`);
}
