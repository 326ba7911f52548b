import { parse } from 'papaparse';
import { describe, expect, it } from 'vitest';
import { readTable, tableText } from '../../../src/domain/table';

function read(file: string) {
  const { text, separator, firstLine } = tableText(file);
  const { data } = parse<string[]>(text, { delimiter: separator, newline: '\n' });
  return readTable({ rows: data, badQuotes: null, firstLine }, ['id', 'name', 'mail'], ['id']);
}

describe('the text of a table', () => {
  it.each([
    ['id,name', ',', 1],
    ['id', ',', 1],
    ['', ',', 1],
    ['\n\n  \nid;name,x;y', ';', 1],
    ['"id; of; it",name', ',', 1],
    ['id\tname', '\t', 1],
    ['sep=\t\nid,name,mail\tx', '\t', 2],
    ['Sep=,\r\nid;name;mail', ',', 2],
    ['"sep=;"\rid,name', ';', 2],
    ['sep=;', ';', 2],
    ['sep=x,y', ',', 1],
  ])('%j is separated as its first line says, or as its headings are', (file, separator, firstLine) => {
    expect(tableText(file)).toMatchObject({ separator, firstLine });
  });
});

describe('a table', () => {
  it('has its columns named in any order and letter case, with spaces around, and its rows by their line', () => {
    expect(read('\r\n NAME ;x; Id ;;\r\n"two\r\nlines";;1\r\n\r\n;y;2;;;;\r\n;;;;\r\n')).toEqual({
      ok: true,
      rows: [
        { line: 3, cells: { name: 'two\nlines', id: '1' } },
        { line: 6, cells: { name: '', id: '2' } },
      ],
      ignored: ['x'],
    });
  });

  it('has a row named that is too short or too long, and the others read', () => {
    expect(read('sep=;\nname;id;more\n1\n\n"a\n\nb";2\nc;3;;;x\nd;4')).toEqual({
      ok: true,
      rows: [
        { kind: 'tooShort', line: 3, column: 'id' },
        { line: 5, cells: { name: 'a\n\nb', id: '2' } },
        { kind: 'tooLong', line: 8, cells: 5, columns: 3 },
        { line: 9, cells: { name: 'd', id: '4' } },
      ],
      ignored: ['more'],
    });
  });

  it.each([
    ['', [{ kind: 'empty' }]],
    [' ; ;\n', [{ kind: 'empty' }]],
    ['\nfoo,name', [{ kind: 'missingColumn', line: 2, column: 'id', others: ['foo'] }]],
    ['id,ID,name', [{ kind: 'repeatedColumn', line: 1, column: 'id' }]],
  ])('of which the headings are wrong is not read: %j', (file, problems) => {
    expect(read(file)).toEqual({ ok: false, problems });
  });

  it('has the row named in which a quotation mark is wrong', () => {
    const rows = [['id'], ['1\n'], ['2']];
    expect(readTable({ rows, badQuotes: 2, firstLine: 2 }, ['id'], ['id'])).toEqual({
      ok: false,
      problems: [{ kind: 'quotes', line: 5 }],
    });
  });
});
