import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/**
 * While most of a table is not drawn the browser's own search finds nothing of it: then Ctrl+F (⌘F) leads to a box that does. Pressed
 * there once more it is the browser's again.
 */
export function useFindKey(box: RefObject<HTMLInputElement | null>, isWindowed: boolean): void {
  // With the rows: an effect that comes after them would miss a key that is pressed at once.
  useLayoutEffect(() => {
    if (!isWindowed) return;
    const ended = new AbortController();
    const find = (event: KeyboardEvent) => {
      const isFind =
        event.key.toLowerCase() === 'f' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!isFind || box.current === null || document.activeElement === box.current) return;
      event.preventDefault();
      box.current.focus();
      box.current.select();
    };
    document.addEventListener('keydown', find, { signal: ended.signal });
    return () => ended.abort();
  }, [isWindowed]);
}
