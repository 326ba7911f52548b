import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../../src/platform/clock';

const START = 1_800_000_000_000;
const DAY = 24 * 60 * 60 * 1000;

let calledAt: number[];
const call = () => void calledAt.push(Date.now() - START);

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  calledAt = [];
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  [1000, 1000],
  [0, 0],
  [-5000, 0],
  // Browsers cut fractions off a delay: rounded up it never comes too early.
  [500.2, 501],
])('what is due in %s ms is called back once, after %s ms', (due, after) => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  systemClock.callAt(START + due, call, new AbortController().signal);
  expect(timers).toHaveBeenCalledWith(call, after);
  vi.advanceTimersByTime(2000);
  expect(calledAt).toEqual([after]);
});

test('a time further away than a timer can hold is never called back at once', () => {
  systemClock.callAt(START + 400 * DAY, call, new AbortController().signal);
  vi.advanceTimersByTime(24 * DAY);
  expect(calledAt).toEqual([]);
});

test('an abort before its time, or before it was asked for, means no call', () => {
  const stop = new AbortController();
  systemClock.callAt(START + 1000, call, stop.signal);
  stop.abort();
  systemClock.callAt(START + 1000, call, stop.signal);
  vi.advanceTimersByTime(5000);
  expect(calledAt).toEqual([]);
});
