import { describe, expect, it } from 'vitest';
import { parseDateRange } from '../../../src/popup/date-range';

const midnight = (year: number, month: number, day: number) => new Date(year, month - 1, day).getTime();

describe('two dates', () => {
  it('let both days through as a whole', () => {
    expect(parseDateRange('2026-11-01', '2026-11-26')).toEqual({
      ok: true,
      range: { from: midnight(2026, 11, 1), until: midnight(2026, 11, 27) },
    });
    expect(parseDateRange('2026-12-31', '2026-12-31')).toEqual({
      ok: true,
      range: { from: midnight(2026, 12, 31), until: midnight(2027, 1, 1) },
    });
  });

  it('set no limit where there is none', () => {
    expect(parseDateRange('', '')).toEqual({ ok: true, range: {} });
    expect(parseDateRange('2026-11-01', '')).toEqual({ ok: true, range: { from: midnight(2026, 11, 1) } });
    expect(parseDateRange('', '2026-02-28')).toEqual({ ok: true, range: { until: midnight(2026, 3, 1) } });
  });

  it('are told from two in the wrong order', () => {
    expect(parseDateRange('2026-11-02', '2026-11-01')).toEqual({ ok: false, problem: 'reversed' });
  });

  it.each([
    ['2026-13-01', ''],
    ['', '2026-11-31x'],
    ['yesterday', ''],
    ['12026-01-01', ''],
    ['', '26.11.2026'],
  ])('are told when one is none: %j, %j', (first, last) => {
    expect(parseDateRange(first, last)).toEqual({ ok: false, problem: 'notADate' });
  });
});
