import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** The pictures of a tour, numbered in its order, in a folder that is emptied first. */
export async function startPictures(folder: string) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  let count = 0;
  return {
    count: () => count,
    /** Takes one of the page as it is now, and answers its number. */
    async take(step: string, page: Page): Promise<string> {
      count += 1;
      const number = String(count).padStart(2, '0');
      const path = join(folder, `${number}-${step.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.png`);
      // The extension's own pages whole; the portal, and a list that draws what is in sight, as the person sees it.
      const isWhole = page.url().startsWith('chrome-extension:') && !/\/(subscriptions|tenants)\//.test(page.url());
      await page.screenshot({ path, fullPage: isWhole });
      return number;
    },
  };
}
