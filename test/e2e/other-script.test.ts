import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PartnerOfRecord } from '../../src/domain/partner';
import { dataInOtherScript, inOtherScript, withLatinLetters } from '../setup/other-script';
import { copyExtension, type ExtensionBrowser, launchBrowser } from './harness/browser';
import { listen } from './harness/listen';
import { panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { until } from './harness/until';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';
import { type Mode, modeAt, SHOWN_MODES } from './screens/modes';
import { openStage, type Stage } from './screens/open';
import { buildInPage } from './screens/stage/build';
import { contoso, fabrikam, recordWith } from './screens/states/data';
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
    const page = await stage.open(screen, state, modeAt(LIGHT, state, screen), 'other');
    expect(await latinTexts(page)).toEqual([]);
    await stage.leave(page);
  });

  it('is in the panel, whatever its state', async () => {
    const page = await stage.openPanel(LIGHT, undefined, 'other');
    expect(await latinTexts(page)).toEqual([]);
    await stage.leave(page);
  });

  it('escapes the one who looks for it', async () => {
    const page = await stage.openPanel(LIGHT, 'one partner', 'other');
    await page.evaluate(() => {
      const surface = document.querySelector('[data-partner-of-record]')?.shadowRoot?.querySelector('.surface');
      const planted = document.createElement('button');
      planted.setAttribute('aria-label', 'Planted');
      surface?.append('Planted too', planted);
    });
    expect(await latinTexts(page)).toHaveLength(2);
    await stage.leave(page);
  });
});

/** A service whose people and partners write in the other script; in the ID no letter stands. */
const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
async function startService() {
  const record = (holder: PartnerOfRecord | null) => ({ ...recordWith(holder), subscriptionId: SUBSCRIPTION });
  const answers: readonly (readonly [fits: RegExp, body: object])[] = [
    [/\/me$/, { name: 'Adele', principalId: '1', organization: 'Northwind', support: 'Desk' }],
    [/\/partnerOfRecord$/, record(fabrikam)],
    [/\/changes$/, { value: [{ kind: 'assign', before: null, after: contoso, at: contoso.assignedAt, by: 'Adele' }] }],
    [/\/subscriptions\//, record(contoso)],
    [/\/partners\//, { ...fabrikam, location: 'Munich' }],
  ];
  const server = createServer(({ url = '' }, response) => {
    const body = answers.find(([fits]) => fits.test(url.replace(/\?.*/, '')))?.[1];
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(dataInOtherScript(body ?? {})));
  });
  const { port, close } = await listen(server);
  return { url: `http://127.0.0.1:${port}/v1`, close };
}

describe('The built extension in another script', () => {
  let folder: string;
  let browser: ExtensionBrowser;
  let service: Awaited<ReturnType<typeof startService>>;
  let portals: Portals;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'other-script-'));
    await copyExtension(folder, (manifest) => manifest);
    const path = join(folder, '_locales/en/messages.json');
    const messages: Record<string, { message: string }> = JSON.parse(await readFile(path, 'utf8'));
    for (const [id, entry] of Object.entries(messages)) {
      if (id === 'extension_language') entry.message = 'el';
      else if (id === 'panel' || id === 'pages') {
        // The first line has the sentences' names.
        const [names = '', ...texts] = entry.message.split('\n');
        entry.message = [names, inOtherScript(texts.join('\n'))].join('\n');
      } else if (id !== 'forms') entry.message = inOtherScript(entry.message);
    }
    await writeFile(path, JSON.stringify(messages));
    const inPage = buildInPage();
    [service, portals] = await Promise.all([startService(), startPortals()]);
    browser = await launchBrowser({ extension: folder, hostResolverRules: portals.hostResolverRules });
    await browser.context.addInitScript({ content: await inPage });
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([service?.close(), portals?.close(), rm(folder, { recursive: true, force: true })]);
  });

  it('has no Latin letter in its pages, its name and the title of its button', async () => {
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
    expect(withLatinLetters(toolbar)).toEqual([]);
    await page.close();
  });

  it('has none in the panel on a portal’s page, whose words the worker gives it, nor in its own window', async () => {
    const connection = {
      id: '6b7c0f0e-7d0c-4a7e-9d53-0c0f7f0b7a11',
      name: inOtherScript('Contoso'),
      kind: 'service',
      serviceUrl: service.url,
      signIn: 'none',
    };
    const ours = await browser.open(browser.extensionUrl(POPUP_PAGE));
    await ours.evaluate((stored) => chrome.storage.local.set({ connection: stored }), connection);
    const portal = await browser.open(azurePage(SUBSCRIPTION));
    const panel = panelOn(portal, inOtherScript);
    const say = async (name: string) => {
      expect(withLatinLetters([...(await panel.names()), await panel.text()]), name).toEqual([]);
    };
    const button = (name: string) => panel.click('button', inOtherScript(name));

    await panel.waitForText(inOtherScript(contoso.name));
    await say('its line');
    await button('Log');
    await panel.waitFor('list', inOtherScript('Changes'));
    await say('its log');
    await button('Change');
    await panel.click('textbox', inOtherScript('Partner ID'));
    await portal.keyboard.type(fabrikam.partnerId);
    await say('its form');
    await button('Check ID');
    await panel.waitForText(inOtherScript(fabrikam.name));
    await say('what was checked');
    await button('Save partner');
    await panel.waitForText(inOtherScript('has been changed.'));
    await say('how it ended');

    const opened = browser.context.waitForEvent('page');
    const message = { name: 'confirm.openFor', input: { subscriptionId: SUBSCRIPTION } };
    await ours.evaluate((asked) => chrome.runtime.sendMessage(asked), message);
    const own = await opened;
    await own.getByText(inOtherScript(contoso.name)).first().waitFor();
    expect(await latinTexts(own)).toEqual([]);
  });
});

/** The extension API of the page that an evaluated function runs in; the tests themselves have none. */
declare const chrome: {
  readonly runtime: {
    getManifest(): { readonly name: string; readonly description?: string };
    sendMessage(message: object): Promise<unknown>;
  };
  readonly action: { getTitle(details: object): Promise<string> };
  readonly storage: { readonly local: { set(items: object): Promise<void> } };
};
