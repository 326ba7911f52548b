import { afterEach, describe, expect, it } from 'vitest';
import { formatAge, formatDate, formatMoment, formatSoon } from '../../../src/ui/format';
import { speak } from '../../../src/words/words';
import { english } from '../../setup/english';

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

describe('in a browser of another language', () => {
  afterEach(() => speak(english));

  /** A browser in that language, with a catalogue in that one. */
  function browserIn(uiLanguage: string, language: string): void {
    speak({ sentence: (id) => (id === 'extension_language' ? language : english.sentence(id)), uiLanguage });
  }
  const MARCH = '2025-03-03T12:30:00Z';
  /** In no digits but the Latin ones, and with nothing that turns the line around. */
  const LATIN = /^[\p{Script=Latin}\p{Script=Common}]+$/u;

  it.each(['ar', 'ar-EG', 'he', 'fa-IR', 'de-AT', 'ja', 'th-TH-u-ca-buddhist'])(
    '%s, dates and times are English as the words around them are',
    (uiLanguage) => {
      browserIn(uiLanguage, 'en');
      expect(formatDate(MARCH)).toBe('Mar 3, 2025');
      expect(formatMoment(NOON - HOUR, NOON)).toMatch(/^11:00\sAM$/);
      expect(formatMoment(NOON - 24 * HOUR, NOON)).toMatch(/^Nov 22, 2026, 12:00\sPM$/);
      expect(formatSoon(NOON + 42_000, NOON)).toMatch(/^12:00:42\sPM$/);
      expect(formatAge(NOON - 3 * HOUR, NOON)).toBe('3 hours ago');
      expect(formatDate(MARCH)).toMatch(LATIN);
    },
  );

  it.each([
    ['en-US', 'Mar 3, 2025'],
    ['en-GB', '3 Mar 2025'],
    ['en-AU', '3 Mar 2025'],
  ])('%s, they are as that country writes them', (uiLanguage, date) => {
    browserIn(uiLanguage, 'en');
    expect(formatDate(MARCH)).toBe(date);
  });

  it('they are in the catalogue’s language where that is another, in the browser’s own kind of it', () => {
    browserIn('de-AT', 'de');
    expect(formatDate('2025-01-03T12:30:00Z')).toBe('03.01.2025');
    expect(formatAge(NOON - 3 * HOUR, NOON)).toBe('vor 3 Stunden');
    browserIn('en-US', 'de');
    expect(formatDate(MARCH)).toBe('03.03.2025');
    browserIn('he-IL', 'he');
    expect(formatDate(MARCH)).toBe('3 במרץ 2025');
    browserIn('ar-EG', 'ar');
    expect(formatDate(MARCH)).toBe('٠٣‏/٠٣‏/٢٠٢٥');
    browserIn('en-GB', 'en');
    expect(formatDate(MARCH)).toBe('3 Mar 2025');
  });
});
