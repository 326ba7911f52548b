import Papa from 'papaparse';
import * as v from 'valibot';
import { parsePartnerId } from '../../src/domain/partner';
import { storableText } from './edge';
import { mailAddress } from './mail/address';
import type { PartnerEntry } from './partner-directory';

const COLUMNS = ['partnerId', 'name', 'location', 'mail'] as const;
type Column = (typeof COLUMNS)[number];
const NEEDED: readonly Column[] = ['partnerId', 'name'];

/** The partners of a CSV file; or, when anything in it is wrong, one sentence for each thing, with its line. */
export type PartnersCsv =
  | { readonly ok: true; readonly partners: readonly PartnerEntry[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a CSV file whose first line names its columns: partnerId and name, and if wished location and mail, in any order. A
 * column that is not there says nothing; an empty cell of one that is says that there is none.
 */
export function readPartnersCsv(text: string): PartnersCsv {
  const { data, errors } = Papa.parse<string[]>(text.replace(/^\ufeff/, ''), { skipEmptyLines: false });
  const quotes = errors.find((error) => error.type === 'Quotes');
  const rows = withLines(data);
  if (quotes !== undefined) {
    const line = rows[quotes.row ?? 0]?.line ?? 1;
    return { ok: false, problems: [`Line ${line}: a quotation mark is not closed, or stands in the midst of a cell.`] };
  }
  const [header, ...body] = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  if (header === undefined) return { ok: false, problems: ['The file is empty.'] };
  const columns = readHeader(header.cells);
  if (!columns.ok) return { ok: false, problems: columns.problems.map((problem) => `Line ${header.line}: ${problem}`) };

  const partners: PartnerEntry[] = [];
  const problems: string[] = [];
  const lineOf = new Map<string, number>();
  for (const { line, cells } of body) {
    const row = readRow(columns.columns, cells);
    if (!row.ok) {
      problems.push(...row.problems.map((problem) => `Line ${line}: ${problem}`));
      continue;
    }
    const before = lineOf.get(row.partner.partnerId);
    if (before !== undefined) problems.push(`Line ${line}: ${row.partner.partnerId} stands on line ${before} already.`);
    lineOf.set(row.partner.partnerId, line);
    partners.push(row.partner);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, partners };
}

interface Row {
  /** The line of the file that the row begins on; a quoted cell can go on over several. */
  readonly line: number;
  readonly cells: readonly string[];
}

function withLines(rows: readonly string[][]): Row[] {
  let line = 1;
  return rows.map((cells) => {
    const row = { line, cells };
    line += 1 + cells.reduce((breaks, cell) => breaks + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
    return row;
  });
}

function readHeader(
  cells: readonly string[],
): { ok: true; columns: readonly Column[] } | { ok: false; problems: readonly string[] } {
  const columns: Column[] = [];
  const problems: string[] = [];
  for (const cell of cells) {
    const column = COLUMNS.find((name) => name.toLowerCase() === cell.trim().toLowerCase());
    if (column === undefined) problems.push(`“${cell.trim()}” is no column; the columns are ${COLUMNS.join(', ')}.`);
    else if (columns.includes(column)) problems.push(`the column ${column} is there twice.`);
    else columns.push(column);
  }
  for (const column of NEEDED) if (!columns.includes(column)) problems.push(`the column ${column} is missing.`);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, columns };
}

const name = v.pipe(storableText, v.nonEmpty('The name is empty.'));

function readRow(
  columns: readonly Column[],
  cells: readonly string[],
): { ok: true; partner: PartnerEntry } | { ok: false; problems: readonly string[] } {
  if (cells.length !== columns.length) {
    return { ok: false, problems: [`there are ${cells.length} cells, and ${columns.length} columns.`] };
  }
  const problems: string[] = [];
  const cellOf = (column: Column) => {
    const index = columns.indexOf(column);
    return index < 0 ? undefined : (cells[index] ?? '').trim();
  };
  function read<Schema extends v.GenericSchema<string, string>>(schema: Schema, text: string): string {
    const result = v.safeParse(schema, text);
    if (!result.success) problems.push(result.issues[0].message);
    return text;
  }

  const id = parsePartnerId(cellOf('partnerId') ?? '');
  if (!id.ok) problems.push(`“${cellOf('partnerId')}” is not a Partner ID: ${id.problem}.`);
  const location = cellOf('location');
  const mail = cellOf('mail');
  const partner = {
    name: read(name, cellOf('name') ?? ''),
    ...(location !== undefined && { location: location === '' ? null : read(storableText, location) }),
    ...(mail !== undefined && { mail: mail === '' ? null : read(mailAddress, mail) }),
  };
  return id.ok && problems.length === 0
    ? { ok: true, partner: { partnerId: id.partnerId, ...partner } }
    : { ok: false, problems };
}
