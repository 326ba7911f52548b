import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../../../src/platform/clock';
import type { HandClock } from '../../../support/clock';

/** One worker's life. Once it is over, nothing that it does comes to anything, and nothing answers it. */
export interface Life {
  /** Resolves at its end. */
  readonly over: Promise<'over'>;
  isOver(): boolean;
  /** Ends it now. */
  end(): void;
  /** Ends it right before or right after its nth step out of itself from now. */
  endAfter(steps: number, when: 'before' | 'after'): void;
  run<T>(work: () => T): T;
}

interface Living extends Life {
  /** Counts a step; answers whether the life ends with it, and when. */
  count(): 'before' | 'after' | null;
}

const present = new AsyncLocalStorage<Living>();
const never = () => new Promise<never>(() => undefined);

/** @param onEnd what the browser does when a worker dies */
export function createLife(onEnd: () => void): Life {
  let isOver = false;
  let left: number | null = null;
  let when: 'before' | 'after' = 'before';
  let tell: (end: 'over') => void = () => undefined;
  const over = new Promise<'over'>((resolve) => {
    tell = resolve;
  });
  const life: Living = {
    over,
    isOver: () => isOver,
    end() {
      if (isOver) return;
      isOver = true;
      onEnd();
      tell('over');
    },
    endAfter(steps, at) {
      left = steps;
      when = at;
    },
    run: (work) => present.run(life, work),
    count() {
      if (left === null) return null;
      left -= 1;
      return left === 0 ? when : null;
    },
  };
  return life;
}

/** The same call, as a step of whichever life makes it. What no life makes, the test's own, just happens. */
export function step<A extends unknown[], R>(call: (...args: A) => Promise<R> | R): (...args: A) => Promise<R> {
  return async (...args) => {
    const life = present.getStore();
    if (life === undefined) return call(...args);
    if (life.isOver()) return never();
    const end = life.count();
    if (end === 'before') {
      life.end();
      return never();
    }
    const settle = await Promise.resolve(call(...args)).then(
      (value) => () => value,
      (cause: unknown) => () => {
        throw cause;
      },
    );
    if (end === 'after') life.end();
    return life.isOver() ? never() : settle();
  };
}

/** Every function of an object as a step. */
export function steps<T extends Record<string, (...args: never[]) => unknown>>(object: T): T {
  const made = Object.entries(object).map(([name, call]) => [name, step(call as (...args: unknown[]) => unknown)]);
  return Object.fromEntries(made) as T;
}

/** What a timer calls back goes on in the life that set it. */
export function clockOfLife(clock: HandClock): Clock {
  return {
    now: clock.now,
    elapsed: clock.elapsed,
    chance: clock.chance,
    callAt: (at, callback, signal) => clock.callAt(at, AsyncLocalStorage.bind(callback), signal),
  };
}
