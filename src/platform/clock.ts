/** Time and chance, so that rules and engine can be tested without either. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of this worker's life so far: nobody sets them, and another worker's are others. */
  elapsed(): number;
  /** A number from [0, 1), for jitter. */
  chance(): number;
  /** Calls back once, not before `at` (milliseconds since the epoch), unless the signal aborts first. */
  callAt(at: number, callback: () => void, signal: AbortSignal): void;
}

// Browsers keep a timer's delay in 32 bits: a longer one overflows, and the timer fires at once (MDN, setTimeout).
const LONGEST_DELAY_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  chance: () => Math.random(),
  callAt(at, callback, signal) {
    if (signal.aborted) return;
    // Rounded up: a timer cuts fractions off and would come too early.
    const delay = Math.ceil(Math.min(Math.max(at - Date.now(), 0), LONGEST_DELAY_MS));
    const timer = setTimeout(callback, delay);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  },
};
