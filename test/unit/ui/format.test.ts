import { describe, expect, it } from 'vitest';
import { formatAge, formatDate, formatMoment, formatSoon } from '../../../src/ui/format';

const NOON = new Date(2026, 10, 23, 12, 0, 0).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('times as people read them', () => {
  it('names the day only when it is not today', () => {
    expect(formatMoment(NOON - HOUR, NOON)).not.toContain('23');
    expect(formatMoment(NOON - 24 * HOUR, NOON)).toContain('22');
  });

  it('is exact to the second near now, and to the minute further off', () => {
    expect(formatSoon(NOON + 42_000, NOON)).toContain(':00:42');
    expect(formatSoon(NOON + 5 * HOUR + 42_000, NOON)).not.toContain(':42');
  });

  it.each([
    [-2000, '2 seconds ago'],
    [-3 * MINUTE, '3 minutes ago'],
    [-3 * HOUR, '3 hours ago'],
    [-50 * HOUR, '2 days ago'],
    [2 * HOUR, 'in 2 hours'],
  ])('says %d ms as “%s”', (distance, words) => {
    expect(formatAge(NOON + distance, NOON)).toBe(words);
  });

  it('gives a date that can not be read as it came', () => {
    expect(formatDate('2025-03-03T12:30:00Z')).toContain('2025');
    expect(formatDate('some day')).toBe('some day');
  });
});
