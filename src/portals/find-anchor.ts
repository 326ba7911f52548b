/**
 * The element in which a panel goes inline now, or null when it should dock. Blades stand side by side, and earlier pages
 * stay in the document unseen: of a selector's matches the last visible one is the page that the address names.
 * Content that is one frame is left alone: it is another origin's page and leaves no room beside it.
 *
 * @param selectors in order of preference, as `anchorsFor` gives them
 */
export function findAnchor(root: ParentNode, selectors: readonly string[]): Element | null {
  for (const selector of selectors) {
    const anchor = [...root.querySelectorAll(selector)].findLast(isVisible);
    if (anchor) return [...anchor.querySelectorAll('iframe')].some((frame) => fills(frame, anchor)) ? null : anchor;
  }
  return null;
}

function isVisible(element: Element): boolean {
  const { width } = element.getBoundingClientRect();
  return width > 0 && element.checkVisibility({ visibilityProperty: true });
}

function fills(frame: Element, anchor: Element): boolean {
  const inner = frame.getBoundingClientRect();
  const outer = anchor.getBoundingClientRect();
  return inner.width * inner.height > 0.5 * outer.width * outer.height;
}
