import Papa from 'papaparse';
import { csvFile, isQuoted, type SpreadsheetColumn, spreadsheetTable } from '../domain/spreadsheet';

/** A table as a CSV file whose cells a spreadsheet shows as what they are. */
export function csvOf<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[]): string {
  return csvFile(tableOf(columns, rows, ','));
}

/** The same to be pasted into a spreadsheet, which takes tabs for the ends of cells. */
export function pasteOf<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[]): string {
  return tableOf(columns, rows, '\t');
}

function tableOf<Row>(columns: readonly SpreadsheetColumn<Row>[], rows: readonly Row[], delimiter: ',' | '\t'): string {
  return Papa.unparse(spreadsheetTable(columns, rows), { delimiter, quotes: isQuoted });
}
