import { useLayoutEffect, useRef } from 'preact/hooks';

/** Tells the page how high the bar is, so that nothing the keyboard reaches lies beneath it. */
export function useBarHeight() {
  const bar = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const { current } = bar;
    if (current === null) return;
    const { style } = document.documentElement;
    const watch = new ResizeObserver(() => style.setProperty('--bulk-bar', `${current.offsetHeight}px`));
    watch.observe(current);
    return () => {
      watch.disconnect();
      style.removeProperty('--bulk-bar');
    };
  }, []);
  return bar;
}
