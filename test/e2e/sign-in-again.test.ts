import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { type FaultProxy, startFaultProxy } from './harness/fault-proxy';
import { fillConnection, saveConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { type Service, startService } from './harness/service';
import { FABRIKAM } from './harness/spec';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

/** The extension API of the page that an evaluated function runs in. */
declare const chrome: {
  readonly action: { openPopup(): Promise<void> };
  readonly extension: {
    getViews(
      which: object,
    ): { readonly chrome: { readonly runtime: { sendMessage(message: object): Promise<void> } } }[];
  };
  readonly tabs: { query(query: object): Promise<{ readonly url?: string }[]> };
};

let service: Service;
let proxy: FaultProxy;
let portals: Portals;
let browser: ExtensionBrowser;
let backstage: Backstage;
let profile: string;
/** A profile that was connected without “Remember on this device”, as the browser left it when it was closed. */
let connected: string;
let subscriptionId: string;

beforeAll(async () => {
  [service, portals] = await Promise.all([startService(), startPortals()]);
  proxy = await startFaultProxy(service.url);
  const found = (await service.subscriptions()).find(({ caller }) => caller.canChangePartner);
  if (found === undefined) throw new Error('The demo has no subscription that may be changed');
  subscriptionId = found.subscriptionId;
  await service.setPartner(subscriptionId, FABRIKAM.partnerId);
  connected = await newFolder();
  browser = await launch(connected);
  const welcome = await browser.welcomePage();
  await fillConnection(welcome, proxy.url, service.token);
  await saveConnection(welcome);
  await browser.close();
});
beforeEach(async () => {
  profile = await newFolder();
});
afterEach(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  proxy.reset();
});
afterAll(async () => {
  await Promise.all([proxy.close(), portals.close(), service.stop()]);
  await rm(connected, { recursive: true, force: true, maxRetries: 5 });
});

const newFolder = () => mkdtemp(join(tmpdir(), 'partner-of-record-again-'));
const launch = (folder: string) => launchBrowser({ hostResolverRules: portals.hostResolverRules, profile: folder });

/** Starts the browser anew with what is left of the connected profile: what it was not to remember is gone. */
async function restart(): Promise<void> {
  await cp(connected, profile, { recursive: true });
  browser = await launch(profile);
  backstage = await openBackstage(browser);
  proxy.reset();
}

/** The address of the tab in front. */
const inFront = () =>
  backstage.page.evaluate(async () => (await chrome.tabs.query({ active: true, lastFocusedWindow: true }))[0]?.url);

/** What stands in front of the person once they pressed “Sign in”: the options, with the focus where the token goes. */
async function optionsInFront(press: () => Promise<unknown>): Promise<Page> {
  await press();
  // Chromium 156 takes an unpacked extension for a new one at each start, so that the page of the first start is open already.
  const options = await until('the options in front, with the focus in the token box', async () => {
    for (const page of browser.context.pages()) {
      if (!page.url().startsWith(browser.extensionUrl(OPTIONS_PAGE))) continue;
      if (await page.evaluate(hasFocusInTokenBox)) return page;
    }
    return null;
  });
  await until('the options as the tab in front', async () => (await inFront()) === options.url());
  await options.getByText('You are not signed in. Paste your access token').waitFor();
  return options;
}

/** Runs in a page. */
const hasFocusInTokenBox = () =>
  document.visibilityState === 'visible' && document.activeElement?.getAttribute('type') === 'password';

/** The second and the third thing that a person does. */
async function pasteAndEnter(options: Page, token: string): Promise<void> {
  await options.keyboard.insertText(token);
  await options.keyboard.press('Enter');
}

describe('After a restart of the browser without “Remember on this device”', () => {
  it('the panel has the person signed in by three things they do, back on its page', async () => {
    await restart();
    const page = await browser.open(azurePage(subscriptionId));
    const panel = panelOn(page);
    await panel.waitForText('You are not signed in.');
    expect(proxy.requests.filter(({ path }) => path.startsWith('/subscriptions'))).toEqual([]);
    const options = await optionsInFront(() => panel.click('button', 'Sign in'));
    await pasteAndEnter(options, service.token);
    await until('the portal’s page in front', async () => (await inFront()) === azurePage(subscriptionId));
    await panel.waitForText(FABRIKAM.name);
  });

  it.each([
    ['the subscriptions page', SUBSCRIPTIONS_PAGE, FABRIKAM.name],
    ['the popup in a tab', POPUP_PAGE, FABRIKAM.name],
  ])('so does %s', async (_what, path, shows) => {
    await restart();
    const portal = await browser.open(azurePage(subscriptionId));
    const page = await browser.open(browser.extensionUrl(path));
    if (path === POPUP_PAGE) {
      // It shows the tab that was in front when it opened.
      await portal.bringToFront();
      await page.reload();
    }
    await page.getByText('You are not signed in.').first().waitFor();
    const options = await optionsInFront(() => page.getByRole('button', { name: 'Sign in' }).first().click());
    await pasteAndEnter(options, service.token);
    await until('the page in front', async () => (await inFront()) === page.url());
    await page.getByText(shows).filter({ visible: true }).first().waitFor();
  });

  it('the popup over a portal’s page leads back to that page, and is there again', async () => {
    await restart();
    const page = await browser.open(azurePage(subscriptionId));
    await panelOn(page).waitForText('You are not signed in.');
    await page.bringToFront();
    const popups = () => backstage.page.evaluate(() => chrome.extension.getViews({ type: 'popup' }).length);
    await backstage.page.evaluate(() => chrome.action.openPopup());
    await until('the popup', async () => (await popups()) === 1);
    // No driver presses a button in a real popup: its own message is what such a press sends.
    const options = await optionsInFront(() => backstage.page.evaluate(signInFromPopup));
    await pasteAndEnter(options, service.token);
    await until('the portal’s page in front', async () => (await inFront()) === azurePage(subscriptionId));
    await panelOn(page).waitForText(FABRIKAM.name);
    await until('the popup again', async () => (await popups()) === 1);
  });
});

/** Runs in a page of the extension: sends what the popup's “Sign in” sends. The popup is gone before an answer comes. */
function signInFromPopup(): void {
  const [popup] = chrome.extension.getViews({ type: 'popup' });
  void popup?.chrome.runtime.sendMessage({ name: 'signIn.start', input: { another: false } });
}

describe('A wrong access token', () => {
  it('is told at once on Save, with the focus where another goes, and nothing of it was lost on the way', async () => {
    browser = await launch(profile);
    const welcome = await browser.welcomePage();
    await fillConnection(welcome, proxy.url, 'por_wrong');
    await welcome.getByRole('button', { name: 'Save', exact: true }).click();
    await welcome.getByRole('alert').filter({ hasText: 'Saved, but the service refused this token.' }).waitFor();
    await until('the focus in the token box', () => welcome.evaluate(hasFocusInTokenBox));
    await pasteAndEnter(welcome, service.token);
    await welcome.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();
    expect(await welcome.getByRole('region', { name: 'Welcome' }).count()).toBe(0);
  });

  it('that was withdrawn is told so in the panel', async () => {
    browser = await launch(profile);
    const welcome = await browser.welcomePage();
    await fillConnection(welcome, proxy.url, 'por_withdrawn');
    await welcome.getByRole('button', { name: 'Save', exact: true }).click();
    await welcome.getByRole('alert').filter({ hasText: 'Saved, but' }).waitFor();
    const panel = panelOn(await browser.open(azurePage(subscriptionId)));
    await panel.waitForText('expired or was withdrawn');
    await panel.waitFor('button', 'Sign in');
  });
});
