import { parseGuid } from './guid';
import type { PartnerId, PartnerRef } from './partner';
import { pastedPartnerId } from './pasted-partner-id';
import { type ParsedTable, readTable, type TableProblem } from './table';

/** The columns of somebody's report of their links, in the order in which they are written. */
export const REPORT_COLUMNS = [
  'tenant',
  'domain',
  'tenantId',
  'account',
  'partnerId',
  'partner',
  'state',
  'since',
] as const;
export type ReportColumn = (typeof REPORT_COLUMNS)[number];

/** What stands in a report of one account's link in one tenant. */
export interface ReportedLink {
  /** A GUID in lower case. */
  readonly tenant: string;
  /** What people call the tenant. */
  readonly name: string;
  /** What people call the account. */
  readonly account: string;
  /** Null: the account has no link there; `unknown`: nobody had read it. */
  readonly partner: PartnerRef | null | 'unknown';
  /** As it was written; empty where it was not. */
  readonly since: string;
}

/** How a report calls its columns, and a link that was not read. */
export interface ReportWords {
  readonly columns: Readonly<Record<ReportColumn, string>>;
  readonly unknown: string;
}

/** What is wrong with a report, or with a line of it. Columns are named as the report names them. */
export type ReportProblem =
  | TableProblem<string>
  /** It has more than {@link MOST_REPORTED_LINKS} lines, and none of them is read. */
  | { readonly kind: 'tooMany' }
  /** Something else stands where an ID or a name is to stand. */
  | { readonly kind: 'unreadable'; readonly line: number; readonly column: string; readonly written: string }
  /** The line `first` says something of the same tenant and account. */
  | { readonly kind: 'twice'; readonly line: number; readonly first: number };

export interface LinkReport {
  readonly links: readonly ReportedLink[];
  /** In the order of their lines. What is wrong with a line keeps none of the others from being read. */
  readonly problems: readonly ReportProblem[];
}

/** More than anybody's accounts reach, and as many lines as a page draws at once. */
export const MOST_REPORTED_LINKS = 2000;

/** Longer than any name that Microsoft lets a tenant, an account or a partner have. */
export const LONGEST_CELL = 400;

/** Reads a colleague's report of their links: a table that an earlier export wrote, which anybody may have altered since. */
export function readLinkReport(parsed: ParsedTable, { columns, unknown }: ReportWords): LinkReport {
  const table = readTable(parsed, Object.values(columns), [columns.tenantId, columns.account, columns.partnerId]);
  if (!table.ok) return { links: [], problems: table.problems };
  if (table.rows.length > MOST_REPORTED_LINKS) return { links: [], problems: [{ kind: 'tooMany' }] };
  const links: ReportedLink[] = [];
  const problems: ReportProblem[] = [];
  const met = new Map<string, number>();
  for (const row of table.rows) {
    if ('kind' in row) {
      problems.push(row);
      continue;
    }
    const { line, cells } = row;
    const cell = (column: ReportColumn) => cells[columns[column]] ?? '';
    const bad = (column: ReportColumn) =>
      problems.push({
        kind: 'unreadable',
        line,
        column: columns[column],
        written: cell(column).slice(0, LONGEST_CELL),
      });
    const tooLong = REPORT_COLUMNS.find((column) => cell(column).length > LONGEST_CELL);
    const tenant = parseGuid(cell('tenantId'));
    const partner = partnerIn(cell('partnerId'), cell('partner'), unknown);
    if (tooLong !== undefined) bad(tooLong);
    else if (tenant === null) bad('tenantId');
    else if (cell('account') === '') bad('account');
    else if (partner === undefined) bad('partnerId');
    else {
      const key = JSON.stringify([tenant, cell('account')]);
      const first = met.get(key);
      if (first !== undefined) problems.push({ kind: 'twice', line, first });
      else {
        met.set(key, line);
        const name = [cell('tenant'), cell('domain')].find((one) => one !== '') ?? tenant;
        links.push({ tenant, name, account: cell('account'), partner, since: cell('since') });
      }
    }
  }
  return { links, problems };
}

/** Undefined where it is no partner's ID. */
function partnerIn(written: string, name: string, unknown: string): ReportedLink['partner'] | undefined {
  if (written === '') return null;
  if (written.toLowerCase() === unknown.toLowerCase()) return 'unknown';
  const parsed = pastedPartnerId(written);
  return parsed.ok ? { partnerId: parsed.partnerId, name: name === '' ? null : name } : undefined;
}

/** The links of one tenant, those of several people beside each other. */
export interface TenantLinks {
  readonly tenant: string;
  readonly name: string;
  readonly links: readonly (ReportedLink & {
    /** The report that it stands in; null: it is the person's own. */
    readonly report: string | null;
  })[];
  /** They name different partners, or not all of them name one. */
  readonly differ: boolean;
}

/** Several people's links by tenant, in the order in which the tenants come; the person's own come first. */
export function sideBySide(
  own: readonly ReportedLink[],
  reports: readonly { readonly file: string; readonly links: readonly ReportedLink[] }[],
): readonly TenantLinks[] {
  const all = [
    ...own.map((link) => ({ ...link, report: null })),
    ...reports.flatMap(({ file, links }) => links.map((link) => ({ ...link, report: file }))),
  ];
  const byTenant = new Map<string, (typeof all)[number][]>();
  for (const link of all) {
    const known = byTenant.get(link.tenant);
    if (known === undefined) byTenant.set(link.tenant, [link]);
    else known.push(link);
  }
  return [...byTenant].map(([tenant, links]) => ({
    tenant,
    name: links.find(({ name }) => name !== tenant)?.name ?? tenant,
    links,
    differ: new Set(links.flatMap(({ partner }) => (partner === 'unknown' ? [] : [idOf(partner)]))).size > 1,
  }));
}

function idOf(partner: PartnerRef | null): PartnerId | null {
  return partner?.partnerId ?? null;
}
