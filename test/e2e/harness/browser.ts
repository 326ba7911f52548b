import { cp, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../../../scripts/chromium';
import type { PolicyFolder } from './policy';
import { PATIENCE_MS, until } from './until';

export const BUILT_EXTENSION = join(import.meta.dirname, '../../../dist/chromium');

/** Playwright's own switches that would keep the extension from running or being updated. */
const UNWANTED_SWITCHES = ['--disable-extensions'];

export interface BrowserOptions {
  /** The folder of the unpacked extension. */
  readonly extension?: string;
  readonly hostResolverRules?: string;
  /** A profile to keep; without one it is made for this run and deleted after. */
  readonly profile?: string;
  readonly headless?: boolean;
  /** A folder that this browser takes for its `/etc/chromium`. */
  readonly etc?: PolicyFolder;
  readonly viewport?: { readonly width: number; readonly height: number } | null;
}

export interface ExtensionBrowser {
  readonly context: BrowserContext;
  /** The extension's own ID. */
  readonly id: string;
  /** The address of one of the extension's files. */
  extensionUrl(path: string): string;
  /** The options page that the extension opens by itself when it has just been installed. */
  welcomePage(): Promise<Page>;
  /** Opens an address in a new tab. */
  open(address: string): Promise<Page>;
  close(): Promise<void>;
  /** Ends the browser's process at once, as a crash would. */
  crash(): Promise<void>;
}

/** Starts a Chromium with the built extension loaded, in a profile of its own. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<ExtensionBrowser> {
  const { extension = BUILT_EXTENSION, hostResolverRules, headless = true } = options;
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'partner-of-record-profile-')));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.etc?.executable ?? (await chromiumPath()),
    headless,
    // Whoever started the browser ends it, also on Ctrl-C.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ignoreHTTPSErrors: true,
    ignoreDefaultArgs: UNWANTED_SWITCHES,
    viewport: options.viewport === undefined ? { width: 1280, height: 900 } : options.viewport,
    args: [
      // Chromium's sandbox does not start as root.
      ...(process.getuid?.() === 0 || options.etc !== undefined ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-extension-debugging',
      `--load-extension=${extension}`,
      `--disable-extensions-except=${extension}`,
      ...(hostResolverRules === undefined ? [] : [`--host-resolver-rules=${hostResolverRules}`]),
    ],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const id = new URL(worker.url()).host;
  const extensionUrl = (path: string) => `chrome-extension://${id}/${path}`;
  return {
    context,
    id,
    extensionUrl,
    async welcomePage() {
      const isWelcome = (page: Page) => page.url().startsWith(extensionUrl('src/options/'));
      const page = await until('the welcome page', async () => context.pages().find(isWelcome));
      // Its load event may have come before we were told of the page, and is not told again.
      await page.getByRole('heading', { name: 'Options' }).waitFor();
      return page;
    },
    async open(address) {
      const page = await context.newPage();
      await page.goto(address);
      return page;
    },
    async close() {
      await context.close();
      if (options.profile === undefined) await rm(profile, { recursive: true, force: true });
    },
    async crash() {
      const closed = new Promise((resolve) => context.once('close', resolve));
      process.kill(await processOf(profile), 'SIGKILL');
      await closed;
    },
  };
}

/** What tests change in the built extension's manifest. */
export interface Manifest {
  readonly version: string;
  readonly permissions: readonly string[];
}

/** Copies the built extension into a folder, with what `change` makes of its manifest. */
export async function copyExtension(folder: string, change: (manifest: Manifest) => object): Promise<void> {
  await cp(BUILT_EXTENSION, folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  const manifest: Manifest = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify(change(manifest)));
}

/** The process that has the profile open: Chromium's lock is a link to its host and its number. */
async function processOf(profile: string): Promise<number> {
  const holder = await readlink(join(profile, 'SingletonLock'));
  return Number(holder.slice(holder.lastIndexOf('-') + 1));
}
