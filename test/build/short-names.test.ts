import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { packedMessages, scriptsOf, shortIdsOf, shortNames, withShortNames } from '../../scripts/short-names';
import { readWords, toPlaceholders, type Word } from '../../scripts/words-files';

const root = join(import.meta.dirname, '../..');
const words = await readWords(join(root, 'src/words/en'));
const scripts = scriptsOf(root);
const names = shortNames(words, scripts.values());
const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const word = (key: string, sentences: Record<string, string>, plural = false): Word => ({
  key,
  plural,
  placeholders: [],
  sentences,
});

describe('a sentence’s short name', () => {
  test('is in code what it is in the catalogue: with the short names alone, the compiler finds nothing wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'short-names-'));
    folders.push(folder);
    const named = words.map((one) => ({ ...one, key: names.keys.get(one.key) ?? one.key }));
    const short = [...new Map(named.map((one) => [one.key, one])).values()];
    const shortened = new Map([...scripts].map(([path, script]) => [path, withShortNames(script, names)]));
    shortened.set('src/words/keys.ts', toPlaceholders(short, 'src/words/en'));
    for (const file of ['src/words/en/panel.json', 'tsconfig.json', 'package.json']) {
      shortened.set(file, await readFile(join(root, file), 'utf8'));
    }
    for (const [path, text] of shortened) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const config = { extends: './tsconfig.json', include: ['src'] };
    await writeFile(join(folder, 'tsconfig.short.json'), JSON.stringify(config));
    const tsc = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.short.json'], {
      cwd: folder,
    });
    expect(
      await tsc.then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      ),
    ).toBe('');
    // One name that stands for no sentence any more, and the compiler says so.
    const [[key, name, user] = ['', '', '']] = [...names.keys].flatMap(([key, name]) =>
      [...scripts].flatMap(([path, script]) => (script.includes(`t('${key}'`) ? [[key, name, path] as const] : [])),
    );
    await writeFile(join(folder, user), (shortened.get(user) ?? '').replaceAll(`'${name}'`, `'${key}'`));
    const wrong = promisify(execFile)(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.short.json'], {
      cwd: folder,
    });
    await expect(wrong).rejects.toMatchObject({ stdout: expect.stringContaining(user) });
  });

  test('begins as its key does where code ends it, and is a number elsewhere', () => {
    const some = [
      word('a.of.one', { a_of_one: 'One' }),
      word('a.of.two', { a_of_two_other: 'Two' }, true),
      word('a.plain', { a_plain: 'Plain' }),
      word('a.many', { a_many_one: 'One', a_many_other: 'Many' }, true),
    ];
    const script = `t(\`a.of.$\{which}\`); t('a.plain'); t('a.many', { count }); type Any = \`a.$\{string}\`;`;
    const given = shortNames(some, [script]);
    expect([...given.keys]).toEqual([
      ['a.of.one', '0_one'],
      ['a.many', '00'],
      ['a.plain', '01'],
      ['a.of.two', '0_two'],
    ]);
    expect(withShortNames(script, given)).toBe(
      `t(\`0_$\{which}\`); t('01'); t('00', { count }); type Any = \`a.$\{string}\`;`,
    );
    expect(shortIdsOf(given)('a_many_few')).toBe('00_few');
  });

  test('is one of what several keys say word for word, and the panel is told it where it is told one of them', () => {
    const some = [
      word('a.one', { a_one: 'Same' }),
      word('b.two', { b_two: 'Other' }),
      word('panel.x', { panel_x: 'Same' }),
    ];
    const given = shortNames(some, []);
    expect([...given.keys]).toEqual([
      ['panel.x', '00'],
      ['b.two', '01'],
      ['a.one', '00'],
    ]);
    expect(JSON.parse(packedMessages(some, given))).toMatchObject({
      panel: { message: '\nSame' },
      pages: { message: '\nOther' },
    });
  });

  test('is none where a key is begun in two ways, so that one of them would find nothing', () => {
    expect(() => shortNames([word('a.b', { a_b: 'B' })], [`t(\`a.$\{x}\`); t(\`a.$\{x}\`)`])).not.toThrow();
    const script = `t(\`a.$\{x}.$\{y}\`); t(\`a.b.$\{y}\`)`;
    expect(() => shortNames([word('a.b.c', { a_b_c: 'C' })], [script])).toThrow('begun in two ways');
  });

  test('is never the name of a message, which would come to another', () => {
    expect([names.keys.has('batch.stop'), names.keys.has('batch.list')]).toEqual([false, true]);
    const begun = `call(\`a.$\{what}\`, input)`;
    const given = shortNames([word('a.b', { a_b: 'B' })], [`t(\`a.$\{what}\`)`, begun]);
    expect(withShortNames(begun, given)).toBe(begun);
  });
});

test('a catalogue that lacks a sentence, or has one of two lines, is not packed', () => {
  const some = [word('a.one', { a_one: 'One' }), word('a.two', { a_two: 'Two' })];
  const given = shortNames(some, []);
  expect(JSON.parse(packedMessages(some, given))).toMatchObject({ pages: { message: '\nOne\nTwo' } });
  expect(() => packedMessages(some.slice(1), given)).toThrow('missing');
  expect(() => packedMessages([word('a.one', { a_one: 'One\nmore' })], given)).toThrow('more than one line');
});
