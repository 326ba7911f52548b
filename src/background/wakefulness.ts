import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import { keepAlarm } from './standing-alarm';

/** How the worker stays alive, or comes back, while it has unfinished work. */
export interface Wakefulness {
  /** From now until `allEnded` a worker that has ended is started again. */
  workOpen(): Promise<void>;
  allEnded(): Promise<void>;
  /** Until the signal aborts a request is on the wire, and the worker must not be ended. */
  onTheWire(signal: AbortSignal): void;
}

/** Each kind of work has an alarm of its own, so the end of one does not stop the other. */
export const CHANGES_ALARM = 'changes';
export const CHECKS_ALARM = 'checks';
export const HISTORY_ALARM = 'history';
/** A pass of the watching is under way. */
export const WATCHING_ALARM = 'watching';

// Chromium 156 ends a worker that only fetches and waits on timers after 30 s; a call of the extension API starts that time anew.
const TOUCH_EVERY_MS = 20_000;
const ALARM_EVERY_MINUTES = 0.5;

export function createWakefulness(
  alarm: typeof CHANGES_ALARM | typeof CHECKS_ALARM | typeof HISTORY_ALARM | typeof WATCHING_ALARM,
  clock: Clock,
): Wakefulness {
  // One timer for all of them: of many requests each would start and end one of its own.
  const onTheWire = new Set<AbortSignal>();
  let touch: ReturnType<typeof setInterval> | undefined;
  return {
    async workOpen() {
      await keepAlarm(alarm, ALARM_EVERY_MINUTES, clock);
    },
    async allEnded() {
      await browser.alarms.clear(alarm);
    },
    onTheWire(signal) {
      onTheWire.add(signal);
      touch ??= setInterval(() => void browser.runtime.getPlatformInfo(), TOUCH_EVERY_MS);
      const ended = () => {
        onTheWire.delete(signal);
        if (onTheWire.size > 0) return;
        clearInterval(touch);
        touch = undefined;
      };
      signal.addEventListener('abort', ended, { once: true });
    },
  };
}
