import type { Locator, Page } from 'playwright-core';
import type { DrivenBrowser, Driver, Screen, Tab } from '../../journeys/driver';
import { LIMIT_MS } from '../../within';
import { launchBrowser } from './browser';
import { panelOn } from './panel';
import { until } from './until';

/** The Chromium of the system with the built extension. */
export const chromium: Driver = {
  /** The manifest's key gives the extension this ID. */
  redirectUri: 'https://fobnlladjoobbjgfpefhmhhpdkgjfdae.chromiumapp.org/',
  async launch(portals, profile) {
    const { context, open, extensionUrl, welcomePage, close } = await launchBrowser({
      hostResolverRules: portals.hostResolverRules,
      profile,
    });
    const browser: DrivenBrowser = {
      welcome: async () => tabOf(await welcomePage()),
      open: async (address) => tabOf(await open(address)),
      openOurs: (path) => browser.open(extensionUrl(path)),
      async opened(act) {
        const [page] = await Promise.all([context.waitForEvent('page'), act()]);
        return tabOf(page);
      },
      close,
    };
    return browser;
  },
};

function tabOf(page: Page): Tab {
  const screen = pageScreen(page);
  const panel = panelOn(page);
  return {
    ...screen,
    panel: {
      text: panel.text,
      has: async (role, name) => (await panel.find(role, name)) !== null,
      waitFor: async (role, name) => void (await panel.waitFor(role, name)),
      waitGone: panel.waitGone,
      waitForText: panel.waitForText,
      press: panel.click,
      pressOnce: panel.pressOnce,
      type: panel.type,
    },
    async choose(label, option) {
      await page.getByRole('combobox', { name: label, exact: true }).focus();
      await page.keyboard.type(option);
    },
    items: (list) => page.getByRole('list', { name: list, exact: true }).getByRole('listitem').allInnerTexts(),
    run: (script) => page.evaluate(script),
    show: () => page.bringToFront(),
    async closed() {
      if (!page.isClosed()) await page.waitForEvent('close', { timeout: LIMIT_MS });
    },
    close: () => page.close(),
  };
}

function pageScreen(page: Page): Screen {
  // The roles that a journey names are those that Playwright knows, which alone has a type for them.
  const named = (role: string, name: string): Locator =>
    page.getByRole(role as Parameters<Page['getByRole']>[0], { name, exact: true }).first();
  const text = () => page.locator('body').innerText();
  return {
    text,
    has: (role, name) => named(role, name).isVisible(),
    waitFor: (role, name) => named(role, name).waitFor(),
    waitGone: (role, name) => named(role, name).waitFor({ state: 'hidden' }),
    async waitForText(wanted) {
      await until(`“${wanted}” on the page`, async () => (await text()).includes(wanted), {
        state: async () => `${page.url()}\n${await text()}`,
      });
    },
    press: (role, name) => named(role, name).click(),
    async type(label, typed) {
      await page
        .getByLabel(label, { exact: true })
        .or(page.getByPlaceholder(label, { exact: true }))
        .first()
        .click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.type(typed);
    },
  };
}
