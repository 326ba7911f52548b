import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { type Latest, latestSchema } from '../../bench/latest';
import { SUBJECTS } from '../../bench/subjects';
import { missesOf, tableOf, withTable } from '../../bench/table';

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const alike = { median: 2, least: 2, most: 2 };
const MISSED: Latest = {
  date: '2026-03-04T05:06:07.000Z',
  commit: 'abc',
  machine: { processor: 'One | two', cores: 2, memoryGb: 8, system: 'Linux 6' },
  browser: 'Chromium 156',
  node: 'v20',
  rows: [
    {
      subject: 's',
      what: 'a thing',
      unit: 'ms',
      over: null,
      sides: [
        { name: 'ours', median: 1234.5, least: 1, most: 2000, rounds: [] },
        { name: 'bare', ...alike, rounds: [] },
      ],
      holds: [
        { kind: 'atMost', side: null, most: 100, came: { median: 1234.5, least: 1, most: 2000 }, held: false },
        { kind: 'times', side: 'bare', most: 1.3, came: { median: 1.25, least: 1.2, most: 1.28 }, held: true },
      ],
    },
  ],
  notMeasured: [{ subject: 'other', why: 'There is no <browser>' }],
};

describe('The table of the bench', () => {
  it('in the README is what the last run says', () => {
    const latest = v.parse(latestSchema, JSON.parse(read('bench/latest.json')));
    const readme = read('README.md');
    expect(readme).toBe(withTable(readme, latest));
  });

  it('has each subject of the last run, measured or with why it was not', () => {
    const { rows, notMeasured } = v.parse(latestSchema, JSON.parse(read('bench/latest.json')));
    const told = new Set([...rows, ...notMeasured].map(({ subject }) => subject));
    expect([...told].toSorted()).toEqual(SUBJECTS.map(({ name }) => name).toSorted());
  });

  it('says what was measured, beside what, what it is held to and whether it held', () => {
    expect(tableOf(MISSED).split('\n').slice(-2)).toEqual([
      '| a thing | 1,235 ms (1 to 2,000) | bare 2 ms | at most 100 ms; at most 1.3 times bare; came to 1.25 (1.2 to 1.28) | **no**; yes |',
      '| other | **not measured**: There is no &lt;browser> | | | |',
    ]);
  });

  it('takes the place of the one before, and of nothing else', () => {
    const once = withTable(
      'before\n<!-- bench: written by `npm run bench` -->\nwhat stood here\n<!-- /bench -->\nafter',
      MISSED,
    );
    expect(once).toMatch(/^before\n<!--/);
    expect(once).toMatch(/<!-- \/bench -->\nafter$/);
    expect(once).not.toContain('stood');
    expect(withTable(once, MISSED)).toBe(once);
  });

  it('is not written where nobody has marked its place', () => {
    expect(() => withTable('No place', MISSED)).toThrow('The table goes between');
  });

  it('has each number that was missed told in a line', () => {
    expect(missesOf(MISSED.rows)).toEqual(['a thing: at most 100 ms; came to 1,235 ms (1 to 2,000)']);
  });
});
