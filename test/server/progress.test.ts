import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openProgress, sentencesBy } from '../../server/src/progress';

describe('progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function progressOf() {
    const shown: string[] = [];
    const { at, done, end } = openProgress(sentencesBy((sentence) => shown.push(sentence)));
    return { shown, step: (sentence: string) => at(() => sentence), done, end };
  }

  it('is not shown of what is quick', () => {
    const { shown, step, done, end } = progressOf();
    step('1 of 2');
    step('2 of 2');
    vi.advanceTimersByTime(900);
    done('Done.');
    end();
    vi.advanceTimersByTime(9000);
    expect(shown).toEqual([]);
  });

  it('is not shown of what was done within the second, though its end is not said yet', () => {
    const { shown, step, done } = progressOf();
    step('1 of 1');
    done('Done.');
    vi.advanceTimersByTime(9000);
    expect(shown).toEqual([]);
  });

  it('is shown once a second has gone, of what is under way then and of all that follows', () => {
    const { shown, step, done, end } = progressOf();
    step('1 of 4');
    step('2 of 4');
    vi.advanceTimersByTime(1000);
    expect(shown).toEqual(['2 of 4']);
    step('3 of 4');
    step('4 of 4');
    done('Done.');
    end();
    expect(shown).toEqual(['2 of 4', '3 of 4', '4 of 4', 'Done.']);
  });
});
