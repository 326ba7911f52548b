import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchPlainBrowser } from '../harness/browser';
import type { Mode } from './modes';
import { buildInPage, buildStage } from './stage/build';
import type {} from './stage/docked';
import { NOW } from './states/data';
import { inOtherScript } from '../../setup/other-script';
import type { Screen, State, Step } from './states/state';

const ORIGIN = 'http://screens.localhost/';
const PANEL_FILE = 'test/e2e/screens/stage/panel.html';
const DOCKED_FILE = 'test/e2e/screens/stage/docked.html';

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
  /** What keeps people from reading or finding something on the page as it is now. */
  judge(page: Page): Promise<string[]>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'screens-'));
  const [inPage, browser] = await Promise.all([buildInPage(), launchPlainBrowser(), buildStage(folder)]);

  async function go(path: string, asked: Record<string, string>, hash: string, mode: Mode): Promise<Page> {
    const page = await newPage(browser, mode);
    await page.route(`${ORIGIN}**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/favicon.ico') return route.fulfill({ status: 204 });
      return route.fulfill({ path: join(folder, decodeURIComponent(pathname)) });
    });
    const problems: string[] = [];
    page.on('pageerror', ({ message }) => problems.push(message));
    await page.addInitScript({ content: inPage });
    await page.goto(`${ORIGIN}${path}?${new URLSearchParams(asked)}${hash}`);
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
      const page = await newPage(browser, mode);
      await page.route(`${ORIGIN}**`, (route) => route.fulfill({ contentType: 'text/html', body: html }));
      await page.addInitScript({ content: inPage });
      await page.goto(ORIGIN);
      return page;
    },
    blank: () => browser.newPage(),
    judge: (page) => page.evaluate(() => globalThis.judge()),
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function newPage(browser: Browser, mode: Mode): Promise<Page> {
  const { colorScheme, width, height, contrast, forcedColors } = mode;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    ...(contrast && { contrast }),
    ...(forcedColors && { forcedColors }),
  });
  await page.clock.setFixedTime(NOW);
  return page;
}

/** The names of all that the docked panel is looked at in. */
export const dockedNames = (page: Page) => page.evaluate(() => [...globalThis.docked.keys()]);

/** Draws the docked panel of that name on a page that {@link Stage.openDocked} opened, in place of the one before. */
export const drawDocked = (page: Page, name: string) =>
  page.evaluate((wanted) => globalThis.docked.get(wanted)?.(), name);

/** Has a page looked at in another way than it was opened in. */
export async function lookAt(page: Page, { colorScheme, width, height, contrast, forcedColors }: Mode): Promise<void> {
  await page.setViewportSize({ width, height });
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
    await page.getByLabel(spelled(step.of), { exact: true }).selectOption({ label: spelled(step.choose) });
  }
}
