import {
  LONGEST_CELL,
  REPORT_COLUMNS,
  type ReportColumn,
  type ReportedLink,
  type ReportWords,
} from '../domain/link-report';
import { partnerOf } from '../domain/partner-state';
import type { SpreadsheetCell, SpreadsheetColumn } from '../domain/spreadsheet';
import type { TenantRow } from '../messaging/protocol';
import { dateCell, day, type ExportAnswer, type ExportFormat, exportTable } from '../ui/table-file';
import { failureSentence } from '../words/failure';
import { t } from '../words/words';
import { tenantName, toldFailure } from './rows';

/** How a report calls its columns, and what was not read: a colleague's is read by the same words. */
export function reportWords(): ReportWords {
  const titles = REPORT_COLUMNS.map((column) => [column, t(`tenants.columns.${column}`)] as const);
  return { columns: Object.fromEntries(titles) as Record<ReportColumn, string>, unknown: t('exports.unknown') };
}

/**
 * Hands the person a report of their own links.
 * @param now milliseconds since the epoch
 */
export function exportTenants(
  rows: readonly TenantRow[],
  format: ExportFormat,
  now: number,
  signal: AbortSignal,
): Promise<ExportAnswer> {
  return exportTable(`partner-links-${day(now)}`, tenantColumns(), rows, format, signal);
}

/** The columns, in the order in which they are written. */
export function tenantColumns(): readonly SpreadsheetColumn<TenantRow>[] {
  const { columns, unknown } = reportWords();
  return REPORT_COLUMNS.map((column) => ({ title: columns[column], value: (row) => cellOf(row, column, unknown) }));
}

function cellOf(row: TenantRow, column: ReportColumn, unknown: string) {
  const { name, domain, target, account } = row;
  const { state } = row.view;
  const partner = state?.partnerOfRecord ?? null;
  const cells: Readonly<Record<ReportColumn, SpreadsheetCell>> = {
    tenant: name ?? '',
    domain: domain ?? '',
    tenantId: target.tenant,
    account: account.name,
    // Unknown is not none.
    partnerId: state === null ? unknown : (partner?.partnerId ?? ''),
    partner: partner?.name ?? '',
    state: state === null ? whyUnread(row) : (partner?.state ?? ''),
    since: dateCell(partner?.assignedAt),
  };
  return cells[column];
}

/** Why a link is not known, in words. */
function whyUnread(row: TenantRow): string {
  const failure = toldFailure(row);
  // A report with a longer one could not be read again.
  if (failure !== null) return failureSentence(failure, 'link').slice(0, LONGEST_CELL);
  return t(row.needsSignIn ? 'tenants.needsSignIn' : 'tenants.unknown');
}

/** A row as a report of it would say it. */
export function reported(row: TenantRow): ReportedLink {
  const { target, account, view } = row;
  const { state } = view;
  return {
    tenant: target.tenant,
    name: tenantName(row),
    account: account.name,
    partner: state === null ? 'unknown' : partnerOf(state.partnerOfRecord),
    since: state?.partnerOfRecord?.assignedAt?.slice(0, 10) ?? '',
  };
}
