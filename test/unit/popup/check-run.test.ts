import { describe, expect, it } from 'vitest';
import type { CheckOutcome } from '../../../src/domain/history';
import { type CheckedId, checkTyped } from '../../../src/popup/check-run';
import { CONTOSO, check } from '../pages/samples';

const FOUND: CheckOutcome = { kind: 'found', partner: CONTOSO };

describe('checking what was typed', () => {
  it('asks for at most four at once and keeps the order in which they were typed', async () => {
    let shown: readonly CheckedId[] = [];
    let running = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    const typed = Array.from({ length: 9 }, (_, index) => String(1_000_000 + index));
    const checking = checkTyped(
      typed.join(' '),
      {
        latestCheck: async () => null,
        check: async () => {
          running += 1;
          most = Math.max(most, running);
          // The latest asked answers first.
          await new Promise<void>((resolve) => answers.push(resolve));
          running -= 1;
          return FOUND;
        },
        show: (ids) => {
          shown = ids;
        },
      },
      new AbortController().signal,
    );
    for (let answered = 0; answered < typed.length; answered += 1) {
      await new Promise((resolve) => setTimeout(resolve));
      answers.pop()?.();
    }
    await checking;
    expect(most).toBe(4);
    expect(shown.map((id) => id.typed)).toEqual(typed);
    expect(shown.every((id) => 'answer' in id && id.answer?.kind === 'found')).toBe(true);
  });

  it('checks an ID once that was typed in two ways, and names what is none', async () => {
    const asked: string[] = [];
    let shown: readonly CheckedId[] = [];
    await checkTyped(
      '1234567, １２３４５６７\nabc 1234567',
      {
        latestCheck: async () => null,
        check: async (id) => {
          asked.push(id);
          return FOUND;
        },
        show: (ids) => {
          shown = ids;
        },
      },
      new AbortController().signal,
    );
    expect(asked).toEqual(['1234567']);
    expect(shown).toMatchObject([{ typed: '1234567' }, { typed: 'abc', problem: 'notDigits' }]);
  });

  it('shows the last check known before any answer comes', async () => {
    const shown: (readonly CheckedId[])[] = [];
    const recent = check('1234567', FOUND, 1);
    await checkTyped(
      '1234567',
      {
        latestCheck: async () => recent,
        check: async () => ({ kind: 'unknownPartner' }),
        show: (ids) => shown.push(ids),
      },
      new AbortController().signal,
    );
    expect(shown.map(([id]) => id)).toMatchObject([
      { recent: null, answer: null },
      { recent, answer: null },
      { recent, answer: { kind: 'unknownPartner' } },
    ]);
  });

  it('shows nothing and asks nothing any more once another check has begun', async () => {
    const ended = new AbortController();
    let shown = 0;
    let asked = 0;
    await checkTyped(
      '1234567 2345678 3456789 4567890 5678901 6789012',
      {
        latestCheck: async () => null,
        check: async () => {
          asked += 1;
          ended.abort();
          return FOUND;
        },
        show: () => {
          if (ended.signal.aborted) shown += 1;
        },
      },
      ended.signal,
    );
    expect(shown).toBe(0);
    expect(asked).toBeLessThanOrEqual(4);
  });
});
