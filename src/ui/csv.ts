import Papa from 'papaparse';
import { csvFile, isQuoted, type SpreadsheetColumn, spreadsheetTable } from '../domain/spreadsheet';

/** A table as a CSV file whose cells a spreadsheet shows as what they are. */
export function csvOf<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[]): string {
  return csvFile(tableOf(columns, rows, ','));
}

/** A part of the same for many rows, to be put behind the part before. The first, which alone may have no rows, has the headings. */
export function csvPart<Row>(
  columns: readonly SpreadsheetColumn<Row>[],
  rows: readonly Row[],
  isFirst: boolean,
): string {
  const lines = tableOf(columns, rows, ',');
  return isFirst ? csvFile(lines) : `${lines.slice(tableOf(columns, [], ',').length)}\r\n`;
}

/** So many rows are written at a time. */
const SLICE = 100;

/** The same for many rows, slice by slice. `pause` is awaited between them, so that keys are answered; it throws where it is to end. */
export async function csvOfMany<Row>(
  columns: readonly SpreadsheetColumn<Row>[],
  rows: readonly Row[],
  pause: () => Promise<void>,
): Promise<Blob> {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < rows.length; at += SLICE) {
    parts.push(csvPart(columns, rows.slice(at, at + SLICE), at === 0));
    await pause();
  }
  return new Blob(parts, { type: 'text/csv;charset=utf-8' });
}

/** The same to be pasted into a spreadsheet, which takes tabs for the ends of cells. */
export function pasteOf<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[]): string {
  return tableOf(columns, rows, '\t');
}

function tableOf<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[], delimiter: ',' | '\t'): string {
  return Papa.unparse(spreadsheetTable(columns, rows), { delimiter, quotes: isQuoted });
}
