import { unparse } from 'papaparse';

const SIGNS = String.raw`=+\-@\uff1d\uff0b\uff0d\uff20`;
/** Where a cell ends to some spreadsheet: its list separator is its locale's, and it may not heed our quotation marks. */
const SEPARATORS = String.raw`\t\n\v\f\r\u0085\u2028\u2029,;|\uff0c\uff1b`;
/**
 * Where a spreadsheet that opens or splits a cell may find a formula: at its beginning and behind each separator in it, also
 * behind spaces, invisible characters and quotation marks. Full-width signs are signs too.
 */
const FORMULA = new RegExp(`(?<=^|[${SEPARATORS}])(?=[\\p{Zs}\\p{Cf}"]*[${SIGNS}])`, 'gu');
/** A cell of nothing but such a beginning is taken apart by some. */
const BREAKS_OFF = /^(?=[\t\r\n])/;
// Without it a spreadsheet reads UTF-8 as something else.
const BYTE_ORDER_MARK = '\ufeff';

/**
 * A table as CSV that a spreadsheet opens as text only: what could run as a formula gets an apostrophe in front, a whole cell or
 * the part of one that a spreadsheet would split off.
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
  return unparse({ fields: columns.map(guarded), data: rows.map((row) => row.map(guarded)) }, { delimiter });
}

function guarded(cell: string): string {
  return cell.replace(FORMULA, "'").replace(BREAKS_OFF, "'");
}
