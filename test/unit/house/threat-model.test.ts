import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/threat-model.md'), 'utf8');

/** The rows of its tables, each with the threat and the tests that it names. */
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (threat|---)/.test(line))
  .map((line) => {
    const tests = [...line.matchAll(/`(test\/[^`]+)`: “([^”]+)”/g)];
    return { threat: line.split(' | ')[0], tests: tests.map(([, file = '', title = '']) => ({ file, title })) };
  });

test('the threat model has a row for every kind of attacker', () => {
  expect(rows.length).toBeGreaterThan(30);
});

test('every row names the test that proves it', () => {
  expect(rows.filter(({ tests }) => tests.length === 0).map(({ threat }) => threat)).toEqual([]);
});

describe('a test that the threat model names', () => {
  test.each(rows.flatMap(({ tests }) => tests))('is there: $file, $title', ({ file, title }) => {
    const path = join(root, file);
    expect(existsSync(path), file).toBe(true);
    const source = readFileSync(path, 'utf8');
    // As the title stands in the source.
    expect([`'${title}'`, `"${title}"`].some((quoted) => source.includes(quoted))).toBe(true);
  });
});
