import Papa from 'papaparse';
import * as v from 'valibot';
import { pastedPartnerId } from '../../../src/domain/pasted-partner-id';
import { type RowProblem, readTable, type TableProblem, type TableRow, tableText } from '../../../src/domain/table';
import { visibleText } from '../../../src/domain/visible-text';
import { short, storableText } from '../edge';
import { mailAddress } from '../mail/address';
import { PASTED_PARTNER_ID_PROBLEMS, writtenId } from '../pasted';
import type { PartnerEntry } from './repository';

const COLUMNS = ['partnerId', 'name', 'location', 'mail'] as const;
type Column = (typeof COLUMNS)[number];
const NEEDED: readonly Column[] = ['partnerId', 'name'];

/**
 * The partners of a CSV file, and the headings of its columns that are not read; or, when anything in it is wrong, one sentence
 * for each thing, with its line.
 */
export type PartnersCsv =
  | { readonly ok: true; readonly partners: readonly PartnerEntry[]; readonly ignored: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Reads a CSV file whose first line names its columns: partnerId and name, and if wished location and mail, in any order. A
 * column that is not there says nothing; an empty cell of one that is says that there is none.
 */
export function readPartnersCsv(file: string): PartnersCsv {
  const { text, separator, firstLine } = tableText(file);
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: separator, newline: '\n' });
  const quotes = errors.find((error) => error.type === 'Quotes');
  const badQuotes = quotes === undefined ? null : (quotes.row ?? 0);
  const table = readTable({ rows: data, badQuotes, firstLine }, COLUMNS, NEEDED);
  if (!table.ok) return { ok: false, problems: table.problems.map(sentence) };

  const partners: PartnerEntry[] = [];
  const problems: string[] = [];
  const lineOf = new Map<string, number>();
  for (const row of table.rows) {
    if ('kind' in row) {
      problems.push(sentence(row));
      continue;
    }
    const read = readPartner(row);
    if (!read.ok) {
      problems.push(...read.problems);
      continue;
    }
    const { partnerId } = read.partner;
    const before = lineOf.get(partnerId);
    if (before !== undefined) problems.push(`Line ${row.line}: ${partnerId} stands on line ${before} already.`);
    else lineOf.set(partnerId, row.line);
    partners.push(read.partner);
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, partners, ignored: table.ignored };
}

function sentence(problem: TableProblem<Column> | RowProblem<Column>): string {
  switch (problem.kind) {
    case 'empty':
      return 'The file is empty.';
    case 'quotes':
      return `Line ${problem.line}: a quotation mark is not closed, or stands in the midst of a cell.`;
    case 'missingColumn': {
      const { line, column, others } = problem;
      const named = visibleText(others.map((other) => `“${other}”`).join(', '));
      const found =
        others.length === 0 ? '' : ` ${named} ${others.length === 1 ? 'is no column' : 'are no columns'} of it.`;
      return `Line ${line}: the column ${column} is missing. The first line names the columns: ${COLUMNS.join(', ')}.${found}`;
    }
    case 'repeatedColumn':
      return `Line ${problem.line}: the column ${problem.column} is there twice.`;
    case 'tooShort':
      return `Line ${problem.line}: the row ends before the column ${problem.column}.`;
    case 'tooLong':
      return `Line ${problem.line}: there are ${problem.cells} cells, and ${problem.columns} columns. Put a name with a comma in quotation marks.`;
  }
}

const shortText = v.pipe(storableText, short);
const name = v.pipe(shortText, v.nonEmpty('The name is empty.'));

function readPartner({
  line,
  cells,
}: TableRow<Column>): { ok: true; partner: PartnerEntry } | { ok: false; problems: readonly string[] } {
  const problems: string[] = [];
  const isWrong = (column: Column, problem: string) => problems.push(`Line ${line}, ${column}: ${problem}`);
  function read<Schema extends v.GenericSchema<string, string>>(column: Column, schema: Schema, text: string): string {
    const result = v.safeParse(schema, text);
    if (result.success) return result.output;
    isWrong(column, result.issues[0].message);
    return text;
  }

  const { partnerId = '', mail } = cells;
  const id = pastedPartnerId(partnerId);
  if (!id.ok)
    isWrong('partnerId', `“${visibleText(partnerId)}” is no Partner ID. ${PASTED_PARTNER_ID_PROBLEMS[id.problem]}`);
  const partner = {
    name: read('name', name, cells.name ?? ''),
    ...(cells.location !== undefined && {
      location: cells.location === '' ? null : read('location', shortText, cells.location),
    }),
    ...(mail !== undefined && { mail: mail === '' ? null : read('mail', v.pipe(writtenId, mailAddress), mail) }),
  };
  return id.ok && problems.length === 0
    ? { ok: true, partner: { partnerId: id.partnerId, ...partner } }
    : { ok: false, problems };
}
