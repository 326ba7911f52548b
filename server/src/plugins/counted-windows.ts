import { setNewest } from '../newest';

/** What became of one request that wanted to be counted. */
export type Taken =
  | {
      readonly kind: 'counted';
      /** Makes it as if the request had not come. */
      readonly giveBack: () => void;
    }
  | {
      readonly kind: 'tooMany';
      /** Until the window's end, at least 1. */
      readonly seconds: number;
    };

/** Counts one more for the key, or says that it has had all of this window's. */
export type Take = (key: string) => Taken;

interface Window {
  readonly beganAt: number;
  count: number;
}

/**
 * Counts by key, `max` in a window that begins with a key's first request. At most `mostKeys` windows are kept: beyond that those
 * that began first are forgotten.
 * @param now in milliseconds, never backwards
 */
export function countedWindows(max: number, windowMs: number, mostKeys: number, now: () => number): Take {
  const windows = new Map<string, Window>();

  function windowOf(key: string): Window {
    const present = windows.get(key);
    if (present !== undefined && now() < present.beganAt + windowMs) return present;
    const begun = { beganAt: now(), count: 0 };
    setNewest(windows, key, begun, mostKeys);
    return begun;
  }

  return (key) => {
    const window = windowOf(key);
    if (window.count >= max) {
      return { kind: 'tooMany', seconds: Math.max(1, Math.ceil((window.beganAt + windowMs - now()) / 1000)) };
    }
    window.count += 1;
    return {
      kind: 'counted',
      giveBack: () => {
        window.count -= 1;
      },
    };
  };
}
