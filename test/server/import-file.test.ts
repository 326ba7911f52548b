import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { importDirectory } from '../../server/src/commands/import-directory';
import { openSpool } from '../../server/src/commands/spool';
import { textPieces } from '../../server/src/commands/text-file';
import { readConfiguration } from '../../server/src/configuration';
import { inMemory } from '../../server/src/database/portions';
import { lineOn, openProgress } from '../../server/src/progress';
import { readDirectory } from '../../server/src/directory/file';
import { JsonProblem, listReader } from '../../server/src/directory/json-lists';
import { parseTime } from '../../server/src/time';
import { aSubscription } from './support/directory';

const GUID = '89fd93d4-12f7-4096-8ffa-9df1758f524e';
const SUBSCRIPTION = aSubscription({ subscriptionId: GUID });
const EMPTY = { partners: [], customers: [], callers: [], subscriptions: [] };

/** All that is wrong with a directory by itself. */
async function problemsOf(lists: object): Promise<string[]> {
  const problems: string[] = [];
  const pieces = async function* () {
    yield JSON.stringify({ ...EMPTY, ...lists });
  };
  await readDirectory(pieces(), inMemory, (sentence) => problems.push(sentence));
  return problems;
}

describe('a file of JSON that is read piece by piece', () => {
  const lists = ['a', 'b'] as const;

  /** What is heard of a text that comes in pieces of so many characters. */
  function heard(text: string, size: number): unknown[] {
    const all: unknown[] = [];
    const reader = listReader(lists, {
      entry: (list, index, value) => all.push([list, index, value]),
      problem: (sentence) => all.push(sentence),
      lost: (list, index, sentence) => all.push(`${list} ${index}: ${sentence}`),
    });
    for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
    reader.end();
    return all;
  }

  it('is read as it is read whole, wherever it is cut', () => {
    const value = { b: ['é\n"\\', { x: [1, [2], {}], y: null }, -1.5e3, true], c: { a: [9] }, a: [[], {}] };
    const expected = [...value.b.map((one, index) => ['b', index, one]), ['a', 0, []], ['a', 1, {}]];
    for (const text of [JSON.stringify(value), `\n${JSON.stringify(value, null, '\t')}\r\n`]) {
      for (const size of [1, 2, 7, 1000]) expect(heard(text, size)).toEqual(expected);
    }
  });

  it.each([
    ['{"a": [1]}', 'the list “b” is missing'],
    ['{"a": [1], "b": {"a": 1}}', '“b” must be a list'],
    ['{"a": null, "b": []}', '“a” must be a list'],
    ['{"a": [1], "b": [], "a": [2]}', 'the list “a” is there twice'],
  ])('has each list once: %s', (text, sentence) => {
    const told = heard(text, 1000).filter((one) => typeof one === 'string');
    expect(told).toEqual([expect.stringContaining(sentence)]);
  });

  it('tells what of an entry would be lost without a word', () => {
    const text =
      '{"a": [{"x": 1, "x": 2}, {"y": [{"z": 1}, {"z": "x", "y": {"z": 3, "z": 4}}]}, {"x": {"__proto__": 1}}, {"constructor": 2}], "b": []}';
    const told = heard(text, 7).filter((one) => typeof one === 'string');
    expect(told).toEqual([
      'a 0: the name "x" is there twice.',
      'a 1: the name "z" is there twice.',
      'a 2: the name "__proto__" cannot be taken.',
      'a 3: the name "constructor" cannot be taken.',
    ]);
  });

  it.each([
    ['{"a": [1,\n "ö" "x"], "b": []}', 'on line 2, column 6 stands “x”, but a comma is missing before it.'],
    ['{"\\u00e9":"ü",\r\n  "a": [1, 2,]}', 'on line 2, column 14 stands “]”, but a value must stand there'],
    ['{"a": [{"x": 1,}]}', 'on line 1, column 16 stands “}”, but a name in quotation marks must stand there'],
    ["{'a': []}", "on line 1, column 2 stands “'”, which is not expected there."],
    ['{"a" []}', 'on line 1, column 6 stands “[”, but a colon is missing before it.'],
    ['{"a": ["x\ny"]}', 'on line 1, column 10 a line ends within a text'],
    ['{"a": ["x\ty"]}', 'on line 1, column 10 stands “[U+0009]”, which within a text is written \\u0009.'],
    ['{"a": ["x" "\\u001b[2J"]}', 'stands “[U+001B][2J”, but a comma'],
    ['\u001b[2J{}', 'it begins with “[U+001B]”'],
    [`{"x": ${'{"a":'.repeat(100_000)}`, 'on line 1, column 1002 something is nested more than 200 deep.'],
    [`{"a": [${'['.repeat(100_000)}`, 'something is nested more than 200 deep.'],
    ['{"a": [NaN]}', 'on line 1, column 8 stands “N”'],
    ['{"a": [1], "b": []} {', 'on line 1, column 21 stands “{”, but the object has ended before it.'],
    ['{"a": [1],\n "b": ["', 'it ends on line 2, column 9 before all that was opened is closed'],
    ['[1]', 'it is no JSON object: it begins with “[”'],
    ['id,name\n1,x', 'it looks like a CSV file'],
    ['4852013;Fabrikam', 'it looks like a CSV file'],
    ['<html>', 'it begins with “<”'],
    ['', 'it is empty.'],
    [' \n', 'it is empty.'],
  ])('is told with line and column where it is broken: %j', (text, sentence) => {
    for (const size of [1000, 17]) {
      expect(() => heard(text, size)).toThrow(JsonProblem);
      expect(() => heard(text, size)).toThrow(sentence);
    }
  });
});

describe('what is wrong with an entry is told by list, number, ID and field', () => {
  const at = `subscriptions, entry 1 (${GUID}):`;

  it.each([
    [{ displayName: undefined }, `${at} displayName: this is missing.`],
    [{ displayName: 7 }, `${at} displayName: this must be a text in quotation marks, and is 7.`],
    [{ displayName: 'x'.repeat(3000) }, / displayName: "x+…": a text has at most 2000 bytes\.$/],
    [{ customerId: null }, `${at} customerId: this must be a text in quotation marks, and is null.`],
    [
      { service: 'azur' },
      `${at} service: "azur" is none of these: azure, office365, crmOnline, dynamics365, intune, ems.`,
    ],
    [{ roles: { 'a@b.example': 'Owner' } }, / roles, "a@b\.example": "Owner" is none of these: AccountAdministrator, /],
    [
      { startDate: '2026-02-30T00:00:00Z' },
      `${at} startDate: "2026-02-30T00:00:00Z": there is no day 30: 2026-02 has 28.`,
    ],
    [{ endDate: '2025-12-31T00:00:00Z' }, `${at} endDate: the subscription ends before it starts.`],
    [
      { usage: [{ month: '2026-01', service: 'azure', amount: 1e15 }] },
      `${at} usage, entry 1, amount: 1000000000000000: the number must be from -10,000,000,000,000 to 10,000,000,000,000.`,
    ],
    [
      { usage: [{ month: '2026-01', service: 'azure', amount: '1' }] },
      / amount: this must be a number without quotation/,
    ],
    [
      { usage: [{ month: '2026-13', service: 'azure' }] },
      / usage, entry 1, month: "2026-13": a month is written YYYY-MM/,
    ],
    [{ usage: [{ month: '2026-01', service: 'ems', seats: 1.5 }] }, / seats: 1\.5: the number must be a whole one\./],
    [
      {
        usage: [
          { month: '2026-01', service: 'ems', seats: 1 },
          { month: '2026-01', service: 'ems', meter: '', seats: 2 },
        ],
      },
      `${at} usage, entry 2: month, service and meter are those of entry 1 already.`,
    ],
    [{ usage: {} }, `${at} usage: this must be a list [ … ], and is an object.`],
    [
      { partnerOfRecord: { partnerId: '48x', assignedAt: '2026-01-01T00:00:00Z', assignedBy: 'Ada' } },
      `${at} partnerOfRecord, partnerId: "48x": a Partner ID is 5 to 10 digits.`,
    ],
    [{ subscriptionId: '..' }, /^subscriptions, entry 1 \(\.\.\): subscriptionId: "\.\.": .* no address can name\.$/],
    [{ subscriptionId: '%2E' }, /subscriptionId: "%2E": /],
  ])('%j', async (wish, sentence) => {
    expect(await problemsOf({ subscriptions: [{ ...SUBSCRIPTION, ...wish }] })).toEqual([
      typeof sentence === 'string' ? sentence : expect.stringMatching(sentence),
    ]);
  });

  it('an entry that is none is told by its number', async () => {
    expect(await problemsOf({ customers: [{ id: 'contoso', name: 'Contoso' }, null, 'x'] })).toEqual([
      'customers, entry 2: this must be an object { … }, and is null.',
      'customers, entry 3: this must be an object { … }, and is "x".',
    ]);
  });

  it('what a person pasted is read without what cannot be seen, and two that are one then are named', async () => {
    const caller = {
      principalId: 'ada\u200b@contoso.example',
      name: 'Ada',
      organization: 'Contoso',
      partnerId: '\u200e485\u00ad2013',
    };
    expect(
      await problemsOf({
        partners: [
          { partnerId: '4852013\u2060', name: 'Fabrikam', mail: '\u200ba@fabrikam.example ' },
          { partnerId: '4852013', name: 'Fabrikam' },
        ],
        customers: [
          { id: 'contoso\u00a0', name: 'Contoso' },
          { id: '\ufeffcontoso', name: 'Contoso' },
        ],
        callers: [caller, { ...caller, principalId: '\u202aada@contoso.example\u202c' }],
        subscriptions: [
          { ...SUBSCRIPTION, subscriptionId: `\u200b${GUID}` },
          { ...SUBSCRIPTION, subscriptionId: `${GUID.slice(0, 8)}\u00ad${GUID.slice(8)}`, customerId: ' contoso' },
        ],
      }),
    ).toEqual([
      'partners, entry 2 (4852013): the same partnerId is that of entry 1 already.',
      'customers, entry 2 (contoso): the same id is that of entry 1 already.',
      'callers, entry 2 (ada@contoso.example): the same principalId is that of entry 1 already.',
      `subscriptions, entry 2 (${GUID}): the same subscriptionId is that of entry 1 already.`,
    ]);
  });

  it('what would be another ID than is seen is refused, and so are two callers that look like one', async () => {
    const told = await problemsOf({
      partners: [
        { partnerId: '485\u202e2013', name: 'Fabrikam' },
        { partnerId: '4852013 5120846', name: 'Both' },
      ],
      subscriptions: [
        { ...SUBSCRIPTION, subscriptionId: 'sub\u202e1' },
        { ...SUBSCRIPTION, roles: { ada: 'Reader', 'ada\u200b': 'Contributor' } },
      ],
    });
    expect(told).toEqual([
      expect.stringContaining('hidden characters (U+202A to U+202E) show it in another order'),
      expect.stringContaining('there is more than one Partner ID'),
      expect.stringContaining('hidden characters (U+202A to U+202E) show it in another order'),
      expect.stringContaining('two callers are one but for characters that cannot be seen'),
    ]);
  });

  it('what is there already is named with the entry that has it, in other letter case too', async () => {
    const partner = { partnerId: '4852013', name: 'Fabrikam' };
    const caller = { principalId: 'ada', name: 'Ada', organization: 'Contoso' };
    expect(
      await problemsOf({
        partners: [partner, { ...partner, partnerId: ' ４８５２０１３' }],
        customers: [
          { id: 'contoso', name: 'One' },
          { id: 'contoso', name: 'Other' },
        ],
        callers: [caller, { ...caller, principalId: 'Ada' }, caller],
        subscriptions: [SUBSCRIPTION, { ...SUBSCRIPTION, subscriptionId: GUID.toUpperCase() }],
      }),
    ).toEqual([
      'partners, entry 2 (4852013): the same partnerId is that of entry 1 already.',
      'customers, entry 2 (contoso): the same id is that of entry 1 already.',
      'callers, entry 3 (ada): the same principalId is that of entry 1 already.',
      `subscriptions, entry 2 (${GUID}): the same subscriptionId is that of entry 1 already.`,
    ]);
  });
});

test.each([
  ['2026-01-31T10:00:00Z', '2026-01-31T10:00:00.000Z'],
  ['2024-02-29T23:59:59.5+01:00', '2024-02-29T22:59:59.500Z'],
  ['2026-01-01 00:00:00-0130', '2026-01-01T01:30:00.000Z'],
  ['2026-01-01t00:00:00z', '2026-01-01T00:00:00.000Z'],
  ['2026-01-01T00:00:00+02', '2025-12-31T22:00:00.000Z'],
])('the time %s is %s', (text, time) => {
  const parsed = parseTime(text);
  expect(parsed.ok && parsed.time.toISOString()).toBe(time);
});

test.each([
  ['2026-02-29T00:00:00Z', 'There is no day 29: 2026-02 has 28.'],
  ['1900-02-29T00:00:00Z', 'There is no day 29: 1900-02 has 28.'],
  ['2026-04-31T00:00:00Z', 'There is no day 31: 2026-04 has 30.'],
  ['2026-01-00T00:00:00Z', 'There is no day 0: 2026-01 has 31.'],
  ['2026-13-01T00:00:00Z', 'There is no month 13.'],
  ['2026-01-01T24:00:00Z', /^There is no hour 24;/],
  ['2026-01-01T25:00:00Z', /^There is no hour 25;/],
  ['2026-01-01T00:60:00Z', 'There is no minute 60.'],
  ['2016-12-31T23:59:60Z', /^A leap second/],
  ['2026-01-01T00:00:00+24:00', 'There is no such offset from UTC.'],
  ['9999-12-31T23:59:59-01:00', /^The years go/],
  ['0000-01-01T00:00:00Z', /^The years go/],
  ['2026-01-01', /^A time is an RFC 3339/],
  ['2026-01-01T00:00:00', /^A time is an RFC 3339/],
  ['1 January 2026', /^A time is an RFC 3339/],
])('%s is no time, and it is said why', (text, problem) => {
  const parsed = parseTime(text);
  expect(parsed.ok ? parsed.time : parsed.problem).toEqual(
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  );
});

describe('a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'por-import-file-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function written(bytes: Uint8Array | string): Promise<string> {
    const file = path.join(folder, 'directory.json');
    await writeFile(file, bytes);
    return file;
  }

  /** What the person is told; no database is opened for a file that is refused by itself. */
  async function refusal(file: string): Promise<string> {
    const configuration = readConfiguration({ DATA_DIR: path.join(folder, 'data') });
    return importDirectory(configuration, file).then(
      () => 'imported',
      (error: Error) => error.message,
    );
  }

  it('is read in UTF-8 and UTF-16, with a byte order mark and without, and how far it is read is heard', async () => {
    const text = `{"name": "Söhne ${'株'.repeat(30_000)}"}`;
    const littleEndian = Buffer.from(text, 'utf16le');
    for (const bytes of [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      littleEndian,
      Buffer.from(littleEndian).swap16(),
    ]) {
      const heard: unknown[] = [];
      let read = '';
      for await (const piece of textPieces(await written(bytes), (...how) => heard.push(how))) read += piece;
      expect(read).toBe(text);
      expect(heard.at(-1)).toEqual([bytes.length, bytes.length]);
    }
  });

  it('in another encoding is refused by its name, with how to save it', async () => {
    const told = await refusal(await written(Buffer.from('{"partners": [{"name": "Söhne"}]}', 'latin1')));
    expect(told).toMatch(/directory\.json cannot be read: it is in Windows-1252 .* Save it as UTF-8/);
  });

  it('that is none is refused in a sentence', async () => {
    expect(await refusal(folder)).toBe(`${folder} cannot be read: it is a folder. Name a file in it.`);
    expect(await refusal('/nowhere.json')).toBe('/nowhere.json cannot be read: there is no such file.');
    expect(await refusal(await written('{"partners": [}'))).toMatch(
      /directory\.json was not imported: .* line 1, column 15/,
    );
  });

  it('with much wrong has its first 50 problems told, and the rest counted', async () => {
    const customers = Array.from({ length: 3050 }, (_, index) => ({ id: `customer-${index}` }));
    const lines = (await refusal(await written(JSON.stringify({ ...EMPTY, customers })))).split('\n');
    expect(lines).toHaveLength(52);
    expect(lines[1]).toBe('  customers, entry 1 (customer-0): name: this is missing.');
    expect(lines[51]).toBe('  and 3,000 more.');
  });
});

test('what is put aside comes back as it was, as often as it is asked for, and leaves no file', async () => {
  const before = await readdir(tmpdir());
  const spool = await openSpool();
  const rows = [{ at: new Date(5), name: 'Söhne', nothing: null, missing: undefined }];
  const first = await spool.putAside(rows);
  const second = await spool.putAside(['x'.repeat(100_000)]);
  expect([await second(), await first(), await first()]).toEqual([['x'.repeat(100_000)], rows, rows]);
  const made = (await readdir(tmpdir())).filter((name) => !before.includes(name));
  expect(made.filter((name) => name.startsWith('partner-of-record-import-'))).toEqual([]);
  await spool.close();
});

describe('how far long work is', () => {
  function said(isTTY: boolean, moments: readonly number[]): string[] {
    const time = { now: 0 };
    const all: string[] = [];
    const progress = openProgress(lineOn({ isTTY, columns: 20, write: (text) => all.push(text) }), () => time.now);
    for (const moment of moments) {
      time.now = moment;
      progress.at(() => `At ${moment}, and a long line`);
    }
    progress.end();
    return all;
  }

  it('is said on a terminal that does not know its width', () => {
    const all: string[] = [];
    const time = { now: 0 };
    const progress = openProgress(lineOn({ isTTY: true, columns: 0, write: (text) => all.push(text) }), () => time.now);
    time.now = 2000;
    progress.at(() => 'Half of it');
    expect(all).toEqual(['\rHalf of it\x1b[K']);
  });

  it('is not said of what is quick', () => {
    expect(said(false, [0, 1000, 4999])).toEqual([]);
    expect(said(true, [0, 1000, 1999])).toEqual([]);
  });

  it('is a line every five seconds in a log', () => {
    expect(said(false, [4000, 5000, 6000, 9999, 10_500])).toEqual([
      'At 5000, and a long line\n',
      'At 10500, and a long line\n',
    ]);
  });

  it('is written over in place on a terminal, within its width, and taken away in the end', () => {
    expect(said(true, [2000, 2100, 2500])).toEqual([
      '\rAt 2000, and a long\x1b[K',
      '\rAt 2500, and a long\x1b[K',
      '\r\x1b[K',
    ]);
  });
});
