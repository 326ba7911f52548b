import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 15_000;

/** The present time in milliseconds since the epoch, renewed often enough for ages in words. */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
