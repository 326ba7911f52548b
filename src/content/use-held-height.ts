import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Keeps an element at least as high as it was when `held` began, as long as it lasts: what stands below it on the page does not
 * move before something is there to be read.
 */
export function useHeldHeight(held: boolean) {
  const element = useRef<HTMLDivElement>(null);
  const height = useRef<number | null>(null);
  // Read while rendering, before the update alters it.
  height.current = held ? (height.current ?? element.current?.offsetHeight ?? null) : null;
  useLayoutEffect(() => {
    if (element.current !== null)
      element.current.style.minHeight = height.current === null ? '' : `${height.current}px`;
  });
  return element;
}
