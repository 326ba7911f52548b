import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { languages, readWords, toMessages, toPlaceholders, toPanelIds, type Word } from '../../../scripts/words-files';
import { direction, locale, sentenceParts, speak, t } from '../../../src/words/words';
import { english } from '../../setup/english';

const words = await readWords('src/words/en');
const speakEnglish = (uiLanguage = english.uiLanguage) => speak({ ...english, uiLanguage });
afterAll(() => speakEnglish());

test('what is made from the source is as committed, in each language', async () => {
  // Layout is the formatter's affair.
  const bare = (text: string) => text.replaceAll(/\s|,(?=\s*[}\]])/g, '');
  const all: Word[] = [];
  for (const language of await languages()) {
    const spoken = await readWords(`src/words/${language}`);
    expect(bare(await readFile(`public/_locales/${language}/messages.json`, 'utf8'))).toBe(bare(toMessages(spoken)));
    all.push(...spoken);
  }
  expect(bare(await readFile('src/words/keys.ts', 'utf8'))).toBe(bare(toPlaceholders(words, 'src/words/en')));
  expect(bare(await readFile('src/words/sentence-ids.ts', 'utf8'))).toBe(bare(toPanelIds(all)));
});

test('each language has the sentences that English has, with the same places', async () => {
  const keysOf = (of: readonly Word[]) => toPlaceholders(of, '').split('\n').toSorted();
  for (const language of await languages()) {
    expect(keysOf(await readWords(`src/words/${language}`)), language).toEqual(keysOf(words));
  }
});

test('a form that one language alone has is among the sentences that are taken along', () => {
  const days = { key: 'panel.days', plural: true, placeholders: ['count'] };
  const english = { ...days, sentences: { panel_days_one: '{count} day', panel_days_other: '{count} days' } };
  const polish = { ...days, sentences: { panel_days_few: '{count} dni', panel_days_other: '{count} dnia' } };
  expect(toPanelIds([english, polish]).match(/panel_days_\w+/g)).toEqual([
    'panel_days_one',
    'panel_days_other',
    'panel_days_few',
  ]);
});

test('a place stands in `_locales` in braces, and a dollar as the browser wants it', () => {
  const [word] = words.filter(({ key }) => key === 'panel.since');
  expect(JSON.parse(toMessages(word === undefined ? [] : [word]))).toEqual({
    panel_since: { message: 'Since {date}' },
  });
  const dollars = { key: 'a.b', plural: false, placeholders: [], sentences: { a_b: '$5' } };
  expect(JSON.parse(toMessages([dollars]))).toEqual({ a_b: { message: '$$5' } });
});

describe('a sentence', () => {
  test('is filled by name, and keeps what fills it apart in its parts', () => {
    expect(t('panel.since', { date: '3 March' })).toBe('Since 3 March');
    expect(sentenceParts('panel.since', { date: { drawn: 'date' } })).toEqual(['Since ', { drawn: 'date' }]);
  });

  test('does not take braces in what fills it for places', () => {
    expect(t('panel.since', { date: '{date} $1' })).toBe('Since {date} $1');
  });

  test.each([
    [0, '0 not IDs'],
    [1, '1 not an ID'],
    [2, '2 not IDs'],
    [1234, '1,234 not IDs'],
  ])('that counts %d has its form', (count, words) => {
    expect(t('check.counts.notIds', { count })).toBe(words);
  });

  test('that the catalogue lacks is an error, not an empty place', () => {
    speak({ sentence: () => '', uiLanguage: 'en' });
    expect(() => t('panel.none')).toThrow('panel.none');
    speakEnglish();
  });
});

describe('dates and numbers', () => {
  test.each([
    ['en-GB', 'en-GB'],
    ['en', 'en'],
    ['de', 'en'],
    ['ar-EG', 'en'],
  ])('of a browser in %s are written in %s beside English words', (uiLanguage, expected) => {
    speakEnglish(uiLanguage);
    expect([locale(), direction()]).toEqual([expected, 'ltr']);
  });

  test('follow a catalogue of another language, and the browser where it names none', () => {
    speak({ sentence: () => 'he', uiLanguage: 'he-IL' });
    expect([locale(), direction()]).toEqual(['he-IL', 'rtl']);
    speak({ sentence: () => 'енг лиш', uiLanguage: 'ru' });
    expect([locale(), direction()]).toEqual(['ru', 'ltr']);
    speakEnglish();
  });
});
