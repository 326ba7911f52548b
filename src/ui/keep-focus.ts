/**
 * Keeps the keyboard where it was, for as long as the page is there: when what had the focus is gone, the nearest that is left around
 * it has the focus, instead of the page, so that Tab leads on from there. What is left empty has nothing to show of it.
 */
export function keepFocus(root: HTMLElement): void {
  /** What has the focus, and what it lies in, from within outwards. */
  let around: HTMLElement[] = [];
  root.addEventListener('focusin', ({ target }) => {
    around = [];
    for (let one = target; one instanceof HTMLElement; one = one.parentElement) around.push(one);
  });
  root.addEventListener('focusout', () => {
    // It goes by itself when what has it goes. Whoever presses beside everything wants it nowhere.
    queueMicrotask(() => {
      const [had] = around;
      if (had?.isConnected && document.activeElement !== had) around = [];
    });
  });
  new MutationObserver(() => {
    const [had] = around;
    if (had === undefined || had.isConnected || document.activeElement !== document.body) return;
    const left = around.find((one) => one.isConnected && one.hasChildNodes());
    if (left === undefined) return;
    if (!left.hasAttribute('tabindex')) left.tabIndex = -1;
    left.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}
