import type { Clock } from '../../src/platform/clock';

/** Whole numbers of milliseconds are easier to read from a round start. */
export const START = 1_800_000_000_000;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export interface HandClock extends Clock {
  /** Moves the time, calling back what comes due on the way, each at its own time. */
  moveTo(at: number): void;
  /** Moves the time without anything being called, as while the browser is closed. */
  jumpTo(at: number): void;
  /** Somebody sets the clock: ahead, or back by a negative number of milliseconds. No time passes, and no timer minds. */
  setBy(ms: number): void;
  /** Calls every timer back at once, however early. */
  ringEarly(): void;
  /** How many timers are set. */
  pending(): number;
  /** Forgets all timers, as a worker's death does. */
  forget(): void;
}

export function createClock(start: number): HandClock {
  let now = start;
  let elapsed = 0;
  let timers: { at: number; callback: () => void; signal: AbortSignal }[] = [];
  const alive = () => timers.filter(({ signal }) => !signal.aborted);
  return {
    now: () => now,
    elapsed: () => elapsed,
    chance: () => 0,
    callAt(at, callback, signal) {
      timers.push({ at, callback, signal });
    },
    moveTo(target) {
      const passed = (at: number) => {
        elapsed += Math.max(at - now, 0);
        now = at;
      };
      for (;;) {
        const [next] = alive().sort((a, b) => a.at - b.at);
        if (next === undefined || next.at > target) break;
        timers = alive().filter((timer) => timer !== next);
        passed(Math.max(now, next.at));
        next.callback();
      }
      passed(target);
    },
    jumpTo(target) {
      elapsed += Math.max(target - now, 0);
      now = target;
    },
    setBy(ms) {
      now += ms;
      timers = timers.map((timer) => ({ ...timer, at: timer.at + ms }));
    },
    ringEarly() {
      const ringing = alive();
      timers = [];
      for (const { callback } of ringing) callback();
    },
    pending: () => alive().length,
    forget() {
      timers = [];
    },
  };
}
