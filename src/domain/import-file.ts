import { type PartnerId, parsePartnerId } from './partner';
import { readPastedIds } from './pasted-ids';
import { type PastedPartnerIdProblem, pastedPartnerId } from './pasted-partner-id';
import { pastedId, withoutUnseen } from './pasted-text';
import { parseSubscriptionId, type SubscriptionId } from './subscription';
import {
  isEmptyLine,
  type ParsedTable,
  type RowProblem,
  readTableRow,
  type Separator,
  type TableLine,
  tableLines,
  type TableProblem,
  type TableRow,
  tableText,
} from './table';

/** The columns of a file of changes. */
export type ImportColumn = 'subscriptionId' | 'partnerId' | 'connection';

/** What one row asks for. `after` null: no partner any more. */
export interface ImportRow {
  /** The line of the file on which it begins. */
  readonly line: number;
  readonly subscriptionId: SubscriptionId;
  /** What the file calls its connection; empty where it does not say. */
  readonly connection: string;
  readonly after: PartnerId | null;
  /** Most Partner IDs are longer, or shorter: a leading zero may be lost. */
  readonly unusualLength: boolean;
}

/**
 * Why a cell is no ID.
 *
 * - `rounded`: a spreadsheet's short form of a long number (`1.23E+06`), whose digits are lost
 * - `noValue`: what a spreadsheet shows in place of a value (`#REF!`, `####`)
 * - `unfit`: no address can name it, or it is too long
 */
export type ImportedIdProblem = PastedPartnerIdProblem | 'rounded' | 'noValue' | 'unfit';

/**
 * What is wrong with a file of changes, or with a row of it. `contradiction`: the rows on these lines want different partners for
 * one subscription, so none of them counts.
 */
export type ImportFileProblem =
  | TableProblem<ImportColumn>
  /** The first line names the columns, and no other is there. */
  | { readonly kind: 'noRows'; readonly line: number }
  | {
      readonly kind: 'notAnId';
      readonly line: number;
      readonly column: ImportColumn;
      readonly written: string;
      readonly problem: ImportedIdProblem;
    }
  | {
      readonly kind: 'contradiction';
      readonly line: number;
      readonly lines: readonly number[];
      readonly subscriptionId: SubscriptionId;
    };

/** What a file of changes holds. */
export interface ImportFile {
  /** Each subscription once, in the order of the file. */
  readonly rows: readonly ImportRow[];
  /** Rows that say once more what an earlier one, on line `first`, says. */
  readonly repeated: readonly { readonly line: number; readonly first: number }[];
  /** In the order of their lines. A row of the file has one at most. */
  readonly problems: readonly ImportFileProblem[];
  /** The headings of further columns, which are not looked at. */
  readonly ignored: readonly string[];
}

/** What a parser found in some lines. `row`: the first in which a quotation mark is wrong. */
export interface ParsedLines {
  readonly rows: ParsedTable['rows'];
  readonly wrongQuotes: { readonly row: number; readonly are: 'unclosed' | 'misplaced' } | null;
}

/** What reading a file takes from outside. */
export interface ImportTools {
  readonly parse: (lines: string, separator: Separator) => ParsedLines;
  /** What our own exports call the columns, in the language of the page. */
  readonly titles: Readonly<Record<ImportColumn, string>>;
  /** Called between slices, with how many of all lines are read: keys are answered meanwhile. Throws where it is to end. */
  readonly pause: (read: number, all: number) => Promise<void>;
}

/** So many lines are read at a time; a cell in quotes that goes on for longer is not closed. */
const SLICE = 200;
const LONGEST_WRITTEN = 80;

/** Headings in small letters, without spaces and signs. */
const SUBSCRIPTION_HEADINGS = ['subscriptionid', 'subscriptionguid'];
/** What is wanted, in a table that says who the partner is now as well. */
const WANTED_HEADINGS = ['newpartnerid', 'wantedpartnerid'];
const PARTNER_HEADINGS = ['partnerid', 'mpnid', 'partnerofrecordid'];

const GUID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
/** Most IDs are so: nothing in them is to be forgiven, which is what takes the time of reading one. */
const PLAIN_GUID = new RegExp(`^${GUID}$`, 'i');
const PLAIN_PARTNER_ID = /^[0-9]+$/;
/** What is left around a cell by a program that writes, or escapes, quotation marks once too often, or by a spreadsheet's mark of a text. */
const QUOTES = `["'‘’“”„]*`;
const QUOTED_PARTNER_ID = new RegExp(`^${QUOTES}([0-9]+)${QUOTES}$`);
/** What programs that write letters make of a hyphen. */
const HYPHENS = /[\u2010-\u2015\u2212]/g;
/** A long number as a spreadsheet shortens it; one without a sign could be an ID. */
const SHORTENED = /^(?:[\d.,]+e[+-]|\d+[.,]\d+e\d+$)/i;
/** What stands in a cell whose formula failed, in any language of the program, or which is too narrow for its number. */
const NO_VALUE = /^#(?:#+|[\p{Lu}\p{N}/ ]+[!?]|N\/A|N\/D|NV)$/u;
/** A GUID as Azure's and others' exports write it. */
const DRESSED_GUID = new RegExp(`^(?:/subscriptions/(${GUID})/?|\\{(${GUID})\\}|${QUOTES}(${GUID})${QUOTES})$`, 'i');

/**
 * Reads a file of changes: `subscriptionId,partnerId`, with headings as they are met, in any order, or of two columns without any.
 * An empty partner means that the partner is to be removed. Where one column says who is wanted (`New partner ID`), that one counts;
 * else the one column of Partner IDs does, so that an exported table can be edited and imported again. A row that fails stops no
 * other.
 */
export async function readImportFile(file: string, tools: ImportTools): Promise<ImportFile> {
  const rows = rowsBySubscription();
  const problems: ImportFileProblem[] = [];
  let count = 0;
  let headings = 1;
  let head: Head | null = null;
  for await (const line of linesOf(file, tools)) {
    if ('kind' in line) {
      problems.push(line);
      continue;
    }
    if (isEmptyLine(line)) continue;
    if (head === null) {
      head = headOf(line, tools.titles);
      if (head.problems.length > 0)
        return { rows: [], repeated: [], problems: [...problems, ...head.problems], ignored: [] };
      if (head.isHeading) {
        headings = line.line;
        continue;
      }
    }
    count += 1;
    const row = rowOf(readTableRow(line, head.found));
    if ('kind' in row) problems.push(row);
    else rows.add(row);
  }
  if (count === 0 && problems.length === 0)
    problems.push(head === null ? { kind: 'empty' } : { kind: 'noRows', line: headings });
  const { once, repeated, contradictions } = rows.found();
  const all = [...problems, ...contradictions].toSorted((one, other) => lineOf(one) - lineOf(other));
  return { rows: once, repeated, problems: all, ignored: head?.ignored ?? [] };
}

/** The Partner IDs that rows assign, each once, in the order in which they come. */
export function partnersIn(rows: readonly ImportRow[]): readonly PartnerId[] {
  return [...new Set(rows.flatMap(({ after }) => (after === null ? [] : [after])))];
}

/**
 * The rows of a file, slice by slice. Behind a row whose quotation marks are wrong it goes on with the next line: what the parser
 * made of the lines below is a part of that row's cell.
 */
async function* linesOf(
  file: string,
  { parse, pause }: ImportTools,
): AsyncGenerator<TableLine | Extract<RowProblem<ImportColumn> | TableProblem<ImportColumn>, { kind: 'quotes' }>> {
  const { text, separator, firstLine } = tableText(file);
  const lines = text.split('\n');
  let at = 0;
  while (at < lines.length) {
    const isLast = at + SLICE >= lines.length;
    const parsed = parse(lines.slice(at, at + SLICE).join('\n'), separator);
    const found = tableLines(parsed.rows, firstLine + at);
    const { wrongQuotes } = parsed;
    if (wrongQuotes === null) {
      yield* found;
      at += SLICE;
    } else {
      const wrong = found[wrongQuotes.row]?.line ?? firstLine + at;
      yield* found.slice(0, wrongQuotes.row);
      const isCut = wrongQuotes.are === 'unclosed' && !isLast && wrong > firstLine + at;
      if (!isCut) yield { kind: 'quotes', line: wrong };
      at = wrong - firstLine + (isCut ? 0 : 1);
    }
    await pause(Math.min(at, lines.length), lines.length);
  }
}

interface Head {
  readonly found: readonly (ImportColumn | null)[];
  readonly ignored: readonly string[];
  readonly problems: readonly TableProblem<ImportColumn>[];
  /** Whether the row names the columns; else it is one of the table already. */
  readonly isHeading: boolean;
}

/** What the first row that is not empty says of the columns. */
function headOf({ line, cells }: TableLine, titles: ImportTools['titles']): Head {
  const names = cells.map(headingName);
  const columnsNamed = (known: readonly string[]) =>
    names.flatMap((name, index) => (known.includes(name) ? [index] : []));
  const subscriptions = columnsNamed([...SUBSCRIPTION_HEADINGS, headingName(titles.subscriptionId)]);
  const wanted = columnsNamed(WANTED_HEADINGS);
  const partners = wanted.length > 0 ? wanted : columnsNamed([...PARTNER_HEADINGS, headingName(titles.partnerId)]);
  if (subscriptions.length + partners.length === 0 && isPair(cells)) {
    return { found: ['subscriptionId', 'partnerId'], ignored: [], problems: [], isHeading: false };
  }
  const connections = columnsNamed([headingName(titles.connection)]);
  const found = cells.map((_, index) => {
    if (subscriptions.includes(index)) return 'subscriptionId';
    // Of several, and in other files, it can be anything.
    if (connections.length === 1 && connections.includes(index)) return 'connection';
    return partners.includes(index) ? 'partnerId' : null;
  });
  const ignored = cells.filter((heading, index) => heading !== '' && found[index] === null);
  const problems = (['subscriptionId', 'partnerId'] as const).flatMap((column): TableProblem<ImportColumn>[] => {
    const count = found.filter((one) => one === column).length;
    if (count === 0) return [{ kind: 'missingColumn', line, column, others: ignored }];
    return count > 1 ? [{ kind: 'repeatedColumn', line, column }] : [];
  });
  return { found, ignored, problems, isHeading: true };
}

function headingName(heading: string): string {
  return withoutUnseen(heading)
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

/** Whether a row without headings above it is a subscription and its partner; no heading is a number, or a GUID. */
function isPair([subscription = '', partner = '', ...others]: readonly string[]): boolean {
  const isRow =
    PLAIN_GUID.test(bare(subscription)) || (subscription !== '' && pastedPartnerId(barePartner(partner)).ok);
  return isRow && others.every((cell) => cell === '');
}

function rowOf(row: TableRow<ImportColumn> | RowProblem<ImportColumn>): ImportRow | ImportFileProblem {
  if ('kind' in row) return row;
  const { line, cells } = row;
  const connection = cells.connection ?? '';
  const not = (column: ImportColumn, written: string, problem: ImportedIdProblem): ImportFileProblem => ({
    kind: 'notAnId',
    line,
    column,
    written: written.length > LONGEST_WRITTEN ? `${written.slice(0, LONGEST_WRITTEN)}…` : written,
    problem,
  });
  const subscription = bare(cells.subscriptionId ?? '');
  const id = subscriptionIdIn(subscription);
  if (!id.ok) return not('subscriptionId', subscription, id.problem);
  const partner = barePartner(cells.partnerId ?? '');
  if (partner === '') return { line, connection, subscriptionId: id.subscriptionId, after: null, unusualLength: false };
  const parsed = PLAIN_PARTNER_ID.test(partner) ? parsePartnerId(partner) : pastedPartnerId(partner);
  if (!parsed.ok) return not('partnerId', partner, damageIn(partner) ?? parsed.problem);
  const { partnerId, unusualLength } = parsed;
  return { line, connection, subscriptionId: id.subscriptionId, after: partnerId, unusualLength };
}

/** A cell without the formula by which some exports keep a number as it is: `="0123456"`. */
function bare(cell: string): string {
  return /^="([^"]*)"$/.exec(cell)?.[1]?.trim() ?? cell;
}

function barePartner(cell: string): string {
  const text = bare(cell);
  return QUOTED_PARTNER_ID.exec(text)?.[1] ?? text;
}

type ReadSubscriptionId =
  | { readonly ok: true; readonly subscriptionId: SubscriptionId }
  | { readonly ok: false; readonly problem: ImportedIdProblem };

function subscriptionIdIn(cell: string): ReadSubscriptionId {
  const plain = PLAIN_GUID.test(cell) ? parseSubscriptionId(cell) : null;
  if (plain !== null) return { ok: true, subscriptionId: plain };
  const pasted = pastedId(cell);
  if (!pasted.ok) return pasted;
  if (pasted.text === '') return { ok: false, problem: 'empty' };
  if (SHORTENED.test(pasted.text)) return { ok: false, problem: 'rounded' };
  if (NO_VALUE.test(pasted.text)) return { ok: false, problem: 'noValue' };
  const [, inPath, inBraces, inQuotes] = DRESSED_GUID.exec(pasted.text.replace(HYPHENS, '-')) ?? [];
  const subscriptionId = parseSubscriptionId(inPath ?? inBraces ?? inQuotes ?? pasted.text);
  return subscriptionId === null ? { ok: false, problem: 'unfit' } : { ok: true, subscriptionId };
}

/** What a spreadsheet has made of a number; null where it is not that. */
function damageIn(cell: string): 'rounded' | 'grouped' | 'noValue' | null {
  if (NO_VALUE.test(cell)) return 'noValue';
  const [item, ...others] = readPastedIds(cell).items;
  if (item === undefined || others.length > 0 || !('problem' in item)) return null;
  return item.problem === 'rounded' || item.problem === 'grouped' ? item.problem : null;
}

/** The rows of a file by their subscriptions, and connections: what is said of one again is told apart from what is said first. */
function rowsBySubscription() {
  const all = new Map<string, ImportRow[]>();
  return {
    add(row: ImportRow) {
      const key = `${row.subscriptionId}\n${row.connection}`;
      const others = all.get(key);
      if (others === undefined) all.set(key, [row]);
      else others.push(row);
    },
    found() {
      const once: ImportRow[] = [];
      const repeated: { line: number; first: number }[] = [];
      const contradictions: ImportFileProblem[] = [];
      for (const rows of all.values()) {
        const [one, ...others] = rows;
        if (one === undefined) continue;
        const { line, subscriptionId, after } = one;
        if (others.some((other) => other.after !== after)) {
          const lines = rows.map((row) => row.line);
          contradictions.push({ kind: 'contradiction', line, lines, subscriptionId });
        } else {
          once.push(one);
          repeated.push(...others.map((other) => ({ line: other.line, first: line })));
        }
      }
      return { once, repeated, contradictions };
    },
  };
}

function lineOf(problem: ImportFileProblem): number {
  return problem.kind === 'empty' ? 0 : problem.line;
}
