import { describe, expect, it } from 'vitest';
import { type ImportFile, partnersIn, readImportFile } from '../../../src/domain/import-file';
import { matchImport } from '../../../src/domain/import-match';
import { decodeTextFile } from '../../../src/domain/text-file';
import { parseLines } from '../../../src/ui/csv-lines';

const TITLES = { subscriptionId: 'Subscription ID', partnerId: 'Partner ID', connection: 'Connection' };
const ONE = '1b3c5d7e-0000-4000-8000-000000000001';
const TWO = '1b3c5d7e-0000-4000-8000-000000000002';

function read(file: string, titles = TITLES): Promise<ImportFile> {
  return readImportFile(file, { parse: parseLines, titles, pause: async () => undefined });
}

const wishes = ({ rows }: ImportFile) => rows.map(({ line, subscriptionId, after }) => [line, subscriptionId, after]);

describe('a file of changes', () => {
  it.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
  ])('is read with %s between its cells, quotes and Windows line ends', async (_, by) => {
    const file = [`subscriptionId${by}partnerId`, `"${ONE}"${by}"4852013"`, '', `${TWO}${by}`, ''].join('\r\n');
    const found = await read(file);
    expect(wishes(found)).toEqual([
      [2, ONE, '4852013'],
      [4, TWO, null],
    ]);
    expect(found.problems).toEqual([]);
  });

  it.each([
    ['Subscription ID', 'Partner ID'],
    ['SubscriptionId', 'PartnerId'],
    ['SubscriptionGuid', 'MPN ID'],
    ['subscription_id', 'MPNID'],
    [' SUBSCRIPTION-ID ', 'partner of record id'],
    ['\ufeffsubscriptionid', 'mpn_id'],
  ])('has its columns named %j and %j, in either order', async (subscription, partner) => {
    const found = await read(`${subscription},Name,${partner}\n${ONE},x,4852013\n`);
    expect(wishes(found)).toEqual([[2, ONE, '4852013']]);
    expect(found.ignored).toEqual(['Name']);
    expect(wishes(await read(`${partner},${subscription}\n4852013,${ONE}\n`))).toEqual([[2, ONE, '4852013']]);
  });

  it('has its columns named as our exports name them in the language of the page', async () => {
    const titles = { ...TITLES, subscriptionId: 'Abonnement-ID', partnerId: 'Partner-Kennung' };
    expect(wishes(await read(`Partner-Kennung;Abonnement-ID\n4852013;${ONE}`, titles))).toEqual([[2, ONE, '4852013']]);
  });

  it('says of each row which connection it is of, where our own export has named that', async () => {
    const found = await read(
      `Subscription ID,Partner ID,Connection\n${ONE},4852013,Contoso\n${ONE},5112233,Second\n${ONE},5112233,Second\n${TWO},,`,
    );
    expect(found.rows.map(({ line, connection, after }) => [line, connection, after])).toEqual([
      [2, 'Contoso', '4852013'],
      [3, 'Second', '5112233'],
      [5, '', null],
    ]);
    expect([found.repeated, found.problems, found.ignored]).toEqual([[{ line: 4, first: 3 }], [], []]);
  });

  it('without a row below its headings is told from one with nothing in it', async () => {
    expect((await read('\nSubscription ID,Partner ID\n')).problems).toEqual([{ kind: 'noRows', line: 2 }]);
    expect((await read('\n')).problems).toEqual([{ kind: 'empty' }]);
  });

  it('is of two columns without headings', async () => {
    expect(wishes(await read(`${ONE}\t4852013\n${TWO}\t`))).toEqual([
      [1, ONE, '4852013'],
      [2, TWO, null],
    ]);
  });

  it('says who is wanted in the column “New partner ID”, and in no other where that is there', async () => {
    const found = await read(`Subscription ID,Partner ID,New partner ID\n${ONE},4852013,5112233\n${TWO},4852013,`);
    expect(wishes(found)).toEqual([
      [2, ONE, '5112233'],
      [3, TWO, null],
    ]);
    expect(found.ignored).toEqual(['Partner ID']);
  });

  it.each([
    ['', [{ kind: 'empty' }]],
    ['\n\n', [{ kind: 'empty' }]],
    ['Subscription ID,Name\na,b', [{ kind: 'missingColumn', line: 1, column: 'partnerId', others: ['Name'] }]],
    [
      '\nfoo;bar\na;b',
      [
        { kind: 'missingColumn', line: 2, column: 'subscriptionId', others: ['foo', 'bar'] },
        { kind: 'missingColumn', line: 2, column: 'partnerId', others: ['foo', 'bar'] },
      ],
    ],
    ['Subscription ID,MPN ID,Partner ID\na,1,2', [{ kind: 'repeatedColumn', line: 1, column: 'partnerId' }]],
  ])('of which the headings say too little or too much changes nothing: %j', async (file, problems) => {
    expect(await read(file)).toEqual({ rows: [], repeated: [], problems, ignored: [] });
  });

  it.each([
    ['1.23E+06', 'rounded'],
    ['"1,23E+06"', 'rounded'],
    ['"4,852,013"', 'grouped'],
    ['4 852 013', 'grouped'],
    ["4'852'013", 'grouped'],
    ['4.852.013', 'grouped'],
    [TWO, 'usageAttributionId'],
    ['123', 'tooShort'],
    ['12345678901', 'tooLong'],
    ['Contoso', 'notDigits'],
    ['4852013 5112233', 'several'],
  ])('has the damage named in a Partner ID: %s', async (written, problem) => {
    const { rows, problems } = await read(`subscriptionId,partnerId\n${ONE},${written}\n${TWO},4852013`);
    expect(problems).toMatchObject([{ kind: 'notAnId', line: 2, column: 'partnerId', problem }]);
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['', 'empty'],
    ['1.23E+35', 'rounded'],
    ['..', 'unfit'],
    ['x'.repeat(129), 'unfit'],
    ['ab\u202ecd', 'reordered'],
  ])('has it named where there is no subscription: %j', async (written, problem) => {
    const { rows, problems } = await read(`subscriptionId,partnerId\n${written},4852013\n${TWO},4852013`);
    expect(problems).toMatchObject([{ kind: 'notAnId', line: 2, column: 'subscriptionId', problem }]);
    expect(rows).toHaveLength(1);
  });

  it.each([
    [`=""${ONE}""`, '=""4852013""'],
    [`{${ONE.toUpperCase()}}`, ' 4852013 '],
    [`/subscriptions/${ONE}`, '４８５２０１３'],
    [`\u200b${ONE}`, '\t4852013'],
  ])('may have its IDs dressed as other programs write them: %s, %s', async (subscription, partner) => {
    expect(wishes(await read(`subscriptionId,partnerId\n"${subscription}","${partner}"`))).toEqual([
      [2, ONE, '4852013'],
    ]);
  });

  it('has an unusual length hinted at: a leading zero may be lost', async () => {
    const { rows } = await read(`subscriptionId,partnerId\n${ONE},48520\n${TWO},4852013`);
    expect(rows.map(({ unusualLength }) => unusualLength)).toEqual([true, false]);
  });

  it('has the same wish once where it stands there again, and says where', async () => {
    const { rows, repeated, problems } = await read(
      `subscriptionId,partnerId\n${ONE},4852013\n${ONE.toUpperCase()},4852013\n${TWO},\n${TWO},`,
    );
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(repeated).toEqual([
      { line: 3, first: 2 },
      { line: 5, first: 4 },
    ]);
    expect(problems).toEqual([]);
  });

  it('has no wish for a subscription for which it wants different partners, and names all of these lines', async () => {
    const { rows, problems } = await read(
      `subscriptionId,partnerId\n${ONE},4852013\n${TWO},4852013\n${ONE},\n${ONE},4852013`,
    );
    expect(rows.map(({ subscriptionId }) => subscriptionId)).toEqual([TWO]);
    expect(problems).toEqual([{ kind: 'contradiction', line: 2, lines: [2, 4, 5], subscriptionId: ONE }]);
  });

  it('has rows named that are too short or too long, and a wrong quotation mark, and the others read', async () => {
    const { rows, problems } = await read(
      [
        'name,subscriptionId,partnerId',
        `"two`,
        `lines",${ONE},4852013`,
        'short,x',
        `long,a,4852013,${ONE}`,
        `"mis"placed,b,4852013`,
        `c,c,4852013`,
        `"not closed,d,4852013`,
        `e,e,4852013`,
      ].join('\n'),
    );
    expect(problems).toEqual([
      { kind: 'tooShort', line: 4, column: 'partnerId' },
      { kind: 'tooLong', line: 5, cells: 4, columns: 3 },
      { kind: 'quotes', line: 6 },
      { kind: 'quotes', line: 8 },
    ]);
    expect(rows.map(({ line, subscriptionId }) => [line, subscriptionId])).toEqual([
      [2, ONE],
      [7, 'c'],
      [9, 'e'],
    ]);
  });

  it('keeps its lines where a cell in quotes goes on from one slice to the next', async () => {
    const lines = Array.from({ length: 1000 }, (_, at) =>
      at % 7 === 3 ? `"${at}\n\n${at}",s${at},4852013` : `n,s${at},4852013`,
    );
    const { rows, problems } = await read(`name,subscriptionId,partnerId\n${lines.join('\n')}`);
    expect(problems).toEqual([]);
    expect(rows).toHaveLength(1000);
    const breaksBefore = (at: number) => Array.from({ length: at }, (_, n) => n).filter((n) => n % 7 === 3).length * 2;
    expect(
      rows.every(({ line, subscriptionId }) => {
        const at = Number(subscriptionId.slice(1));
        return line === at + 2 + breaksBefore(at);
      }),
    ).toBe(true);
  });

  it('names each Partner ID once for its check', async () => {
    const { rows } = await read('subscriptionId,partnerId\na,4852013\nb,5112233\nc,\nd,4852013');
    expect(partnersIn(rows)).toEqual(['4852013', '5112233']);
  });

  it('ends where it is told to between two slices', async () => {
    const file = `subscriptionId,partnerId\n${'a,4852013\n'.repeat(1000)}`;
    const seen: number[] = [];
    const reading = readImportFile(file, {
      parse: parseLines,
      titles: TITLES,
      pause: async (read) => {
        seen.push(read);
        if (seen.length === 2) throw new Error('left');
      },
    });
    await expect(reading).rejects.toThrow('left');
    expect(seen).toEqual([200, 400]);
  });
});

/** 10,000 rows below the headings, of which every 200th is bad. */
function longFile(): string {
  const rows = Array.from({ length: 10_000 }, (_, at) => {
    const id = `1b3c5d7e-0000-4000-8000-${String(at).padStart(12, '0')}`;
    const partner = at % 200 === 199 ? '4.85E+06' : String(4_852_013 + (at % 40));
    return `Contoso “Straße ${at}”;${id};${partner};"a; b ""c"""`;
  });
  return ['Name;SubscriptionGuid;MPN ID;Note', ...rows].join('\r\n');
}

describe('a file that went through a spreadsheet', () => {
  const under = (...lines: string[]) => read(['Subscription ID,Partner ID', ...lines, `${TWO},5112233`].join('\n'));

  it.each([
    ['a long number shortened', '1.23457E+15', 'rounded'],
    ['one shortened in small letters', '4.85e+06', 'rounded'],
    ['a date made of it', '2026-03-01', 'notDigits'],
    ['a month made of it', 'Mar-26', 'notDigits'],
    ['decimals', '4852013.0', 'notDigits'],
    ['a sign', '-4852013', 'notDigits'],
    ['a formula made of it', '=4852013', 'notDigits'],
    ['a column too narrow', '########', 'noValue'],
    ['a look-up that found nothing', '#N/A', 'noValue'],
    ['the same in German', '#NV', 'noValue'],
    ['a formula that failed', '#WERT!', 'noValue'],
    ['no-break spaces within', '4\u00a0852\u00a0013', 'grouped'],
    ['more zeros cut than one', '1234', 'tooShort'],
    ['nothing but what cannot be seen', '\u200b', 'empty'],
    ['our own word for what nobody knows', 'Unknown', 'notDigits'],
  ])('has %s named in a Partner ID, and loses no other row', async (_, written, problem) => {
    const { rows, problems } = await under(`${ONE},${written}`);
    expect(problems).toEqual([{ kind: 'notAnId', line: 2, column: 'partnerId', written, problem }]);
    expect(rows.map(({ line }) => line)).toEqual([3]);
  });

  it.each([
    ['a long number shortened', '1.23457E+15', 'rounded'],
    ['one shortened without a sign', '1.23457e15', 'rounded'],
    ['a column too narrow', '#########', 'noValue'],
    ['a formula that failed', '#REF!', 'noValue'],
    ['one that nobody knows', '#NAME?', 'noValue'],
  ])('has %s named in a subscription’s ID, and loses no other row', async (_, written, problem) => {
    const { rows, problems } = await under(`${written},4852013`);
    expect(problems).toEqual([{ kind: 'notAnId', line: 2, column: 'subscriptionId', written, problem }]);
    expect(rows.map(({ line }) => line)).toEqual([3]);
  });

  it.each([
    ['a date', '2026-03-01,4852013', '2026-03-01', '4852013'],
    ['a totals row', 'Total,', 'total', null],
    ['a totals row with a sum', 'Grand total,9704026', 'grand total', '9704026'],
    ['two IDs in one cell', `${ONE} ${TWO},4852013`, `${ONE} ${TWO}`, '4852013'],
    ['an ID that was cut', `${ONE.slice(0, 30)},4852013`, ONE.slice(0, 30), '4852013'],
  ])('has %s compared with the list, which has no such subscription', async (_, line, id, after) => {
    const found = await under(line);
    expect(wishes(found)[0]).toEqual([2, id, after]);
    const list = new Map([[found.rows[1]?.subscriptionId ?? id, { state: null }]] as [never, { state: null }][]);
    expect(matchImport(found.rows, list, new Map()).problems).toEqual([
      { kind: 'notListed', line: 2, subscriptionId: id },
    ]);
  });

  it.each([
    ['a count below the Partner IDs', 'Total,2', 'partnerId', 'tooShort'],
    ['a sum below no subscription', ',9704026', 'subscriptionId', 'empty'],
  ])('has a totals row named: %s', async (_, line, column, problem) => {
    const { problems } = await under(`${ONE},4852013`, line);
    expect(problems).toMatchObject([{ line: 3, column, problem }]);
  });

  it.each([
    ['no-break spaces around', `\u00a0${ONE}\u00a0,\u00a04852013\u00a0`],
    ['zero-width characters within', `\u200b${ONE}\u200b,48\u200b52\ufeff013`],
    ['quotation marks doubled', `"""${ONE}""","""4852013"""`],
    ['curly quotation marks', `“${ONE}”,“4852013”`],
    ['the mark of a text in front', `'${ONE},'4852013`],
    ['a formula that keeps it a text', `="${ONE}",="4852013"`],
    ['the same in quotation marks', `"=""${ONE}""","=""4852013"""`],
    ['hyphens made dashes', `${ONE.replaceAll('-', '–')},4852013`],
    ['hyphens made hyphens that do not break', `${ONE.replaceAll('-', '\u2011')},4852013`],
    ['empty columns at its end', `${ONE},4852013,,,`],
    ['a line end in its cell', `"${ONE}\n",4852013`],
  ])('is read as it was meant with %s', async (_, line) => {
    const { rows, problems } = await under(line);
    expect(problems).toEqual([]);
    expect(rows[0]).toMatchObject({ line: 2, subscriptionId: ONE, after: '4852013' });
    expect(rows).toHaveLength(2);
  });

  it('keeps a zero in front that a mark of a text has kept, and hints at an ID that may have lost one', async () => {
    const { rows } = await under(`${ONE},'0485201`, 'other,48520');
    expect(rows.map(({ after, unusualLength }) => [after, unusualLength])).toEqual([
      ['0485201', false],
      ['48520', true],
      ['5112233', false],
    ]);
  });

  it.each([
    ['sep=;', ';', 3],
    ['"sep=;"', ';', 3],
    ['sep=\t', '\t', 3],
    ['\ufeffSEP=;'.slice(1), ';', 3],
  ])('may say first what separates its cells, and keeps its lines: %j', async (first, by, line) => {
    const found = await read([first, `Subscription ID${by}Partner ID`, `${ONE}${by}4852013`].join('\r\n'));
    expect(wishes(found)).toEqual([[line, ONE, '4852013']]);
  });

  it.each([
    ['Subscription\u00a0ID,Partner\u00a0ID'],
    ['\u200bSUBSCRIPTION_ID , partner  id '],
    ['"Subscription\nID",Partner ID'],
    ['"""Subscription ID""","""Partner ID"""'],
    ['Subscription ID:,Partner ID*'],
    ['Subscription ID,Partner ID,,,'],
  ])('has its headings forgiven: %j', async (headings) => {
    const { rows, problems } = await read(`${headings}\n${ONE},4852013`);
    expect(problems).toEqual([]);
    expect(rows).toMatchObject([{ subscriptionId: ONE, after: '4852013' }]);
  });

  it('may be without headings though its first row is a bad one, or takes a partner away', async () => {
    const bad = await read(`${ONE},4.85E+06\n${TWO},4852013`);
    expect(bad.problems).toMatchObject([{ line: 1, column: 'partnerId', problem: 'rounded' }]);
    expect(wishes(bad)).toEqual([[2, TWO, '4852013']]);
    expect(wishes(await read(`${ONE},\n${TWO},4852013`))).toEqual([
      [1, ONE, null],
      [2, TWO, '4852013'],
    ]);
  });

  it('has headings that stand there once more, and a note below, named and no row lost', async () => {
    const { rows, problems } = await under(`${ONE},4852013`, 'Subscription ID,Partner ID', 'Printed on Monday');
    expect(rows.map(({ line }) => line)).toEqual([2, 5]);
    expect(problems).toMatchObject([
      { kind: 'notAnId', line: 3, written: 'Partner ID' },
      { kind: 'tooShort', line: 4 },
    ]);
  });

  it.each([
    ['takes its partner away as well', ''],
    ['wants another partner', '5112233'],
  ])('has no wish for a subscription that, in braces and capitals, %s', async (_, after) => {
    const { rows, problems } = await under(`${ONE},4852013`, `{${ONE.toUpperCase()}},${after}`);
    expect(rows.map(({ subscriptionId }) => subscriptionId)).toEqual([TWO]);
    expect(problems).toEqual([{ kind: 'contradiction', line: 2, lines: [2, 3], subscriptionId: ONE }]);
  });

  it('accounts for each line: a row, a repeated one, or a problem', async () => {
    const lines = [`${ONE},4852013`, ONE, `${ONE},4852013`, '#REF!,1', 'Total,', `a,b,c`, `"x"y,4852013`, '', ',,'];
    const { rows, repeated, problems } = await under(...lines);
    const told = [...rows, ...repeated, ...problems].flatMap((one) => ('line' in one ? [one.line] : []));
    // Two of them are empty.
    expect(told.toSorted((one, other) => one - other)).toEqual([2, 3, 4, 5, 6, 7, 8, 11]);
  });
});

describe('a UTF-16 file of 10,000 lines', () => {
  it.each([
    ['little', true],
    ['big', false],
  ])(
    'of %s-endian order has 50 problems with their lines, and the others compared with the list, in two seconds',
    async (_, isLittle) => {
      const text = `\ufeff${longFile()}`;
      const bytes = new Uint8Array(text.length * 2);
      const view = new DataView(bytes.buffer);
      for (let at = 0; at < text.length; at += 1) view.setUint16(at * 2, text.charCodeAt(at), isLittle);
      // The processor's time: others may be at work beside.
      const before = process.cpuUsage();
      const decoded = decodeTextFile(bytes);
      if (!decoded.ok) throw new Error(decoded.problem.kind);
      let slices = 0;
      const { rows, problems } = await readImportFile(decoded.text, {
        parse: parseLines,
        titles: TITLES,
        pause: async () => {
          slices += 1;
        },
      });
      const checks = new Map(
        partnersIn(rows).map(
          (partnerId) => [partnerId, { kind: 'found', partner: { partnerId, name: 'Contoso' } }] as const,
        ),
      );
      const list = new Map(rows.map(({ subscriptionId }) => [subscriptionId, { name: subscriptionId, state: null }]));
      const { differing } = matchImport(rows, list, checks);
      const took = process.cpuUsage(before).user;
      expect(differing).toHaveLength(9_950);
      expect(rows).toHaveLength(9_950);
      expect(problems.map((problem) => ('line' in problem ? problem.line : 0))).toEqual(
        Array.from({ length: 50 }, (_, at) => 201 + at * 200),
      );
      expect(problems.every((problem) => problem.kind === 'notAnId' && problem.problem === 'rounded')).toBe(true);
      expect(slices).toBeGreaterThanOrEqual(50);
      expect(took).toBeLessThan(2_000_000);
    },
  );
});
