/**
 * Listens from the page's start as assistive technology does: an `alert` is read out when it comes, any other live region when
 * what stands in it changes, and not when it comes with its words in it.
 */

declare global {
  /** What the page has told to assistive technology so far, in order. */
  var heard: string[];
}

export {};

const LIVE = '[role="status"], [role="alert"], [aria-live="polite"], [aria-live="assertive"], output';
const told = new Map<Element, string>();

globalThis.heard = [];
new MutationObserver(() => {
  for (const region of document.querySelectorAll(LIVE)) {
    const now = (region.textContent ?? '').replace(/\s+/g, ' ').trim();
    const before = told.get(region) ?? (region.matches('[role="alert"]') ? '' : now);
    told.set(region, now);
    if (now !== '' && now !== before) globalThis.heard.push(now);
  }
}).observe(document, { childList: true, characterData: true, subtree: true });
