import type { Page } from 'playwright-core';
import { until } from './until';

/**
 * Waits until nothing on the page is on its way from one look to another, which axe and rulers would measure in between. What turns
 * for ever is not waited for.
 */
export function still(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const moving = () =>
      document.getAnimations().filter(({ effect, playState }) => {
        return playState === 'running' && effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
      });
    for (let all = moving(); all.length > 0; all = moving()) await Promise.allSettled(all.map((one) => one.finished));
  });
}

/**
 * A picture of one element, taken once two in a row are the same: what moves inside of a closed shadow root, or a page that still lays
 * itself out, is no difference that a test made.
 *
 * @param inset how much of its edge is left out on each side, in CSS pixels
 * @throws {Error} where there is no such element, or it does not come to rest
 */
export async function stillPicture(page: Page, selector: string, inset = 0): Promise<Buffer> {
  const take = async () => {
    const box = await page.locator(selector).boundingBox();
    if (box === null) throw new Error(`There is no ${selector} to take a picture of`);
    const { x, y, width, height } = box;
    return page.screenshot({
      clip: { x: x + inset, y: y + inset, width: width - 2 * inset, height: height - 2 * inset },
    });
  };
  let last = await take();
  return await until('a picture that stays the same', async () => {
    const before = last;
    last = await take();
    return last.equals(before) && last;
  });
}
