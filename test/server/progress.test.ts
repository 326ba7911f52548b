import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../server/src/database/progress';

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function progressOf() {
    const told: string[] = [];
    return { told, ...createProgress((sentence) => told.push(sentence)) };
  }

  it('is not told of what is quick', () => {
    const { told, step, done, end } = progressOf();
    step('1 of 2');
    step('2 of 2');
    vi.advanceTimersByTime(900);
    done('Done.');
    end();
    vi.advanceTimersByTime(9000);
    expect(told).toEqual([]);
  });

  it('is told once a second has gone, of what is under way then and of all that follows', () => {
    const { told, step, done, end } = progressOf();
    step('1 of 4');
    step('2 of 4');
    vi.advanceTimersByTime(1000);
    expect(told).toEqual(['2 of 4']);
    step('3 of 4');
    step('4 of 4');
    done('Done.');
    end();
    expect(told).toEqual(['2 of 4', '3 of 4', '4 of 4', 'Done.']);
  });
});
