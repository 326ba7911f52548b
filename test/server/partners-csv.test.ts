import { describe, expect, it } from 'vitest';
import { readPartnersCsv } from '../../server/src/partners-csv';

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
    });
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
    ].join('\n');
    expect(problemsOf(text)).toEqual([
      'Line 3: “12” is not a Partner ID: tooShort.',
      'Line 5: A mail address is written like mail@example.com.',
      'Line 7: The name is empty.',
      'Line 7: A mail address is written like mail@example.com.',
      'Line 8: A NUL character is not allowed.',
      'Line 9: 4852013 stands on line 2 already.',
      'Line 10: there are 4 cells, and 3 columns.',
      'Line 11: there are 1 cells, and 3 columns.',
    ]);
  });

  it.each([
    ['', ['The file is empty.']],
    ['\n\n', ['The file is empty.']],
    ['4852013,Fabrikam', expect.arrayContaining([expect.stringContaining('Line 1: “4852013” is no column')])],
    [
      'partnerId,emial',
      expect.arrayContaining([expect.stringContaining('“emial”'), 'Line 1: the column name is missing.']),
    ],
    ['partnerId,name,name\n', ['Line 1: the column name is there twice.']],
    ['partnerId,name\n4852013,"Fabrikam\n5120846,Northwind', [expect.stringContaining('Line 2: a quotation mark')]],
  ])('says what is wrong with %j', (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});
