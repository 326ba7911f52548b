import Papa from 'papaparse';
import { csvFile, isQuoted, type SpreadsheetCell, spreadsheetTable } from '../domain/spreadsheet';

/**
 * A table as a CSV file whose cells a spreadsheet shows as what they are.
 * @param rows cells in the order of the columns
 */
export function csvOf(columns: readonly string[], rows: readonly (readonly SpreadsheetCell[])[]): string {
  return csvFile(tableOf(columns, rows, ','));
}

/** The same to be pasted into a spreadsheet, which takes tabs for the ends of cells. */
export function pasteOf(columns: readonly string[], rows: readonly (readonly SpreadsheetCell[])[]): string {
  return tableOf(columns, rows, '\t');
}

function tableOf(
  columns: readonly string[],
  rows: readonly (readonly SpreadsheetCell[])[],
  delimiter: ',' | '\t',
): string {
  return Papa.unparse(spreadsheetTable(columns, rows), { delimiter, quotes: isQuoted });
}
