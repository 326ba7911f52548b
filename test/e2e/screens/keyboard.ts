import type { Page } from 'playwright-core';
import type { Met } from './in-page/focus';

const LONGEST_WALK = 80;

/** Goes through the page by Tab alone, from its beginning until the focus leaves it or comes back to where it was first. */
export async function walk(page: Page): Promise<readonly Met[]> {
  await page.evaluate(() => {
    // A blurred element would still be where the next Tab begins; what is taken away leaves its place.
    const start = document.createElement('span');
    start.tabIndex = -1;
    document.body.prepend(start);
    start.focus();
    start.remove();
  });
  const met: Met[] = [];
  while (met.length < LONGEST_WALK) {
    const [here] = await press(page, 'Tab', 1);
    if (here === undefined || here.place < 0 || here.place === met[0]?.place) break;
    met.push(here);
  }
  return met;
}

/** Where the focus is after each of so many presses. */
export async function press(page: Page, key: 'Tab' | 'Shift+Tab', times: number): Promise<readonly Met[]> {
  const met: Met[] = [];
  for (let done = 0; done < times; done += 1) {
    await page.keyboard.press(key);
    met.push(await page.evaluate(() => globalThis.whereIsFocus()));
  }
  return met;
}
