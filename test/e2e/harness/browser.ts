import { cp, mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../../../scripts/chromium';
import { environmentAhead } from '../../../scripts/faketime';
import { PATIENCE_MS } from '../../patience';
import { limited } from './limit';
import type { PolicyFolder } from './policy';
import { until } from './until';

export const BUILT_EXTENSION = join(import.meta.dirname, '../../../dist/chromium');

/** What a start of the browser may take on a machine that has much else to do. */
const START_LIMIT_MS = 60_000;

/** Playwright's own switches that would keep the extension from running or being updated. */
const UNWANTED_SWITCHES = ['--disable-extensions'];

/** What Playwright 1.65 switches off, since of two such switches the last one counts. */
const OFF_BY_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'TcpPortRandomizationWin',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'msForceBrowserSignIn',
  'msEdgeUpdateLaunchServicesPreferredVersion',
];
/** The list below the address bar: Chromium 156 loads it as two pages for each window, a third of what a start of it costs. */
const OFF_FOR_TIME = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

const COMMON_SWITCHES = [
  // Chromium's sandbox does not start as root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  `--disable-features=${[...OFF_BY_PLAYWRIGHT, ...OFF_FOR_TIME].join(',')}`,
];

export interface BrowserOptions {
  /** The folder of the unpacked extension. */
  readonly extension?: string;
  readonly hostResolverRules?: string;
  /** A profile to keep; without one it is made for this run and deleted after. */
  readonly profile?: string;
  readonly headless?: boolean;
  /** Keeps pages that are left as browsers do, which Playwright switches off. */
  readonly backForwardCache?: boolean;
  /** A folder that this browser takes for its `/etc/chromium`. */
  readonly etc?: PolicyFolder;
  readonly viewport?: { readonly width: number; readonly height: number } | null;
  /** By how much this browser's clock is ahead, in seconds. */
  readonly clockAhead?: number;
  /** More of Chromium's switches. */
  readonly switches?: readonly string[];
}

/** A browser whose profile is its own. */
export interface ProfileBrowser {
  readonly context: BrowserContext;
  /** Opens an address in a new tab. */
  open(address: string): Promise<Page>;
  close(): Promise<void>;
  /** Ends the browser's process at once, as a crash would. */
  crash(): Promise<void>;
}

export interface ExtensionBrowser extends ProfileBrowser {
  /** The extension's own ID. */
  readonly id: string;
  /** The address of one of the extension's files. */
  extensionUrl(path: string): string;
  /** The options page that the extension opens by itself when it has just been installed. */
  welcomePage(): Promise<Page>;
}

/** Starts a Chromium with the built extension loaded, in a profile of its own. */
export async function launchBrowser(options: BrowserOptions = {}): Promise<ExtensionBrowser> {
  const browser = await launchWith(options.extension ?? BUILT_EXTENSION, options);
  const { context, close } = browser;
  const extensionsId = async (): Promise<string> => {
    const [running] = context.serviceWorkers();
    const worker = running ?? (await context.waitForEvent('serviceworker', { timeout: START_LIMIT_MS }));
    return new URL(worker.url()).host;
  };
  const id = await extensionsId().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const extensionUrl = (path: string) => `chrome-extension://${id}/${path}`;
  return {
    ...browser,
    id,
    extensionUrl,
    async welcomePage() {
      const isWelcome = (page: Page) => page.url().startsWith(extensionUrl('src/options/'));
      const page = await until('the welcome page', async () => context.pages().find(isWelcome));
      // Its load event may have come before we were told of the page, and is not told again.
      await page.getByRole('heading', { name: 'Options' }).waitFor();
      return page;
    },
  };
}

/** Starts a Chromium with whatever extension lies in that folder, or with none, in a profile of its own. */
export async function launchWith(
  extension: string | null,
  options: Omit<BrowserOptions, 'extension'> = {},
): Promise<ProfileBrowser> {
  const { hostResolverRules, headless = true } = options;
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'partner-of-record-profile-')));
  const launched = await chromium.launchPersistentContext(profile, {
    timeout: START_LIMIT_MS,
    executablePath: options.etc?.executable ?? (await chromiumPath()),
    headless,
    ...(options.clockAhead !== undefined && {
      env: { ...process.env, ...(await environmentAhead(options.clockAhead)) },
    }),
    // Whoever started the browser ends it, also on Ctrl-C.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ignoreHTTPSErrors: true,
    ignoreDefaultArgs: [
      ...UNWANTED_SWITCHES,
      ...(options.backForwardCache === true ? ['--disable-back-forward-cache'] : []),
    ],
    viewport: options.viewport === undefined ? { width: 1280, height: 900 } : options.viewport,
    args: [
      ...COMMON_SWITCHES,
      // In the namespace of its policy it is root, too.
      ...(options.etc === undefined ? [] : ['--no-sandbox']),
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-extension-debugging',
      ...(extension === null ? [] : [`--load-extension=${extension}`, `--disable-extensions-except=${extension}`]),
      ...(hostResolverRules === undefined ? [] : [`--host-resolver-rules=${hostResolverRules}`]),
      ...(options.switches ?? []),
    ],
  });
  launched.setDefaultTimeout(PATIENCE_MS);
  const context = limited(launched);
  async function close(): Promise<void> {
    try {
      await context.close();
    } catch (error) {
      // Nothing of it may be left for the next one to meet, whatever keeps it from closing.
      await kill(profile);
      throw error;
    } finally {
      if (options.profile === undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  return {
    context,
    async open(address) {
      const page = await context.newPage();
      await page.goto(address);
      return page;
    },
    close,
    async crash() {
      const closed = context.waitForEvent('close');
      await kill(profile);
      await closed;
    },
  };
}

/** Starts a Chromium without the extension. */
export async function launchPlainBrowser(): Promise<Browser> {
  const executablePath = await chromiumPath();
  return limited(await chromium.launch({ executablePath, timeout: START_LIMIT_MS, args: COMMON_SWITCHES }));
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

/** Ends the process that has the profile open, if one has: Chromium's lock is a link to its host and its number. */
async function kill(profile: string): Promise<void> {
  try {
    const holder = await readlink(join(profile, 'SingletonLock'));
    process.kill(Number(holder.slice(holder.lastIndexOf('-') + 1)), 'SIGKILL');
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
    if (!isGone) throw error;
  }
}
