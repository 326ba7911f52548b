import type { Page } from 'playwright-core';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { until } from './until';
import type { World } from './world';

/** What the backstage page, one of the extension's own, can do. */
declare const chrome: {
  readonly storage: {
    readonly session: { get(key: string): Promise<Record<string, unknown>>; remove(key: string): Promise<void> };
  };
};

/** The extension's own window to confirm in, as a person meets it. */
export interface ConfirmWindows {
  /** Those that are open. */
  windows(): Page[];
  /** The one window, once it shows the record. */
  windowAbout(record: SubscriptionRecord): Promise<Page>;
  /** Portals have made and asked for nothing yet: a test is quicker than anybody. */
  forgetUses(): Promise<void>;
  /** Closes what is open and forgets what portals have used, for the next test. */
  tidy(): Promise<void>;
}

export function confirmWindows(world: () => World): ConfirmWindows {
  function windows(): Page[] {
    const address = world().browser.extensionUrl('src/confirm/index.html');
    return world()
      .browser.context.pages()
      .filter((page) => page.url().startsWith(address));
  }
  const forgetUses = () => world().backstage.forgetPortalUses();
  return {
    windows,
    forgetUses,
    async windowAbout({ displayName }) {
      const window = await until('the one window to confirm in', async () => windows().length === 1 && windows()[0]);
      await window.getByText(displayName).waitFor();
      return window;
    },
    async tidy() {
      await Promise.all(windows().map((window) => window.close()));
      await until('the end of the window', async () => {
        const stored = await world().backstage.page.evaluate(() => chrome.storage.session.get('confirmWindow'));
        return (stored['confirmWindow'] ?? null) === null;
      });
      await forgetUses();
    },
  };
}

/** Presses in the window once presses count. */
export async function press(window: Page, name: string): Promise<void> {
  await window.locator('[data-armed="yes"]').waitFor();
  await window.getByRole('button', { name }).click();
}

/** Has a partner checked in the window. */
export async function checkIn(window: Page, { partnerId, name }: { partnerId: string; name: string }): Promise<void> {
  await window.getByRole('textbox', { name: 'Partner ID' }).fill(partnerId);
  await window.getByRole('button', { name: 'Check ID' }).click();
  await window.getByText(name).waitFor();
}

/** Waits until the window's status says so. */
export const says = (window: Page, words: string) => window.getByRole('status').getByText(words).waitFor();
