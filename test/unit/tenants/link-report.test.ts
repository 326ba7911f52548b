import { describe, expect, it } from 'vitest';
import { readLinkReport, sideBySide } from '../../../src/domain/link-report';
import { tableText } from '../../../src/domain/table';
import { reportWords, tenantColumns } from '../../../src/tenants/export';
import { csvOf } from '../../../src/ui/csv';
import { parseLines } from '../../../src/ui/csv-lines';
import { CONTOSO, FABRIKAM } from '../../support/partners';
import { aTenantRow, TENANT } from './tenant-rows';

function read(file: string) {
  const { text, separator, firstLine } = tableText(file.replace(/^\ufeff/, ''));
  const { rows, wrongQuotes } = parseLines(text, separator);
  return readLinkReport({ rows, badQuotes: wrongQuotes?.row ?? null, firstLine }, reportWords());
}

const HEADINGS = 'Tenant,Domain,Tenant ID,Account,Partner ID,Partner,State,Since';

describe('A report of a person’s links', () => {
  const rows = [
    aTenantRow(1, { partner: CONTOSO }),
    aTenantRow(2),
    aTenantRow(3, { isUnread: true }),
    aTenantRow(4, { name: '=HYPERLINK("https://bad.example")', partner: { ...FABRIKAM, name: '+1, "two"' } }),
  ];

  it('is read again as it was written, and what was not read is not taken for none', () => {
    const { links, problems } = read(csvOf(tenantColumns(), rows));
    expect(problems).toEqual([]);
    expect(links.map(({ tenant, name, partner }) => [tenant, name, partner])).toEqual([
      [TENANT(1), 'Tenant 1', CONTOSO],
      [TENANT(2), 'Tenant 2', null],
      [TENANT(3), 'Tenant 3', 'unknown'],
      [TENANT(4), '=HYPERLINK("https://bad.example")', { ...FABRIKAM, name: '+1, "two"' }],
    ]);
  });

  it.each([
    ['nobody has read it yet', {}, 'Not read yet'],
    ['somebody has to sign in there', { needsSignIn: true }, 'Needs a sign-in'],
    [
      'nobody allowed the application there',
      { needsSignIn: true, failure: { reason: 'signInNeeded', detail: { code: 'entra', number: 65001 } } },
      'Nobody has allowed the application in this tenant yet.',
    ],
    ['Azure did not answer', { failure: { reason: 'noAnswer' } }, 'Azure can’t be reached.'],
    [
      'what Azure said is long',
      { failure: { reason: 'refused', status: 400, said: '4'.repeat(900) } },
      '4'.repeat(150),
    ],
  ] as const)('says under State why a link is unknown: %s', (_why, told, words) => {
    const row = aTenantRow(3, { isUnread: true, ...told });
    const file = csvOf(tenantColumns(), [row]);
    const [cells = []] = parseLines(file.trim(), ',').rows.slice(1);
    expect(cells[4]).toBe('Unknown');
    expect(cells[6]).toContain(words);
    expect(read(file)).toMatchObject({ links: [{ partner: 'unknown' }], problems: [] });
  });

  it('as an earlier version wrote it is read as before: what was unknown stays so, and none is none', () => {
    const file = `${HEADINGS}\nA,,${TENANT(1)},ben,Unknown,,,\nB,,${TENANT(2)},ben,,,,\n`;
    expect(read(file).links.map(({ partner }) => partner)).toEqual(['unknown', null]);
  });

  it('runs as no formula in a spreadsheet', () => {
    const cells = parseLines(csvOf(tenantColumns(), rows).trim(), ',').rows.flat();
    expect(cells.filter((cell) => /^[=+\-@]/.test(cell))).toEqual([]);
  });

  it('is read with semicolons, in another order of columns, and with others between', () => {
    const { links } = read(`Account;Remark;Partner ID;Tenant ID\r\nben;mine;4711001;${TENANT(1).toUpperCase()}\r\n`);
    expect(links).toEqual([
      { tenant: TENANT(1), name: TENANT(1), account: 'ben', partner: { partnerId: '4711001', name: null }, since: '' },
    ]);
  });

  it('of up to 2,000 links is read, and of one more is not', () => {
    const report = (count: number) => {
      const lines = Array.from({ length: count }, (_, at) => `A,,${TENANT(at + 1)},ben,,,,`);
      return read([HEADINGS, ...lines].join('\n'));
    };
    expect(report(2000)).toMatchObject({ links: { length: 2000 }, problems: [] });
    expect(report(2001)).toEqual({ links: [], problems: [{ kind: 'tooMany' }] });
  });

  it.each([
    ['no GUID', `A,,contoso.com,ben,4711001,,,`, { kind: 'unreadable', column: 'Tenant ID', written: 'contoso.com' }],
    ['no account', `A,,${TENANT(1)},,4711001,,,`, { kind: 'unreadable', column: 'Account', written: '' }],
    [
      'a rounded ID',
      `A,,${TENANT(1)},ben,4.7E+06,,,`,
      { kind: 'unreadable', column: 'Partner ID', written: '4.7E+06' },
    ],
    ['a row that is too short', `A,,${TENANT(1)}`, { kind: 'tooShort', column: 'Account' }],
    ['a row that is too long', `A,,${TENANT(1)},ben,4711001,,,,more`, { kind: 'tooLong', cells: 9, columns: 8 }],
  ])('names the line that has %s, and reads the others', (_what, line, problem) => {
    const { links, problems } = read(`${HEADINGS}\n${line}\nB,,${TENANT(2)},ben,,,,\n`);
    expect(problems).toEqual([{ ...problem, line: 2 }]);
    expect(links.map(({ name }) => name)).toEqual(['B']);
  });

  it('names what stands there twice, and cuts off nothing without saying so', () => {
    const long = 'x'.repeat(401);
    const { problems } = read(
      `${HEADINGS}\nA,,${TENANT(1)},ben,,,,\nA,,${TENANT(1)},ben,4711001,,,\n${long},,${TENANT(2)},ben,,,,\n`,
    );
    expect(problems).toEqual([
      { kind: 'twice', line: 3, first: 2 },
      { kind: 'unreadable', line: 4, column: 'Tenant', written: 'x'.repeat(400) },
    ]);
  });

  it.each([
    ['is empty', '', [{ kind: 'empty' }]],
    ['has other columns', 'a,b\n1,2\n', ['Tenant ID', 'Account', 'Partner ID']],
  ])('that %s is none', (_what, file, expected) => {
    const { links, problems } = read(file);
    expect(links).toEqual([]);
    expect(problems.map((problem) => ('column' in problem ? problem.column : problem))).toEqual(expected);
  });
});

describe('Several people’s links side by side', () => {
  const link = (tenant: number, account: string, partner: typeof CONTOSO | null | 'unknown') => ({
    tenant: TENANT(tenant),
    name: `Tenant ${tenant}`,
    account,
    partner,
    since: '',
  });

  it('are told tenant by tenant, one’s own first, those last that one does not reach', () => {
    const tenants = sideBySide(
      [link(1, 'ada', CONTOSO), link(2, 'ada', null)],
      [{ file: 'ben.csv', links: [link(3, 'ben', FABRIKAM), link(1, 'ben', CONTOSO)] }],
    );
    expect(tenants.map(({ tenant, links }) => [tenant, links.map(({ account, report }) => [account, report])])).toEqual(
      [
        [
          TENANT(1),
          [
            ['ada', null],
            ['ben', 'ben.csv'],
          ],
        ],
        [TENANT(2), [['ada', null]]],
        [TENANT(3), [['ben', 'ben.csv']]],
      ],
    );
  });

  it.each([
    ['the same partner', CONTOSO, false],
    ['another partner', FABRIKAM, true],
    ['none', null, true],
    ['what nobody has read', 'unknown', false],
  ] as const)('differ where a colleague has %s: %s', (_what, partner, differ) => {
    const [tenant] = sideBySide([link(1, 'ada', CONTOSO)], [{ file: 'ben.csv', links: [link(1, 'ben', partner)] }]);
    expect(tenant?.differ).toBe(differ);
  });
});
