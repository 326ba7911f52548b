import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWords, toPlaceholders } from '../../scripts/words-files';
import { readPartnerPage } from '../../server/src/partners/page';
import { ENGLISH } from '../../server/words/english';
import { type Sentences, wordsOf } from '../../server/words/words';
import { inOtherScript } from './support/other-script';

const words = wordsOf(ENGLISH, 'en-GB');

it('the keys that the compiler knows are those of the source', async () => {
  // Layout is the formatter's affair.
  const bare = (text: string) => text.replaceAll(/\s/g, '');
  const made = toPlaceholders(await readWords('server/words/en'), 'server/words/en');
  expect(bare(await readFile('server/words/keys.ts', 'utf8'))).toBe(bare(made));
});

it('every sentence of the source is in the catalogue that the service takes along', async () => {
  const found = (key: string) =>
    key
      .split('.')
      .reduce<string | Sentences | undefined>(
        (at, name) => (typeof at === 'object' ? at[name] : undefined),
        ENGLISH.sentences,
      );
  for (const { key, plural, sentences } of await readWords('server/words/en')) {
    const there = found(key);
    expect([key, plural ? Object.values(there ?? {}) : [there]]).toEqual([key, Object.values(sentences)]);
  }
});

describe('a sentence', () => {
  it('is filled by name, and keeps what fills it apart in its parts', () => {
    expect(words.t('mail.fact', { name: 'Contoso', value: '{name} $1' })).toBe('Contoso: {name} $1');
    const name = { drawn: 'name' };
    expect(words.parts<'mail.fact', unknown>('mail.fact', { name, value: '7' })).toEqual([name, ': ', '7']);
  });

  it.each([
    [0, '0 seats'],
    [1, '1 seat'],
    [1234, '1,234 seats'],
  ])('that counts %d has its form', (count, text) => {
    expect(words.t('partnerPage.usage.seatCount', { count })).toBe(text);
  });

  it('that the catalogue lacks is an error, not an empty place', () => {
    expect(() => wordsOf({ language: 'en', sentences: {} }, null).t('mail.sees')).toThrow('mail.sees');
  });
});

it('a sentence stands in the partners’ page as the catalogue has it, whatever signs it holds', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'partner-page-'));
  try {
    await Promise.all(['page.js', 'page.css', 'icon.svg'].map((name) => writeFile(path.join(folder, name), '')));
    await writeFile(path.join(folder, 'index.html'), '<title>{partnerPage.tab}</title>');
    const sentences = { partnerPage: { tab: "R&D <$& $' $1>", needsJavaScript: '-', otherAddress: '-' } };
    const page = await readPartnerPage(folder, wordsOf({ language: 'en', sentences }, null));
    expect(String(page.get('index.html')?.content)).toBe("<title>R&amp;D &lt;$&amp; $' $1></title>");
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('the partners’ page has no word of its own before its script runs, whatever language the catalogue is in', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'partner-page-'));
  try {
    await Promise.all(['page.js', 'page.css', 'icon.svg'].map((name) => writeFile(path.join(folder, name), '')));
    await copyFile('server/partner-page/index.html', path.join(folder, 'index.html'));
    const page = await readPartnerPage(folder, wordsOf(inOtherScript(ENGLISH), null));
    const html = String(page.get('index.html')?.content);
    const read = html
      .replace(/<!doctype html>/, '')
      .replace(/<[^>]*>/g, '')
      .trim();
    expect(read).not.toBe('');
    expect(read).not.toMatch(/\p{Script=Latin}/u);
    expect(html).toContain('<html lang="ka"');
    expect(html).not.toMatch(/ (title|alt|aria-label|placeholder)="/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('dates and numbers', () => {
  it.each([
    ['en-US', 'en-US'],
    ['en', 'en'],
    ['de-AT', 'en-GB'],
    ['ar-EG', 'en-GB'],
    [null, 'en-GB'],
  ])('for a reader of %s are written in %s beside English words', (reader, locale) => {
    expect(wordsOf(ENGLISH, reader).locale).toBe(locale);
  });
});
