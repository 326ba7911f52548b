import type { Page } from 'playwright-core';

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
