import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { BidiBrowser } from 'puppeteer-core/internal/bidi/Browser.js';
import { firefoxPath } from '../../scripts/firefox';
import { until } from '../e2e/harness/until';
import type { Portals } from '../e2e/harness/portals';
import type { DrivenBrowser, Driver } from '../journeys/driver';
import { within } from '../within';
import { bidiOf } from './bidi';
import { startConnectProxy } from './connect-proxy';
import { tabOf } from './tab';

const EXTENSION = join(import.meta.dirname, '../../dist/firefox');
/** As the Firefox variant's manifest has it. */
const ID = 'partner-of-record-helper@partner-of-record-helper';
/** Firefox draws an internal address for each profile, unless it has one already. */
const INTERNAL = '3f6c2a7e-8f0f-4e6e-9a75-0e6f4a3d2b11';
const OUR_PAGES = `moz-extension://${INTERNAL}/`;

/** What a start of the browser may take on a machine that has much else to do. */
const START_LIMIT_MS = 60_000;

/** Runs in Firefox's own window. It takes no answer in the first half second, in which nobody can have read the question. */
const ALLOW = `(() => {
  const question = document.getElementById('addon-webext-permissions-notification');
  const isAsked = question !== null && question.closest('panel')?.state === 'open';
  if (isAsked) document.documentElement.toggleAttribute('asked', true);
  if (isAsked) question.button.click();
  if (isAsked || !document.documentElement.hasAttribute('asked')) return 'waiting';
  document.documentElement.removeAttribute('asked');
  return 'allowed';
})()`;

const WINDOW = { width: 1280, height: 1000 };

/** What Firefox alone can be asked for. */
interface Firefox extends DrivenBrowser {
  /** Answers Firefox's own question whether the extension may have what it asks for, once it is asked. */
  allow(): Promise<void>;
}

/** Sets what an organisation decides, for a Firefox with that home folder: read when it starts (MDN, native manifests). */
export async function setPolicy(home: string, data: object): Promise<void> {
  const folder = join(home, '.mozilla/managed-storage');
  await mkdir(folder, { recursive: true });
  const manifest = { name: ID, description: 'A policy', type: 'storage', data };
  await writeFile(join(folder, `${ID}.json`), JSON.stringify(manifest));
}

/** Debian's Firefox with the built extension, over WebDriver BiDi. */
export const firefox = {
  redirectUri: `https://${createHash('sha1').update(ID).digest('hex')}.extensions.allizom.org/`,
  /**
   * @param home whose policy is in force, where it is not this computer's own; {@link setPolicy} sets one
   * @param ports the ports on loopback of hosts that are no portal's
   */
  async launch(
    portals: Portals,
    profile: string,
    home?: string,
    ports?: Readonly<Partial<Record<string, number>>>,
  ): Promise<Firefox> {
    const proxy = await startConnectProxy(portals.port, ports);
    const launched = await within(
      'Firefox to start',
      puppeteer.launch({
        browser: 'firefox',
        executablePath: await firefoxPath(),
        headless: true,
        acceptInsecureCerts: true,
        enableExtensions: true,
        userDataDir: profile,
        ...(home !== undefined && { env: { ...process.env, HOME: home } }),
        timeout: START_LIMIT_MS,
        // Whoever started the browser ends it, also on Ctrl-C.
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
        // The extension's own pages are the browser's, which are closed to WebDriver otherwise.
        args: ['--remote-allow-system-access', `--width=${WINDOW.width}`, `--height=${WINDOW.height}`],
        extraPrefsFirefox: {
          'extensions.webextensions.uuids': JSON.stringify({ [ID]: INTERNAL }),
          'network.proxy.type': 1,
          'network.proxy.ssl': '127.0.0.1',
          'network.proxy.ssl_port': proxy.port,
        },
      }),
      START_LIMIT_MS,
    );
    if (!(launched instanceof BidiBrowser)) throw new Error('Puppeteer drives Firefox by something else than BiDi');
    const bidi = bidiOf(launched.connection);
    /** What opened and is no frame of another: tabs and windows. */
    const opened: string[] = [];
    bidi.connection.on('browsingContext.contextCreated', ({ context, parent }) => {
      if (parent === null) opened.push(context);
    });

    const browser: Firefox = {
      async welcome() {
        const isWelcome = ({ url }: { url: string }) => url.startsWith(`${OUR_PAGES}src/options/`);
        const context = await until('the welcome page', async () => {
          const { contexts } = await bidi.send('browsingContext.getTree', { maxDepth: 0 });
          return contexts.find(isWelcome)?.context;
        });
        const tab = tabOf(bidi, context);
        await tab.waitFor('heading', 'Options');
        return tab;
      },
      async open(address) {
        const { context } = await bidi.send('browsingContext.create', { type: 'tab' });
        // Of a page of an extension Firefox 153 never says that it is loaded.
        await bidi.send('browsingContext.navigate', { context, url: address, wait: 'none' });
        const tab = tabOf(bidi, context);
        await until(`the page ${address}`, async () => {
          const state = await tab.run('location.href === "about:blank" ? "" : document.readyState');
          return state === 'complete';
        });
        return tab;
      },
      openOurs: (path) => browser.open(OUR_PAGES + path),
      async opened(act) {
        const before = opened.length;
        await act();
        return tabOf(bidi, await until('a window to open', async () => opened[before]));
      },
      async allow() {
        const { contexts } = await bidi.send('browsingContext.getTree', { 'moz:scope': 'chrome' });
        const [window] = contexts;
        if (window === undefined) throw new Error('Firefox has no window');
        await until('Firefox to ask whether the extension may, and to take the answer', async () => {
          const { context } = window;
          const answer = await bidi.send('script.evaluate', {
            expression: ALLOW,
            awaitPromise: false,
            target: { context },
          });
          return answer.type === 'success' && answer.result.type === 'string' && answer.result.value === 'allowed';
        });
      },
      async close() {
        try {
          await within('Firefox to close', launched.close());
        } finally {
          launched.process()?.kill('SIGKILL');
          await proxy.close();
        }
      },
    };
    await within('Firefox to take the extension', launched.installExtension(EXTENSION)).catch(
      async (error: unknown) => {
        await browser.close();
        throw error;
      },
    );
    return browser;
  },
} satisfies Driver;
