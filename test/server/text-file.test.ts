import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gatherProblems } from '../../server/src/commands/problems';
import { readTextFile } from '../../server/src/commands/text-file';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'por-text-file-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function fileOf(text: string, encoding: BufferEncoding): Promise<string> {
  const file = path.join(folder, 'partners.csv');
  await writeFile(file, text, encoding);
  return file;
}

const SAVE_IT =
  'Save it as UTF-8 and give the command again: in Excel with the type “CSV UTF-8 (Comma delimited)”, in an editor with the encoding “UTF-8”.';

describe('a file that a command reads', () => {
  it('is read in UTF-8 and UTF-16', async () => {
    expect(await readTextFile(await fileOf('\ufeffSöhne', 'utf8'))).toBe('Söhne');
    expect(await readTextFile(await fileOf('\ufeffSöhne', 'utf16le'))).toBe('Söhne');
  });

  it.each([
    ['a\nSöhne', 'latin1', 'it is in Windows-1252 or one of its kin (ANSI, ISO-8859-1), not in UTF-8 (line 2).'],
    ['S\x94hne', 'latin1', 'it is in an encoding other than UTF-8 (line 1).'],
    ['\x84\x31\x95\x33', 'latin1', 'it is in GB18030, not in UTF-8 (line 1).'],
    ['Ã¶\nÃ\n', 'latin1', 'it is in UTF-8, but on line 2 a character is cut or comes from another encoding.'],
    ['PK\x03\x04', 'latin1', 'it is a workbook of a spreadsheet program or another archive, not a text.'],
  ] as const)('is refused by name, with how to save it: %j', async (text, encoding, what) => {
    const file = await fileOf(text, encoding);
    const told = await readTextFile(file).catch((error: Error) => error.message);
    expect(told.startsWith(`${file} cannot be read: ${what}`)).toBe(true);
    expect(told.endsWith(SAVE_IT)).toBe(true);
  });
});

describe('many problems', () => {
  it('are told by the first 50, and the others counted', () => {
    const problems = gatherProblems();
    for (let line = 1; line <= 300_001; line += 1) problems.add(`Line ${line}.`);
    const lines = problems.text().split('\n');
    expect([lines.length, lines[0], lines[49], lines[50]]).toEqual([
      51,
      '  Line 1.',
      '  Line 50.',
      '  and 299,951 more.',
    ]);
    expect(problems.count()).toBe(300_001);
  });
});
