import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps the keyboard in an element: when what had the focus is gone after an update, the focus goes to where its `data-returns-to`
 * points, to the last where that is several, or to the element itself, instead of falling to the page.
 */
export function useKeptFocus() {
  const card = useRef<HTMLElement>(null);
  // Read while rendering, before the update takes the element away.
  const root = card.current?.getRootNode();
  const active = () => (root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null);
  const focused = active();
  const inside = focused !== null && card.current?.contains(focused) === true;
  const returnsTo = focused?.closest<HTMLElement>('[data-returns-to]')?.dataset['returnsTo'];
  useLayoutEffect(() => {
    if (!inside || focused.isConnected || card.current?.contains(active())) return;
    const places = card.current?.querySelectorAll<HTMLElement>(`[data-focus="${returnsTo}"] button`) ?? [];
    ([...places].at(-1) ?? card.current)?.focus({ preventScroll: true });
  });
  return card;
}
