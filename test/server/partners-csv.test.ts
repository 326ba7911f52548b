import { describe, expect, it } from 'vitest';
import { readPartnersCsv } from '../../server/src/partners/partners-csv';

const problemsOf = (text: string) => {
  const result = readPartnersCsv(text);
  return result.ok ? [] : result.problems;
};

describe('a CSV file of partners', () => {
  it('is read with its columns in any order, in any letter case, with any line end and separator', () => {
    const expected = {
      ok: true,
      partners: [
        { partnerId: '4852013', name: 'Fabrikam, Inc.', location: 'Seattle', mail: 'a@fabrikam.example' },
        { partnerId: '5120846', name: 'Ärzte "IT"', location: null, mail: null },
      ],
      ignored: [],
    };
    const comma =
      '\ufeffpartnerId,name,location,mail\r\n4852013,"Fabrikam, Inc.",Seattle,a@fabrikam.example\r\n5120846,"Ärzte ""IT""",,\r\n';
    const semicolon =
      'MAIL; Name ;location;PartnerID\n\na@fabrikam.example;Fabrikam, Inc.;Seattle; 4852013 \n;"Ärzte ""IT""";;5120846\n';
    expect(readPartnersCsv(comma)).toEqual(expected);
    expect(readPartnersCsv(semicolon)).toEqual(expected);
  });

  it('says nothing of a column that it does not have', () => {
    expect(readPartnersCsv('partnerId,name\n4852013,Fabrikam')).toEqual({
      ok: true,
      partners: [{ partnerId: '4852013', name: 'Fabrikam' }],
      ignored: [],
    });
  });

  it.each([
    ['a first line that names the separator', 'sep=;\r\npartnerId;name;mail\r\n4852013;Fabrikam, Inc., Seattle;\r\n'],
    ['such a line in quotation marks', '"sep=;"\npartnerId;name;mail\n4852013;Fabrikam, Inc., Seattle;'],
    ['a tab named so', 'SEP=\t\npartnerId\tname\tmail\n4852013\tFabrikam, Inc., Seattle\t'],
    ['more commas in its names than semicolons', 'partnerId;name;mail\n4852013;Fabrikam, Inc., Seattle;'],
    ['tabs', 'partnerId\tname\tmail\n4852013\tFabrikam, Inc., Seattle\t\n'],
    ['empty cells at the end of its rows', 'partnerId,name,mail,,\n4852013,"Fabrikam, Inc., Seattle",,,,,\n,,,,,\n'],
    ['fewer empty cells than empty headings', 'partnerId,name,mail,,\n4852013,"Fabrikam, Inc., Seattle",\n'],
    ['line ends of several kinds', '\r\n\rpartnerId,name,mail\r4852013,"Fabrikam, Inc., Seattle",\n\r\n'],
    ['cells that one of our exports guarded', 'partnerId;name;mail\n\t4852013;"\tFabrikam, Inc., Seattle";\t\n'],
  ])('is read with %s', (_, text) => {
    expect(readPartnersCsv(text)).toEqual({
      ok: true,
      partners: [{ partnerId: '4852013', name: 'Fabrikam, Inc., Seattle', mail: null }],
      ignored: [],
    });
  });

  it('is read with further columns, which are named', () => {
    const text = 'country,partnerId,, name ,Since\nUS,0004852013,x,"\'=Fabrikam;\'@Co",2026\nDE,5120846,,Northwind,\n';
    expect(readPartnersCsv(text)).toEqual({
      ok: true,
      partners: [
        { partnerId: '0004852013', name: '=Fabrikam;@Co' },
        { partnerId: '5120846', name: 'Northwind' },
      ],
      ignored: ['country', 'Since'],
    });
  });

  it.each([
    [`partnerId,name\n4852013,${'ä'.repeat(1001)}`, 'Line 2, name: A text has at most 2000 bytes.'],
    [`partnerId,name,location\n4852013,x,${'ä'.repeat(1001)}`, 'Line 2, location: A text has at most 2000 bytes.'],
    [`partnerId,name\n${'x'.repeat(5000)},y`, `Line 2, partnerId: “${'x'.repeat(200)}…” is no Partner ID. A`],
    [`partnerId${',x'.repeat(5000)}`, '“x”, “x”, '],
    ['partnerId,name\n\u001b[2J,y', '“[U+001B][2J” is no Partner ID.'],
  ])('takes no text that a directory file may not have, and quotes little of it', (text, sentence) => {
    const read = readPartnersCsv(text);
    const problems = read.ok ? [] : read.problems;
    expect(problems).toEqual([expect.stringContaining(sentence)]);
    expect(problems.join('').length).toBeLessThan(500);
  });

  it('has every bad row named with the line it begins on', () => {
    const text = [
      'partnerId,name,mail',
      '4852013,Fabrikam,a@fabrikam.example',
      '12,Too short,',
      '',
      '5120846,"A name over',
      'two lines",not an address',
      '6003917,,a@b.example; c@d.example',
      '6003918,Nul\0,',
      '4852013,Again,',
      '731295,Too,many,cells',
      '731295',
      'S-1,Words,',
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'Line 3, partnerId: “12” is no Partner ID. A Partner ID has at least 5 digits.',
      'Line 5, mail: A mail address is written like mail@example.com.',
      'Line 7, name: The name is empty.',
      'Line 7, mail: A mail address is written like mail@example.com.',
      'Line 8, name: A NUL character is not allowed.',
      'Line 9: 4852013 stands on line 2 already.',
      'Line 10: there are 4 cells, and 3 columns. Put a name with a comma in quotation marks.',
      'Line 11: the row ends before the column name.',
      'Line 12, partnerId: “S-1” is no Partner ID. A Partner ID is 5 to 10 digits.',
    ]);
  });

  it.each([
    ['', ['The file is empty.']],
    ['\n\n', ['The file is empty.']],
    [
      '4852013,Fabrikam',
      ['partnerId', 'name'].map(
        (column) =>
          `Line 1: the column ${column} is missing. The first line names the columns: partnerId, name, location, mail. “4852013”, “Fabrikam” are no columns of it.`,
      ),
    ],
    [
      '\npartnerId,emial',
      [
        'Line 2: the column name is missing. The first line names the columns: partnerId, name, location, mail. “emial” is no column of it.',
      ],
    ],
    ['partnerId', [expect.stringMatching(/^Line 1: the column name is missing\. .*, mail\.$/)]],
    ['sep=;\npartnerId;name\n"12', [expect.stringContaining('Line 3: a quotation mark')]],
    ['sep=;\npartnerId;name\n\n4852013', ['Line 4: the row ends before the column name.']],
    ['partnerId,name,name\n', ['Line 1: the column name is there twice.']],
    ['partnerId,name\n4852013,"Fabrikam\n5120846,Northwind', [expect.stringContaining('Line 2: a quotation mark')]],
  ])('says what is wrong with %j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

describe('what a person pasted into such a file', () => {
  it('is read without what cannot be seen, in headings, IDs and mail addresses', () => {
    const file =
      'partner\u200bId\u00a0,na\u00adme,mail\u2060\n485\u200b20\u00ad13,Fabrikam,\u202aa@fabrikam.example\u202c\n\u061c５１２0846\u2003,Northwind,\ufeff';
    expect(readPartnersCsv(file)).toEqual({
      ok: true,
      partners: [
        { partnerId: '4852013', name: 'Fabrikam', mail: 'a@fabrikam.example' },
        { partnerId: '5120846', name: 'Northwind', mail: null },
      ],
      ignored: [],
    });
  });

  it.each([
    ['485\u202e2013', 'Hidden characters (U+202A to U+202E) show it in another order. Type it by hand.'],
    ['4852013 5120846', 'There is more than one Partner ID. Write one.'],
    ['"4852013\n5120846"', 'There is more than one Partner ID. Write one.'],
    ['12345\u200b67890', 'A hidden character parts its digits. Type it by hand.'],
  ])('is never read as another ID than is seen: %j', (cell, sentence) => {
    expect(problemsOf(`partnerId,name\n${cell},Fabrikam`)).toEqual([
      expect.stringMatching(`no Partner ID. ${sentence.replace(/[()+]/g, '.')}$`),
    ]);
  });
});
