import { parse, unparse } from 'papaparse';
import { describe, expect, it } from 'vitest';
import { isQuoted, spreadsheetCell, spreadsheetTable, textOfCell } from '../../../src/domain/spreadsheet';
import { ALTERED, BARE, FORMULAS, PARTLY_FORMULAS, type TriedCell, TYPED } from './spreadsheet-cells';

const named = (cells: readonly TriedCell[]) => cells.map((one) => [one.cell, one.written] as const);

describe('a cell for a spreadsheet', () => {
  it.each(named(FORMULAS))('that could run as a formula gets an apostrophe: %j', (cell, written) => {
    expect(spreadsheetCell(cell)).toBe(written);
  });

  it.each(named(PARTLY_FORMULAS))('of which a part could run gets an apostrophe there: %j', (cell, written) => {
    expect(spreadsheetCell(cell)).toBe(written);
  });

  it.each(named(ALTERED))('that would be shown as something else gets a tab: %j', (cell, written) => {
    expect(spreadsheetCell(cell)).toBe(written);
  });

  it.each(named(BARE))('that is shown as it is stays bare: %j', (cell, written) => {
    expect(spreadsheetCell(cell)).toBe(written);
  });

  it.each(named(TYPED))('that is meant as a number or a date stays one: %j', (cell, written) => {
    expect(spreadsheetCell(cell)).toBe(written);
  });

  it('is guarded and read in a moment, however long it is', () => {
    const before = process.cpuUsage();
    for (const piece of [';', ' ', '\n', '"', '; ', "'", ";'", '1', '1 ', '1.', '1,234', '1/', 'i', 'Jan ', '-', 'e']) {
      textOfCell(spreadsheetCell(`1${piece.repeat(50_000)}x`));
      textOfCell(spreadsheetCell(`${piece.repeat(50_000)}`));
    }
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

/** Numbers below 1 from a seed, the same in every run (Park and Miller's). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const PIECES = [
  ...["'", "''", '"', '=', '+', '-', '@', '＝', '\t', '\r', '\n', '\r\n', ';', ',', '|', '；', ' ', '\u00a0', '\u200b'],
  ...[
    '0',
    '7',
    '12',
    '2026',
    '00',
    '/',
    '.',
    ':',
    'e',
    '%',
    '(',
    ')',
    '€',
    'Jan',
    'true',
    'x',
    'ö',
    '株',
    '👩‍💻',
    '\u2028',
  ],
];

describe('a table for a spreadsheet', () => {
  it.each([',', ';', '\t', '|'])('comes back cell for cell through a file with %j between the cells', (delimiter) => {
    const next = chance(20_261_126);
    const cell = () =>
      Array.from({ length: Math.floor(next() * 6) }, () => PIECES[Math.floor(next() * PIECES.length)]).join('');
    const rows = Array.from({ length: 2500 }, () => [cell(), cell(), cell()]);
    const columns = ['a', 'b', 'c'].map((title, at) => ({ title, value: (row: readonly string[]) => row[at] ?? '' }));
    const file = unparse(spreadsheetTable(columns, rows), { delimiter, quotes: isQuoted });
    const read = parse<string[]>(file, { delimiter, newline: '\r\n' }).data.slice(1);
    expect(read.map((row) => row.map(textOfCell))).toEqual(rows);
    for (const written of read.flat()) expect(written).not.toMatch(/^[=+\-@\r\n]|[;|\r\n\t][=+\-@]/);
  });

  it('comes back as the text of its numbers and dates', () => {
    for (const { cell } of TYPED) {
      expect(textOfCell(spreadsheetCell(cell))).toBe(String(typeof cell === 'object' ? cell.date : cell));
    }
  });

  it('takes a tab and an apostrophe off a cell of somebody else, and nothing more', () => {
    expect(['\t007', "'=1", "x;'=1", "O'Brien", "'t Hooft", "'007"].map(textOfCell)).toEqual([
      '007',
      '=1',
      'x;=1',
      "O'Brien",
      "'t Hooft",
      "'007",
    ]);
  });
});
