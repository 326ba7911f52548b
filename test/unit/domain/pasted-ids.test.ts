import { describe, expect, test } from 'vitest';
import { LONGEST_PASTED, MOST_PASTED, type PastedItem, readPastedIds } from '../../../src/domain/pasted-ids';

/** An ID as itself, anything else as what stands there and its problem. */
const inShort = (item: PastedItem): string =>
  'partnerId' in item ? item.partnerId : `${item.written} ${item.problem}`;
const read = (typed: string) => readPastedIds(typed).items.map(inShort);

const GUID = 'a1b2c3d4-0000-4000-8000-00000000abcd';

describe('IDs are found in', () => {
  test.each([
    ['one that is typed', '4852013', ['4852013']],
    ['a list by spaces', '4852013 5120846', ['4852013', '5120846']],
    ['a list by commas', '4852013,5120846, 6003917', ['4852013', '5120846', '6003917']],
    ['a list by semicolons', '4852013;5120846', ['4852013', '5120846']],
    ['a list by tabs', '4852013\t5120846', ['4852013', '5120846']],
    ['a list by bars', '4852013 | 5120846', ['4852013', '5120846']],
    ['a list by slashes', '4852013/5120846', ['4852013', '5120846']],
    [
      'lines of every system',
      '4852013\r\n5120846\r6003917\n731295\u2028848420',
      ['4852013', '5120846', '6003917', '731295', '848420'],
    ],
    [
      'commas and spaces of East Asia',
      '4852013，5120846、6003917\u3000731295；848420',
      ['4852013', '5120846', '6003917', '731295', '848420'],
    ],
    ['spaces that do not break', '4852013\u00a05120846\u202f6003917', ['4852013', '5120846', '6003917']],
    ['a byte order mark and invisible characters', '\ufeff4852013\n512\u200b0846', ['4852013', '5120846']],
    ['full-width digits', '４８５２０１３', ['4852013']],
    ['double quotes', '"4852013"\n"5120846"', ['4852013', '5120846']],
    [
      'single and typographic quotes',
      "'4852013' ‘5120846’ “6003917” „731295“ «848420»",
      ['4852013', '5120846', '6003917', '731295', '848420'],
    ],
    ['an apostrophe that keeps a cell a text', "'4852013", ['4852013']],
    ['a formula that keeps a cell a text', '="4852013"', ['4852013']],
    ['brackets', '(4852013) [5120846] <6003917> {731295}', ['4852013', '5120846', '6003917', '731295']],
    [
      'a sentence’s end',
      '4852013. 5120846! 6003917? 731295: 848420…',
      ['4852013', '5120846', '6003917', '731295', '848420'],
    ],
    [
      'bullets',
      '- 4852013\n* 5120846\n• 6003917\n– 731295\n-848420',
      ['4852013', '5120846', '6003917', '731295', '848420'],
    ],
    ['an enumeration', '1. 4852013\n2) 5120846\n(3) 6003917', ['4852013', '5120846', '6003917']],
    ['a label and colon', 'MPN: 4852013', ['4852013']],
    ['a label alone', 'Partner ID 4852013', ['4852013']],
    [
      'labels in every spelling',
      'MPN:4852013 MPN-ID=5120846 PartnerID#6003917 partner_id:731295 MPN848420',
      ['4852013', '5120846', '6003917', '731295', '848420'],
    ],
    ['a full-width label', 'ＭＰＮ：４８５２０１３', ['4852013']],
    ['a label in another language', 'Partnernummer: 4852013', ['4852013']],
    ['“and” between two', '4852013 and 5120846 & 6003917', ['4852013', '5120846', '6003917']],
    ['a mail', 'Hi Anna,\n\nour Partner ID is 4852013 (Fabrikam).\nPlease add it.\n\nRegards\nBen', ['4852013']],
    ['a mail that quotes another', '> MPN: 4852013\n>> MPN: 5120846', ['4852013', '5120846']],
    ['a name and its ID', 'Fabrikam 4852013', ['4852013']],
    ['names and their IDs, line by line', 'Fabrikam 4852013\nNorthwind 5120846', ['4852013', '5120846']],
    ['a row of a spreadsheet', '4852013\tFabrikam Cloud Services\tSeattle', ['4852013']],
    ['a column with its heading', 'Partner ID\n4852013\n5120846', ['4852013', '5120846']],
    [
      'a table with headings',
      'Name;Partner ID;Customers\nFabrikam;4852013;12345\nNorthwind;5120846;54321',
      ['4852013', '5120846'],
    ],
    [
      'a quoted table, separators within quotes',
      '"Partner ID","Name"\n"4852013","Fabrikam, Inc."\n"5120846","""Best"", Ltd"',
      ['4852013', '5120846'],
    ],
    [
      'a table by tabs without headings',
      '4852013\tFabrikam\tUS\n5120846\tNorthwind\tNO\n6003917\tAdatum\tDE',
      ['4852013', '5120846', '6003917'],
    ],
    ['a table in which names come first', 'Fabrikam,4852013\nNorthwind,5120846', ['4852013', '5120846']],
    ['a table with two columns of IDs', '4852013,5120846\n6003917,731295', ['4852013', '5120846', '6003917', '731295']],
    [
      'a table with a line typed below it',
      'Name\tMPN\nFabrikam\t4852013\nNorthwind\t5120846\n6003917',
      ['4852013', '5120846', '6003917'],
    ],
    [
      'a table below a line of its own',
      '4852013\nFabrikam,5120846\nNorthwind,6003917',
      ['5120846', '6003917', '4852013'],
    ],
    [
      'a table whose first line names the separator',
      'sep=;\nName;Partner ID;Customers\nFabrikam;4852013;12345\nNorthwind;5120846;54321',
      ['4852013', '5120846'],
    ],
    [
      'a table with more empty cells in its rows than headings',
      'Name;Customers;Partner ID\nFabrikam;12345;4852013;;\nNorthwind;54321;5120846;',
      ['4852013', '5120846'],
    ],
    [
      'a table with more empty headings than cells in its rows',
      'Name;Customers;Partner ID;;\nFabrikam;12345;4852013\nNorthwind;54321;5120846',
      ['4852013', '5120846'],
    ],
    [
      'results that were copied here',
      'Partner ID\tResult\n"\t0048520131"\tFound\n5120846\tUnknown\n',
      ['0048520131', '5120846'],
    ],
    ['a table with an empty cell', 'MPN\tName\n4852013\tFabrikam\n\tNorthwind', ['4852013']],
  ])('%s', (_what, typed, ids) => {
    expect(read(typed)).toEqual(ids);
  });
});

describe('what is no ID is named', () => {
  test.each([
    ['too few digits', '1234', ['1234 tooShort']],
    ['too many digits', '12345678901', ['12345678901 tooLong']],
    ['letters between digits', '12ab', ['12ab notDigits']],
    ['letters alone', 'abc', ['abc notDigits']],
    ['words alone, a line each', 'abc def\nghi', ['abc def notDigits', 'ghi notDigits']],
    ['a word among numbers', '4852013 12345678 x', ['4852013', '12345678', 'x notDigits']],
    ['a small word beside one number', '4852013 abc', ['4852013', 'abc notDigits']],
    ['a GUID', GUID, [`${GUID} usageAttributionId`]],
    ['a GUID in braces, with a label', `PartnerId: {${GUID}}`, [`${GUID} usageAttributionId`]],
    ['a spreadsheet’s short form', '4.852013E+06', ['4.852013E+06 rounded']],
    ['the same with a decimal comma', '4,85E+06;5120846', ['4,85E+06 rounded', '5120846']],
    ['groups of three by commas, which are not joined', '4,852,013', ['4,852,013 grouped']],
    ['groups of three by points', '4.852.013', ['4.852.013 grouped']],
    ['groups of three by spaces', '4 852 013', ['4 852 013 grouped']],
    ['groups of three by spaces that do not break', '4\u00a0852\u00a0013', ['4\u00a0852\u00a0013 grouped']],
    ['groups of three by apostrophes', '4’852’013', ['4’852’013 grouped']],
    ['decimals', '4852013.00', ['4852013.00 notDigits']],
    ['a phone number', '+49 89 1234567', ['+49 89 1234567 phoneNumber']],
    ['a phone number with an area code', '(425) 555-0100', ['(425) 555-0100 phoneNumber']],
    ['what is called one', 'Tel.: 089 1234567', ['Tel.: 089 1234567 phoneNumber']],
    ['a date', '2026-11-26 4852013', ['2026-11-26 notDigits', '4852013']],
    ['an address', 'https://partner.example/4852013', ['https://partner.example/4852013 notDigits']],
    ['a mail address', 'pat1@fabrikam.example 4852013', ['pat1@fabrikam.example notDigits', '4852013']],
    ['digits of another script', '١٢٣٤٥٦', ['١٢٣٤٥٦ notDigits']],
    ['a footnote’s mark', '4852013²', ['4852013² notDigits']],
    ['a number turned around', '123\u202e456', ['123\u202e456 reordered']],
    ['what stands in a column of IDs', 'MPN;Name\n4852013;Fabrikam\nn/a;Northwind', ['4852013', 'n/a notDigits']],
    ['what is very long, shortened', '9'.repeat(100_000), [`${'9'.repeat(80)}… tooLong`]],
  ])('%s', (_what, typed, items) => {
    expect(read(typed)).toEqual(items);
  });
});

test.each(['', ' \n\t', '\ufeff', '-', '"",;', 'MPN', 'Partner ID:'])('%j holds nothing', (typed) => {
  expect(readPastedIds(typed)).toEqual({ items: [], repeated: 0, leftOut: 0 });
});

test('an ID stands once, however it is written, and its repeats are counted; so is what is no ID', () => {
  const pasted = readPastedIds('2222222 1111111, ２２２２２２２\nMPN:2222222 12 12');
  expect(pasted.items.map(inShort)).toEqual(['2222222', '1111111', '12 tooShort']);
  expect(pasted.repeated).toBe(3);
});

test('only an ID of an unusual length is marked so', () => {
  expect(readPastedIds('12345 123456').items).toMatchObject([{ unusualLength: true }, { unusualLength: false }]);
});

test('what is beyond the first thousand is counted, not read', () => {
  const typed = Array.from({ length: MOST_PASTED + 7 }, (_, index) => 100_000 + index).join('\n');
  const { items, leftOut } = readPastedIds(typed);
  expect(items).toHaveLength(MOST_PASTED);
  expect(leftOut).toBe(7);
});

test.each([
  ['IDs', '4852013, '],
  ['a table', 'Fabrikam;"4852013";x\n'],
  ['digits', '9'],
  ['quotes', '"'],
  ['a phone number', '+1 '],
  ['groups', '1,234'],
  ['words', 'abc '],
  ['labels', 'MPN:'],
  ['marks', '-#:'],
])('the longest text of %s takes well under a second of work', (_what, unit) => {
  expect(workOf(unit.repeat(Math.ceil(LONGEST_PASTED / unit.length)))).toBeLessThan(1_000_000);
});

test.each([
  ['quotes', '"'],
  ['dots', '.'],
  ['dashes', '-'],
])('the longest word with %s within takes a moment: it ends in none of them', (_what, unit) => {
  expect(workOf(`x${unit.repeat(LONGEST_PASTED)}x`)).toBeLessThan(1_000_000);
});

test('the widest table takes a few seconds, however little is in its cells', () => {
  const row = '1,'.repeat(LONGEST_PASTED / 4);
  expect(workOf(`${row}\n${row}`)).toBeLessThan(4_000_000);
});

/** Of this process alone, however much else the machine has to do, in microseconds. */
function workOf(typed: string): number {
  const before = process.cpuUsage();
  readPastedIds(typed);
  return process.cpuUsage(before).user;
}
