import type { SpreadsheetColumn } from '../domain/spreadsheet';
import type { TenantRow } from '../messaging/protocol';
import { csvOf } from '../ui/csv';
import { download } from '../ui/download';
import { t } from '../words/words';

/** Hands the person their own links as a file. */
export function exportTenants(rows: readonly TenantRow[]): void {
  const day = new Date().toISOString().slice(0, 10);
  download(`partner-links-${day}.csv`, 'text/csv', csvOf(columns(), rows));
}

function columns(): readonly SpreadsheetColumn<TenantRow>[] {
  const partner = ({ view }: TenantRow) => view.state?.partnerOfRecord ?? null;
  const column = (title: string, value: (row: TenantRow) => string | null): SpreadsheetColumn<TenantRow> => ({
    title,
    value: (row) => value(row) ?? '',
  });
  return [
    column(t('tenants.columns.tenant'), ({ name }) => name),
    column('domain', ({ domain }) => domain),
    column('tenantId', ({ target }) => target.tenant),
    column(t('tenants.columns.account'), ({ account }) => account.name),
    column('partnerId', (row) => partner(row)?.partnerId ?? null),
    column(t('tenants.columns.partner'), (row) => partner(row)?.name ?? null),
    column(t('tenants.columns.state'), (row) => partner(row)?.state ?? null),
    column(t('tenants.columns.since'), (row) => partner(row)?.assignedAt ?? null),
  ];
}
