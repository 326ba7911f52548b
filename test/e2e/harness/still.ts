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

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * A picture of one part of a page, taken once two in a row are the same: what moves inside of a closed shadow root, or a page that
 * still lays itself out, is no difference that a test made.
 *
 * @param area where that part is by now, in CSS pixels; asked for each picture
 */
export async function stillPicture(page: Page, area: () => Promise<Area>): Promise<Buffer> {
  const take = async () => page.screenshot({ clip: await area() });
  let last = await take();
  return await until('a picture that stays the same', async () => {
    const before = last;
    last = await take();
    return last.equals(before) && last;
  });
}
