import { unparse } from 'papaparse';

// A spreadsheet runs a cell that begins so, also behind spaces and invisible characters, and full-width signs are signs too.
const FORMULA = /^(?:[\t\r\n]|[\s\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20])/u;
// Without it a spreadsheet reads UTF-8 as something else.
const BYTE_ORDER_MARK = '\ufeff';

/**
 * A table as CSV that a spreadsheet opens as text only: a cell that could run as a formula gets an apostrophe in front.
 * @param rows cells in the order of the columns
 */
export function csvOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${BYTE_ORDER_MARK}${tableOf(columns, rows, ',')}\r\n`;
}

/** The same to be pasted into a spreadsheet, which takes tabs for the ends of cells. */
export function pasteOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableOf(columns, rows, '\t');
}

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[], delimiter: ',' | '\t'): string {
  const table = { fields: [...columns], data: rows.map((row) => [...row]) };
  return unparse(table, { escapeFormulae: FORMULA, delimiter });
}
