import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Browser, Page, Route } from 'playwright-core';
import { launchPlainBrowser } from '../harness/browser';
import { listen } from '../harness/listen';
import type { Mode } from './modes';
import { buildInPage, buildStage } from './stage/build';
import type {} from './stage/docked';
import { NOW } from './states/data';
import { inOtherScript } from '../../setup/other-script';
import type { Screen, State, Step } from './states/state';

const HOST = 'screens.localhost';
const TYPES: Partial<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};
const PANEL_FILE = 'test/e2e/screens/stage/panel.html';
const DOCKED_FILE = 'test/e2e/screens/stage/docked.html';
const AXE_FILE = 'axe.js';

/** The one element that a panel has on its page. */
export const PANEL = '[data-partner-of-record]';

type Script = 'latin' | 'other';

/** The pages of ours, built to be opened in any state, and a browser to open them in. */
export interface Stage {
  /** Opens a page in one of its states, as somebody comes to it by the state's own steps. */
  open(screen: Screen, state: State, mode: Mode, script?: Script): Promise<Page>;
  /** Opens the panel in every state, or in one. */
  openPanel(mode: Mode, state?: string, script?: Script): Promise<Page>;
  /** Opens a page without a place for a panel; {@link drawDocked} puts one there, docked. */
  openDocked(mode: Mode, script?: Script): Promise<Page>;
  /** Opens what a mail has in HTML, alone in a window. */
  openMail(html: string, mode: Mode): Promise<Page>;
  /** A page with nothing on it. */
  blank(): Promise<Page>;
  /** Gives back a page that was opened here, for the next that is opened: a new one takes longer than all that is done on it. */
  leave(page: Page): Promise<void>;
  /**
   * Puts axe into the page. The browser fetches it: half a megabyte takes twice as long to compile when it is handed over in a command,
   * as a text that the browser does not know from the page before.
   */
  bringAxe(page: Page): Promise<void>;
  /** What keeps people from reading or finding something on the page as it is now. */
  judge(page: Page): Promise<string[]>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'screens-'));
  const [inPage, browser] = await Promise.all([buildInPage(), launchPlainBrowser(), buildStage(folder)]);
  await copyFile('node_modules/axe-core/axe.min.js', join(folder, AXE_FILE));
  const server = await listen(
    createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://stage.invalid');
      const file = join(folder, decodeURIComponent(pathname));
      // Read once by the browser, compiled once.
      const headers = {
        'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
        'cache-control': 'max-age=3600',
      };
      readFile(file).then(
        (content) => response.writeHead(200, headers).end(content),
        (error: unknown) => response.writeHead(404).end(String(error)),
      );
    }),
  );
  const origin = `http://${HOST}:${server.port}/`;
  const left: Page[] = [];

  async function nextPage(mode: Mode): Promise<Page> {
    const page = left.pop() ?? (await newPage(browser, inPage));
    await lookAt(page, mode);
    return page;
  }

  async function go(path: string, asked: Record<string, string>, hash: string, mode: Mode): Promise<Page> {
    const page = await nextPage(mode);
    const problems: string[] = [];
    const note = ({ message }: Error) => void problems.push(message);
    page.on('pageerror', note);
    // Where the one before pressed last, nothing of this one is pointed at.
    await page.mouse.move(0, 0);
    await page.goto(`${origin}${path}?${new URLSearchParams(asked)}${hash}`);
    page.off('pageerror', note);
    if (problems.length > 0) throw new Error(`${path} in ${JSON.stringify(asked)}: ${problems.join('; ')}`);
    return page;
  }

  return {
    async open(screen, state, mode, script = 'latin') {
      const asked = { ...state.query, screen: screen.name, state: state.name, script };
      const page = await go(screen.file, asked, state.hash ?? '', mode);
      const spelled = (text: string) => (script === 'other' ? inOtherScript(text) : text);
      for (const step of state.steps ?? []) await take(page, step, spelled);
      await page
        .getByText(spelled(state.says))
        .or(page.getByLabel(spelled(state.says)))
        .first()
        .waitFor();
      return page;
    },
    async openPanel(mode, state, script = 'latin') {
      const page = await go(PANEL_FILE, { script, ...(state !== undefined && { state }), ...mode.portal }, '', mode);
      await page.locator(PANEL).first().waitFor();
      return page;
    },
    async openDocked(mode, script = 'latin') {
      const page = await go(DOCKED_FILE, { script, ...mode.portal }, '', mode);
      await page.waitForFunction(() => globalThis.docked !== undefined);
      return page;
    },
    async openMail(html, mode) {
      const page = await nextPage(mode);
      const mail = (route: Route) => route.fulfill({ contentType: 'text/html', body: html });
      await page.route(origin, mail, { times: 1 });
      await page.goto(origin);
      return page;
    },
    blank: () => browser.newPage(),
    async leave(page) {
      await page.goto('about:blank');
      const session = await page.context().newCDPSession(page);
      // What a state has in the browser's database is no other's.
      await session.send('Storage.clearDataForOrigin', { origin: new URL(origin).origin, storageTypes: 'all' });
      await session.detach();
      left.push(page);
    },
    async bringAxe(page) {
      const script = await page.addScriptTag({ url: `${origin}${AXE_FILE}` });
      await script.evaluate((element) => (element as Element).remove());
    },
    judge: (page) => page.evaluate(() => globalThis.judge()),
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** In a window of its own, so that all of them are drawn at once. */
async function newPage(browser: Browser, inPage: string): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB', timezoneId: 'UTC' });
  await page.clock.setFixedTime(NOW);
  await page.addInitScript({ content: inPage });
  return page;
}

/** The names of all that the docked panel is looked at in. */
export const dockedNames = (page: Page) => page.evaluate(() => [...globalThis.docked.keys()]);

/** Draws the docked panel of that name on a page that {@link Stage.openDocked} opened, in place of the one before. */
export const drawDocked = (page: Page, name: string) =>
  page.evaluate((wanted) => globalThis.docked.get(wanted)?.(), name);

/** Has a page looked at in that way from now on. */
export async function lookAt(page: Page, { colorScheme, width, height, contrast, forcedColors }: Mode): Promise<void> {
  const now = page.viewportSize();
  // A window that is given its own size once more is laid out and drawn once more.
  if (now?.width !== width || now.height !== height) await page.setViewportSize({ width, height });
  await page.emulateMedia({
    colorScheme,
    contrast: contrast ?? 'no-preference',
    forcedColors: forcedColors ?? 'none',
    reducedMotion: 'reduce',
  });
}

async function take(page: Page, step: Step, spelled: (text: string) => string): Promise<void> {
  // Where presses do not count yet.
  await page.locator('[data-armed="no"]').waitFor({ state: 'detached' });
  if ('press' in step) {
    const named = { name: spelled(step.name), exact: true };
    const target = step.press === 'summary' ? page.getByText(named.name) : page.getByRole(step.press, named);
    await target.first().click();
  } else if ('type' in step) {
    await page.getByLabel(spelled(step.into), { exact: true }).fill(spelled(step.type));
  } else {
    // A section may have the same name.
    const select = page.getByRole('combobox', { name: spelled(step.of), exact: true });
    await select.selectOption({ label: spelled(step.choose) });
  }
}
