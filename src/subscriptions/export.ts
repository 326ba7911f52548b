import { type PartnerState, subscriptionName } from '../domain/partner-state';
import type { SpreadsheetCell, SpreadsheetColumn } from '../domain/spreadsheet';
import { nameOrId, type SubscriptionId } from '../domain/subscription';
import { csvOfMany } from '../ui/csv';
import { downloadBlob } from '../ui/download';
import { pauses } from '../ui/pause';
import { workbookOf } from '../ui/workbook';
import { t } from '../words/words';

/** A row of the subscriptions page. */
export interface ExportedSubscription {
  readonly subscriptionId: SubscriptionId;
  /** The connection's name, where there are others; null where there is no other. */
  readonly connection: string | null;
  /** As it was read last; null where nobody knows. */
  readonly state: PartnerState | null;
}

export type ExportFormat = 'csv' | 'xlsx';

/** `tooManyRows`: a spreadsheet program would not open them in a reasonable time, or at all. */
export type ExportAnswer =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly problem: 'tooManyRows' };

export const MOST_WORKBOOK_ROWS = 100_000;

/**
 * Hands the person those rows as a file. Its "Partner ID" is who is there now; edited and imported again, it is who is wanted: rows
 * that were not touched are so already.
 * @param now milliseconds since the epoch
 */
export function exportSubscriptions(
  rows: readonly ExportedSubscription[],
  format: ExportFormat,
  now: number,
  signal: AbortSignal,
): Promise<ExportAnswer> {
  return exportTable(`subscriptions-${day(now)}`, subscriptionColumns(rows), rows, format, signal);
}

/**
 * Hands the person a table as a file.
 * @param name of the file, without its ending
 */
export async function exportTable<Row>(
  name: string,
  columns: readonly SpreadsheetColumn<Row>[],
  rows: readonly Row[],
  format: ExportFormat,
  signal: AbortSignal,
): Promise<ExportAnswer> {
  if (format === 'xlsx' && rows.length > MOST_WORKBOOK_ROWS) return { ok: false, problem: 'tooManyRows' };
  const file = `${name}.${format}`;
  downloadBlob(file, await fileOf(columns, rows, format, signal));
  return { ok: true, file };
}

async function fileOf<Row>(
  columns: readonly SpreadsheetColumn<Row>[],
  rows: readonly Row[],
  format: ExportFormat,
  signal: AbortSignal,
): Promise<Blob> {
  switch (format) {
    case 'csv':
      return csvOfMany(columns, rows, pauses(signal));
    case 'xlsx':
      return workbookOf(columns, rows, pauses(signal));
  }
}

/** The columns, in the order in which they are written. */
export function subscriptionColumns(
  rows: readonly ExportedSubscription[],
): readonly SpreadsheetColumn<ExportedSubscription>[] {
  return [
    { title: t('history.columns.subscriptionId'), value: ({ subscriptionId }) => subscriptionId },
    {
      title: t('history.columns.subscription'),
      value: ({ subscriptionId, state }) => subscriptionName(subscriptionId, state),
    },
    // Unknown is not none: an empty cell would be imported as a removal.
    {
      title: t('history.columns.partnerId'),
      value: ({ state }) => (state === null ? t('exports.unknown') : (state.partnerOfRecord?.partnerId ?? '')),
    },
    { title: t('subscriptions.columns.partner'), value: ({ state }) => state?.partnerOfRecord?.name ?? '' },
    { title: t('subscriptions.columns.since'), value: ({ state }) => dateCell(state?.partnerOfRecord?.assignedAt) },
    { title: t('exports.columns.assignedBy'), value: ({ state }) => state?.partnerOfRecord?.assignedBy ?? '' },
    {
      title: t('subscriptions.columns.service'),
      value: ({ state }) => (state?.subscription ? t(`services.${state.subscription.service}`) : ''),
    },
    {
      title: t('subscriptions.columns.customer'),
      value: ({ state }) =>
        state?.subscription ? nameOrId(state.subscription.customer.name, state.subscription.customer.id) : '',
    },
    { title: t('exports.columns.customerId'), value: ({ state }) => state?.subscription?.customer.id ?? '' },
    { title: t('exports.columns.state'), value: ({ state }) => state?.subscription?.state ?? '' },
    { title: t('exports.columns.endDate'), value: ({ state }) => dateCell(state?.subscription?.endDate) },
    {
      title: t('subscriptions.columns.role'),
      value: ({ state }) => (state?.rights.role ? t(`rights.roles.${state.rights.role}`) : ''),
    },
    ...(rows.some(({ connection }) => connection !== null)
      ? [{ title: t('history.columns.connection'), value: ({ connection }: ExportedSubscription) => connection ?? '' }]
      : []),
  ];
}

/** The day of a moment in RFC 3339. */
function dateCell(moment: string | null | undefined): SpreadsheetCell {
  return moment ? { date: moment.slice(0, 10) } : '';
}

function day(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
