import type { Page } from 'playwright-core';

declare global {
  /** What the page has told to assistive technology so far, in order. */
  var heard: string[];
}

/**
 * Listens from the page's start as assistive technology does: an `alert` is read out when it comes, any other live region when
 * what stands in it changes, and not when it comes with its words in it.
 */
export async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const LIVE = '[role="status"], [role="alert"], [aria-live="polite"], [aria-live="assertive"], output';
    const told = new Map<Element, string>();
    globalThis.heard = [];
    const words = (region: Element) => (region.textContent ?? '').replace(/\s+/g, ' ').trim();
    new MutationObserver(() => {
      for (const region of document.querySelectorAll(LIVE)) {
        const now = words(region);
        const before = told.get(region) ?? (region.matches('[role="alert"]') ? '' : now);
        told.set(region, now);
        if (now !== '' && now !== before) globalThis.heard.push(now);
      }
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
}

/** How often somebody who listens was told that, among other words or alone. */
export async function timesHeard(page: Page, words: string): Promise<number> {
  return page.evaluate((told) => globalThis.heard.filter((one) => one.includes(told)).length, words);
}
