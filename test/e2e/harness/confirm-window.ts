import type { Page } from 'playwright-core';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import type { ExtensionBrowser } from './browser';
import { until } from './until';
import type { World } from './world';

/** What the backstage page, one of the extension's own, can do. */
declare const chrome: {
  readonly storage: {
    readonly session: { get(key: string): Promise<Record<string, unknown>>; remove(key: string): Promise<void> };
  };
};

/** What the window says to a press that does not count yet. */
export const TOO_EARLY = 'That press came too early';

/** The extension's own window to confirm in, as a person meets it. */
export interface ConfirmWindows {
  /** Those that are open. */
  windows(): Page[];
  /** The one window, once it shows the record. */
  windowAbout(record: SubscriptionRecord): Promise<Page>;
  /** Until the worker has heard whether something is under way in the window. */
  knownUnderWay(underWay: boolean): Promise<void>;
  /** Portals have made and asked for nothing yet: a test is quicker than anybody. */
  forgetUses(): Promise<void>;
  /** Closes what is open and forgets what portals have used, for the next test. */
  tidy(): Promise<void>;
}

/** Those that are open in a browser. */
export function confirmWindowsIn(browser: ExtensionBrowser): Page[] {
  const address = browser.extensionUrl('src/confirm/index.html');
  return browser.context.pages().filter((page) => page.url().startsWith(address));
}

export function confirmWindows(world: () => World): ConfirmWindows {
  const windows = () => confirmWindowsIn(world().browser);
  async function stored(): Promise<unknown> {
    const all = await world().backstage.page.evaluate(() => chrome.storage.session.get('confirmWindow'));
    return all['confirmWindow'] ?? null;
  }
  const forgetUses = () => world().backstage.forgetPortalUses();
  return {
    windows,
    forgetUses,
    async knownUnderWay(underWay) {
      const isKnown = async () => Object(await stored()).underWay === underWay;
      await until(`the worker to know ${underWay ? 'that something' : 'that nothing'} is under way`, isKnown);
    },
    async windowAbout({ displayName }) {
      const window = await until('the one window to confirm in', async () => windows().length === 1 && windows()[0]);
      await window.getByText(displayName).waitFor();
      return window;
    },
    async tidy() {
      await Promise.all(windows().map((window) => window.close()));
      await until('the end of the window', async () => (await stored()) === null);
      await forgetUses();
    },
  };
}

/** How often a press that came too early is made again. */
const MOST_PRESSES = 5;

/** Acts in the window once presses count; once more where what stands there had just become something else, and it says so. */
export async function whenArmed(window: Page, act: () => Promise<void>): Promise<void> {
  for (let presses = 1; ; presses += 1) {
    await window.locator('[data-armed="yes"]').waitFor();
    await act();
    if (!(await window.getByText(TOO_EARLY).isVisible()) || presses === MOST_PRESSES) return;
  }
}

/** Presses in the window once presses count. */
export const press = (window: Page, name: string) =>
  whenArmed(window, () => window.getByRole('button', { name }).click());

/** Has a partner checked in the window. */
export async function checkIn(window: Page, { partnerId, name }: { partnerId: string; name: string }): Promise<void> {
  await window.getByRole('textbox', { name: 'Partner ID' }).fill(partnerId);
  await window.getByRole('button', { name: 'Check ID' }).click();
  await window.getByText(name).waitFor();
}

/** Waits until the window's status says so. */
export const says = (window: Page, words: string) => window.getByRole('status').getByText(words).waitFor();
