import { useLayoutEffect, useState } from 'preact/hooks';

export type Live<T> =
  | { readonly state: 'reading' }
  | { readonly state: 'here'; readonly value: T }
  | { readonly state: 'failed'; readonly cause: unknown };

/**
 * A value that is read at once, and again whenever `listen` tells so; what was there stays until the new one is.
 * However often it is told, one read runs at a time.
 * @param parts when one of them is another, everything starts again
 */
export function useLive<T>(
  read: () => Promise<T>,
  listen: (again: () => void, signal: AbortSignal) => void,
  parts: readonly unknown[],
): Live<T> {
  const [live, setLive] = useState<Live<T>>({ state: 'reading' });
  // At once, and not when the page is drawn: until then what was asked for before would still be read.
  useLayoutEffect(() => {
    const ended = new AbortController();
    const show = (next: Live<T>) => {
      if (!ended.signal.aborted) setLive(next);
    };
    let reading = false;
    let again = false;
    const readAgain = async () => {
      again = true;
      if (reading) return;
      reading = true;
      while (again && !ended.signal.aborted) {
        again = false;
        await read().then(
          (value) => show({ state: 'here', value }),
          (cause: unknown) => show({ state: 'failed', cause }),
        );
      }
      reading = false;
    };
    listen(readAgain, ended.signal);
    readAgain();
    return () => ended.abort();
  }, parts);
  return live;
}
