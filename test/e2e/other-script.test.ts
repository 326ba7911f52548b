import { readFile, writeFile } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyExtension, launchBrowser } from './harness/browser';
import { until } from './harness/until';
import { OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';
import { type Mode, modeAt, SHOWN_MODES } from './screens/modes';
import { openStage, type Stage } from './screens/open';
import { buildInPage } from './screens/stage/build';
import { inOtherScript } from '../setup/other-script';
import { SCREENS } from './screens/states/screens';

/**
 * The extension with a catalogue of the same keys in another script, and data in that script too: a Latin letter that is left
 * stands outside of the catalogue.
 */

const [LIGHT] = SHOWN_MODES as readonly [Mode];
const latinTexts = (page: Page) => page.evaluate(() => globalThis.latinTexts());

describe('No Latin letter', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  const STATES = SCREENS.flatMap((screen) =>
    screen.states.map((state) => ({ screen, state, called: `${screen.name}, ${state.name}` })),
  );
  it.concurrent.each(STATES)('is on a page of ours: $called', async ({ screen, state }) => {
    const page = await stage.open(screen, state, modeAt(LIGHT, screen), 'other');
    expect(await latinTexts(page)).toEqual([]);
    await page.close();
  });

  it('is in the panel, whatever its state', async () => {
    const page = await stage.openPanel(LIGHT, undefined, 'other');
    expect(await latinTexts(page)).toEqual([]);
    await page.close();
  });

  it('escapes the one who looks for it', async () => {
    const page = await stage.openPanel(LIGHT, 'one partner', 'other');
    await page.evaluate(() => {
      const surface = document.querySelector('partner-of-record')?.shadowRoot?.querySelector('.surface');
      const planted = document.createElement('button');
      planted.setAttribute('aria-label', 'Planted');
      surface?.append('Planted too', planted);
    });
    expect(await latinTexts(page)).toHaveLength(2);
    await page.close();
  });
});

describe('The built extension in another script', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'other-script-'));
    await copyExtension(folder, (manifest) => manifest);
    const path = join(folder, '_locales/en/messages.json');
    const messages: Record<string, { message: string }> = JSON.parse(await readFile(path, 'utf8'));
    for (const [id, entry] of Object.entries(messages))
      entry.message = id === 'extension_language' ? 'el' : inOtherScript(entry.message);
    await writeFile(path, JSON.stringify(messages));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has no Latin letter in its pages, its name and the title of its button', async () => {
    const [browser, inPage] = await Promise.all([launchBrowser({ extension: folder }), buildInPage()]);
    try {
      await browser.context.addInitScript({ content: inPage });
      for (const path of [`${OPTIONS_PAGE}#welcome`, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE]) {
        const page = await browser.open(browser.extensionUrl(path));
        await page.getByRole('heading', { level: 1 }).waitFor();
        expect(await latinTexts(page), path).toEqual([]);
        await page.close();
      }
      const page = await browser.open(browser.extensionUrl(POPUP_PAGE));
      const toolbar = await until('the title of the button', () =>
        page.evaluate(async () => {
          const { name, description = '' } = chrome.runtime.getManifest();
          return [name, description, await chrome.action.getTitle({})];
        }),
      );
      expect(toolbar.filter((words) => /\p{Script=Latin}/u.test(words))).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

/** The extension API of the page that an evaluated function runs in; the tests themselves have none. */
declare const chrome: {
  readonly runtime: { getManifest(): { readonly name: string; readonly description?: string } };
  readonly action: { getTitle(details: object): Promise<string> };
};
