import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchWorker, type WorkerWatch } from '../../../src/messaging/watch-worker';

const fake = vi.hoisted(() => ({
  runtime: {} as { id?: string | undefined; connect?: () => unknown },
}));
vi.mock('../../../src/platform/browser', () => ({ browser: { runtime: fake.runtime } }));

let end: (() => void) | null;
let opened: number;
let told: boolean[];
let left: AbortController;
let watch: WorkerWatch;

beforeEach(() => {
  vi.useFakeTimers();
  opened = 0;
  end = null;
  told = [];
  left = new AbortController();
  fake.runtime.id = 'ours';
  fake.runtime.connect = () => {
    opened += 1;
    return {
      disconnect: () => {
        end = null;
      },
      onDisconnect: { addListener: (listener: () => void) => (end = listener) },
    };
  };
  watch = watchWorker((idle) => told.push(idle), left.signal);
});
afterEach(() => {
  vi.useRealTimers();
});

it('opens no port before the worker is asked anything, and one for as long as it lives', () => {
  expect(opened).toBe(0);
  watch.asking();
  watch.heard();
  watch.asking();
  expect(opened).toBe(1);
});

it('tells a second after the worker ended, and opens another port only when that is asked again', () => {
  watch.heard();
  end?.();
  vi.advanceTimersByTime(999);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([told, opened]).toEqual([[false], 1]);
  watch.asking();
  expect(opened).toBe(2);
});

it('tells a worker that nobody asked anything for half a minute as idle', () => {
  watch.heard();
  vi.advanceTimersByTime(30_000);
  end?.();
  vi.advanceTimersByTime(1000);
  expect(told).toEqual([true]);
});

it('tells nothing where the extension was replaced', () => {
  watch.heard();
  end?.();
  vi.advanceTimersByTime(500);
  fake.runtime.id = undefined;
  vi.advanceTimersByTime(60_000);
  watch.asking();
  expect([told, opened]).toEqual([[], 1]);
});

it('does without a port where the browser does not show yet that the extension was replaced', () => {
  fake.runtime.connect = () => {
    throw new Error('Extension context invalidated.');
  };
  expect(() => watch.asking()).not.toThrow();
});

it('lets its port go when the panel is left, and hears of no end any more', () => {
  watch.heard();
  left.abort();
  expect(end).toBeNull();
  watch.heard();
  expect(opened).toBe(1);
});

it('tells nothing to a panel that is left right after the worker ended', () => {
  watch.heard();
  end?.();
  left.abort();
  vi.advanceTimersByTime(60_000);
  expect(told).toEqual([]);
});

it('asks a worker that ends again and again before it answers only once a minute, until one answers', () => {
  const pauses: number[] = [];
  for (let times = 0; times < 22; times += 1) {
    watch.asking();
    end?.();
    const before = performance.now();
    vi.advanceTimersToNextTimer();
    pauses.push(performance.now() - before);
  }
  expect(pauses).toEqual([...Array.from({ length: 20 }, () => 1000), 60_000, 60_000]);
  watch.heard();
  end?.();
  vi.advanceTimersByTime(1000);
  expect(told).toHaveLength(23);
});
