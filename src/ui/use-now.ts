import { useEffect, useReducer } from 'preact/hooks';

const TICK_MS = 5_000;

/** The present time in milliseconds since the epoch; draws again often enough for ages in words. */
export function useNow(): number {
  const [, tick] = useReducer((count: number, _: undefined) => count + 1, 0);
  useEffect(() => {
    const timer = setInterval(() => tick(undefined), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return Date.now();
}
