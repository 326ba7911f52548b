import type { SpreadsheetCell, SpreadsheetColumn } from '../domain/spreadsheet';
import { csvOfMany } from './csv';
import { downloadBlob } from './download';
import { pauses } from './pause';
import { workbookOf } from './workbook';

export type ExportFormat = 'csv' | 'xlsx';

/** `tooManyRows`: a spreadsheet program would not open them in a reasonable time, or at all. */
export type ExportAnswer =
  | { readonly ok: true; readonly file: string }
  | { readonly ok: false; readonly problem: 'tooManyRows' };

export const MOST_WORKBOOK_ROWS = 100_000;

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

/** The day of a moment in RFC 3339. */
export function dateCell(moment: string | null | undefined): SpreadsheetCell {
  return moment ? { date: moment.slice(0, 10) } : '';
}

/** The day of a time in milliseconds since the epoch. */
export function day(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
