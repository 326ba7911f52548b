import { withoutUnseen } from './pasted-text';
import { textOfCell } from './spreadsheet';

/** What stands between the cells of a table's lines. */
export type Separator = ',' | ';' | '\t';

/** The text of a CSV file, ready to be parsed. */
export interface TableText {
  /** Line ends are `\n` all through it, in cells too, and a first line that only names the separator is gone. */
  readonly text: string;
  readonly separator: Separator;
  /** The number of the text's first line in the file. */
  readonly firstLine: number;
}

const SEPARATORS: readonly Separator[] = [',', ';', '\t'];

/**
 * Finds out what separates the cells: what a first line `sep=;` says, as spreadsheets write and heed it; else what stands most
 * often in the first line that is not empty, which has the headings: names may have commas in them, headings have none.
 */
export function tableText(file: string): TableText {
  const text = file.replace(/\r\n?/g, '\n');
  const named = separatorLine(text);
  if (named !== null) return { text: text.slice(named.length), separator: named.separator, firstLine: 2 };
  const headings = (/^.*\S.*$/m.exec(text)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const often = (separator: Separator) => headings.split(separator).length;
  const separator = SEPARATORS.reduce((most, one) => (often(one) > often(most) ? one : most), ',');
  return { text, separator, firstLine: 1 };
}

/** A first line that only names the separator, and its length with its end; null where there is none. */
export function separatorLine(text: string): { readonly separator: Separator; readonly length: number } | null {
  const [line = '', named] = /^"?sep=([,;\t])"?[^\S\r\n]*(?:\r\n?|\n|$)/i.exec(text) ?? [];
  const separator = SEPARATORS.find((one) => one === named);
  return separator === undefined ? null : { separator, length: line.length };
}

/** A table as it was parsed: every line of the text, the empty ones too. */
export interface ParsedTable {
  readonly rows: readonly (readonly string[])[];
  /** The row in which the parser found a quotation mark that is not closed or stands in the midst of a cell; null when in none. */
  readonly badQuotes: number | null;
  readonly firstLine: number;
}

/**
 * What is wrong with a table. A line is that of the file, on which a row begins: a cell in quotes can go on over several.
 *
 * - `missingColumn`: the headings do not have it; `others` are those that are no column of ours
 * - `tooShort`: a row ends before this column
 * - `tooLong`: something stands behind the last heading's cell
 */
export type TableProblem<Column extends string> =
  | { readonly kind: 'empty' }
  | { readonly kind: 'quotes'; readonly line: number }
  | {
      readonly kind: 'missingColumn';
      readonly line: number;
      readonly column: Column;
      readonly others: readonly string[];
    }
  | { readonly kind: 'repeatedColumn'; readonly line: number; readonly column: Column }
  | RowProblem<Column>;

/** What is wrong with one row. */
export type RowProblem<Column extends string> =
  | { readonly kind: 'tooShort'; readonly line: number; readonly column: Column }
  | { readonly kind: 'tooLong'; readonly line: number; readonly cells: number; readonly columns: number };

/** A row, with the text of its cells by their column, without spaces around; a column that the table does not have is absent. */
export interface TableRow<Column extends string> {
  readonly line: number;
  readonly cells: Readonly<Partial<Record<Column, string>>>;
}

export type Table<Column extends string> =
  | {
      readonly ok: true;
      /** In their order; one that can not be read stands in its place as what is wrong with it. */
      readonly rows: readonly (TableRow<Column> | RowProblem<Column>)[];
      /** The headings of further columns, which are not looked at. */
      readonly ignored: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly TableProblem<Column>[] };

/**
 * Reads a table whose first line names its columns, in any order and letter case, with spaces around or not. Empty lines count as
 * lines and as nothing else; empty cells at the end of a row, and further columns, are taken as they come. A tab or an apostrophe
 * that {@link textOfCell} knows is taken off.
 * @param columns those that are read
 * @param needed those of them without which it is no such table
 */
export function readTable<Column extends string>(
  { rows, badQuotes, firstLine }: ParsedTable,
  columns: readonly Column[],
  needed: readonly Column[],
): Table<Column> {
  const lines = tableLines(rows, firstLine);
  if (badQuotes !== null) {
    return { ok: false, problems: [{ kind: 'quotes', line: lines[badQuotes]?.line ?? firstLine }] };
  }
  const [headings, ...body] = lines.filter((line) => !isEmptyLine(line));
  if (headings === undefined) return { ok: false, problems: [{ kind: 'empty' }] };
  const { line } = headings;
  const found = headings.cells.map((heading) => {
    const name = withoutUnseen(heading).trim().toLowerCase();
    return columns.find((one) => one.toLowerCase() === name) ?? null;
  });
  const others = headings.cells.filter((heading, index) => heading !== '' && found[index] === null);
  const problems = [
    ...columns
      .filter((column) => found.indexOf(column) !== found.lastIndexOf(column))
      .map((column) => ({ kind: 'repeatedColumn', line, column }) as const),
    ...needed
      .filter((column) => !found.includes(column))
      .map((column) => ({ kind: 'missingColumn', line, column, others }) as const),
  ];
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, rows: body.map((row) => readTableRow(row, found)), ignored: others };
}

/** A row as it was parsed, with the line of the file on which it begins. Its cells are without marks and spaces around. */
export interface TableLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Parsed rows with their lines: a cell in quotes can go on over several. */
export function tableLines(rows: readonly (readonly string[])[], firstLine: number): TableLine[] {
  let line = firstLine;
  return rows.map((cells) => {
    const row = { line, cells: cells.map((cell) => textOfCell(cell).trim()) };
    line += 1 + cells.reduce((breaks, cell) => breaks + cell.split('\n').length - 1, 0);
    return row;
  });
}

/** Whether nothing stands in a row. */
export function isEmptyLine({ cells }: TableLine): boolean {
  return cells.every((cell) => cell === '');
}

/**
 * Reads one row.
 * @param found the column of each heading; null: one that is not looked at
 */
export function readTableRow<Column extends string>(
  { line, cells }: TableLine,
  found: readonly (Column | null)[],
): TableRow<Column> | RowProblem<Column> {
  const missing = found.find((column, index) => column !== null && index >= cells.length);
  if (missing !== undefined && missing !== null) return { kind: 'tooShort', line, column: missing };
  if (cells.slice(found.length).some((cell) => cell !== '')) {
    return { kind: 'tooLong', line, cells: cells.length, columns: found.length };
  }
  const read: Partial<Record<Column, string>> = {};
  found.forEach((column, index) => {
    if (column !== null) read[column] = cells[index] ?? '';
  });
  return { line, cells: read };
}
