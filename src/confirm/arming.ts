/** So long must a person have had the window before them: a double click that opened it, or brought it there, is over by then. */
export const ARMED_AFTER_MS = 500;

/** Whether a press counts in this window. */
export interface Arming {
  isArmed(): boolean;
  /** What stands under the pointer is something else now. */
  again(): void;
}

/**
 * Watches until `signal` aborts whether the window has had the focus and been visible for half a second without a break.
 * @param onChange is told each time that presses begin or cease to count
 */
export function watchArming(onChange: (armed: boolean) => void, signal: AbortSignal): Arming {
  let since: number | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isBefore = () => document.visibilityState === 'visible' && document.hasFocus();

  function look(): void {
    if (!isBefore()) disarm();
    else if (since === null) start();
  }

  function start(): void {
    disarm();
    since = performance.now();
    timer = setTimeout(() => onChange(true), ARMED_AFTER_MS);
  }

  function disarm(): void {
    clearTimeout(timer);
    since = null;
    onChange(false);
  }

  window.addEventListener('focus', look, { signal });
  // The browser tells of it before `hasFocus()` does.
  window.addEventListener('blur', disarm, { signal });
  document.addEventListener('visibilitychange', look, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  look();

  return {
    isArmed: () => since !== null && isBefore() && performance.now() - since >= ARMED_AFTER_MS,
    again() {
      if (since !== null) start();
    },
  };
}
