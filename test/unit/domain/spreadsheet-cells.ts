import type { SpreadsheetCell } from '../../../src/domain/spreadsheet';

/** A cell that a spreadsheet could run or alter, and one that it could not. */
export interface TriedCell {
  readonly cell: SpreadsheetCell;
  /** As it is written into a file. */
  readonly written: string;
  /** What a spreadsheet shows it as: text to the letter, or a number with the same digits; a date has a look of its own. */
  readonly opens: 'text' | 'number' | 'date';
}

const text = (cell: string, written = cell): TriedCell => ({ cell, written, opens: 'text' });
const tabbed = (cell: string) => text(cell, `\t${cell}`);
const apostrophe = (cell: string) => text(cell, `'${cell}`);

/** Would run as a formula, whole or from where a spreadsheet splits the cell. */
export const FORMULAS: readonly TriedCell[] = [
  ...['=1+1', '+1', '-1', '-5', '+4930123456', '@SUM(A1)', '\tx', '\t007', '\rx', '\nx', '  =1+1', '\u200b=1+1'],
  ...['\ufeff=1+1', '\u00a0@x', '＝1+1', '＋1', '－1', '＠x', '=HYPERLINK("http://evil.example","x")', '"=1"', "'=1"],
  ...["''=1", '- 5', '-1e5', '=1"+\n"2'],
].map(apostrophe);
export const PARTLY_FORMULAS: readonly TriedCell[] = [
  text('x;=1+1;y', "x;'=1+1;y"),
  text('a,=1+1', "a,'=1+1"),
  text('a\t=1+1', "a\t'=1+1"),
  text('a|=1+1', "a|'=1+1"),
  text('x\n=1', "x\n'=1"),
  text('x\r\n@SUM(A1)', "x\r\n'@SUM(A1)"),
  text('x\u2028+1', "x\u2028'+1"),
  text('a; =1', "a;' =1"),
  text('a;"=1"', 'a;\'"=1"'),
  text('a；＝1', "a；'＝1"),
  text('a;=1;@2;b', "a;'=1;'@2;b"),
  text('=1;=2', "'=1;'=2"),
  text('\t=1', "'\t'=1"),
  text("x;'=1", "x;''=1"),
];

/** Would be shown as something else: LibreOffice Calc 7.4 does, in one of its languages at least, but for the last line. */
export const ALTERED: readonly TriedCell[] = [
  ...['007', '0004852013', '00', '٠٠٧', '１２３４５６７', ' 5', '5 ', '\u00a0007'],
  ...['1234567890123456', '12345678901234567890', '9007199254740993'],
  ...['1e5', '1E+05', '1.5e3', '1e-5', '12e34567890', '1 e5', '１e５'],
  ...['1/2', '1 1/2', '24/7', '9/11', '１/２'],
  ...['2026-02-03', '2026-2-3', '3.4.2026', '3.4.', '3.4', '1.2.3', '3/4/2026', '3/4', '31/12/2026', '1-2', '12-11'],
  ...[
    '3-2-1',
    '2026/2/3',
    '3. 4.',
    '1.1.26 10:30',
    '2026-02-03T10:30:00',
    '2026-02-03 10:30',
    '2026年2月3日',
    '1月5日',
  ],
  ...['Jan 5', '5 Jan', '5-Jan-26', 'May 2026', '5. Januar', 'Mai 2026', 'janv. 2026', 'January 5, 2026'],
  ...['V 2026', '3.II.2026', 'v2.0', 'Monday 5 January 2026'],
  ...['10:30', '16:9', '10:30:15.5', '10:30 PM', '5 PM', '25:00'],
  ...['TRUE', 'false', 'Wahr', 'FAUX', 'ИСТИНА', 'onwaar'],
  ...['1.5', '.5', '5.', '1.50', '1,5', '1,234.50', '1.234,50', '1,234', '1 234', '12 345', "1'000", '0,050'],
  ...['5%', '5 %', '$5', '5 €', 'R$ 5', '5 kr', 'CHF 5', '(5)', '($5)', '5-', '5+'],
  ...['MAR1', 'SEPT2', '2/2026', '2026-02', '13/13', '12:60'],
].map(tabbed);

/** Are taken for text, or for a number that has the same digits. */
export const BARE: readonly TriedCell[] = [
  ...['Contoso', 'a=b', 'a;b=c', 'a - b', 'Fabrikam, Inc.', '', "O'Brien", 'a,"b"', "'", "'t Hooft", "''x", "x;'y"],
  ...['a0b1c2d3-0000-4000-8000-000000000009', '1e500000-0000-4000-8000-000000000009'],
  ...['12345678-1234-1234-1234-123456789012', '2026-02-03T10:30:00.000Z', '2026-02-03T10:30:00Z'],
  ...['1.2.3.4', '192.168.1.1', '030-123456', '(030) 123456', '425-555-0100', '1234-5678', 'DE12 3456', '1:2:3:4'],
  ...['Office 365', 'Team 7', '24/7 Support', '50 GB', 'No. 1', '1st', '7E', 'E5', 'M365', 'Q1 2026', '10-K', '0x1F'],
  ...['Contoso May 2026', 'May', 'Monday', 'Truth', 'MAR4852013', '−5', '½', '1 Mio', 'a@b.example', '007 Ltd'],
]
  .map((cell) => text(cell))
  .concat(
    ['4852013', '0', '365', '999999999999999', '123456789012345'].map((cell) => ({
      cell,
      written: cell,
      opens: 'number',
    })),
  );

/** Are meant as what they are. */
export const TYPED: readonly TriedCell[] = [
  { cell: -12.5, written: '-12.5', opens: 'number' },
  { cell: 0, written: '0', opens: 'number' },
  { cell: 1200, written: '1200', opens: 'number' },
  { cell: { date: '2026-02-03' }, written: '2026-02-03', opens: 'date' },
  { cell: { date: '2026-02' }, written: '2026-02', opens: 'text' },
  // What is said to be a date and is none is guarded as a text.
  { cell: { date: '=1+1' }, written: "'=1+1", opens: 'text' },
  { cell: { date: '1/2' }, written: '\t1/2', opens: 'text' },
];
