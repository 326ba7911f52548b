import type { PartnerId } from './partner';
import { narrowIds, type PastedPartnerIdProblem, partnerIdIn } from './pasted-partner-id';
import { separatorLine } from './table';

/**
 * Why something in a pasted text is no Partner ID, beyond what can be wrong with one that stands alone.
 *
 * - `rounded`: a spreadsheet's short form of a long number (`4.85E+06`), whose digits are lost
 * - `phoneNumber`: it begins like one, or is called one
 */
export type PastedProblem = Exclude<PastedPartnerIdProblem, 'empty' | 'several'> | 'rounded' | 'phoneNumber';

/** One thing in a pasted text that is, or could be meant as, a Partner ID. `written`: as it stands there, without what is around it. */
export type PastedItem =
  | { readonly written: string; readonly partnerId: PartnerId; readonly unusualLength: boolean }
  | { readonly written: string; readonly problem: PastedProblem };

/** What a pasted text holds. */
export interface PastedIds {
  /** Each once, in the order in which they first stand there. */
  readonly items: readonly PastedItem[];
  /** How often one of them stood there again. */
  readonly repeated: number;
  /** How many more stand there than are looked at. */
  readonly leftOut: number;
}

/** Only the first so many are looked at. */
export const MOST_PASTED = 1000;
/** In UTF-16 units. */
export const LONGEST_PASTED = 200_000;

const LONGEST_WRITTEN = 80;

/** Words that stand beside an ID, in the text of somebody who means it well. Compared in small letters, without marks. */
const LABELS = new Set(
  'mpn mpnid partner partnerid partners ids id pla plaid location locationid global number numbers no nr num and or &'.split(
    ' ',
  ),
);
const ID_HEADING = /^(?:mpn|id)$|(?:partner|mpn|pla|location)[\s_.-]*(?:id|number|no|nr|num|code)s?\b/i;
const SEPARATORS = ['\t', ';', ',', '|'] as const;

/** Controls that part what stands beside them, but for tabs and line ends, which part more. */
const CONTROLS = /(?![\t\n\v\f\r\u0085])\p{Cc}/gu;
/** This character reverses all that follows in its line. */
const REVERSED = /\u202e.*/gu;
const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;
/** A bullet, or the number of an enumeration, with more behind it. */
const LIST_MARK = /^\s*(?:[-*•·▪–—]|\d{1,3}[.)]|\(\d{1,2}\))\s+(?=\S)/;
const DIGIT = /\p{Nd}/u;

/** What is one thing though separators stand in it, and everything else up to the next separator. */
const THING = new RegExp(
  [
    '(?<phone>\\+\\s?\\d[\\d ()./\\u00a0-]{5,}\\d|\\(\\d{2,4}\\)[ -]?\\d[\\d -]{4,}\\d)',
    '(?<called>(?<![\\p{L}\\p{N}])(?:tel|telephone|telefon|phone|mobile|mobil|cell|fax)\\b[.:]*\\s*[\\d(][\\d ()./\\u00a0-]{4,}\\d)',
    '(?<rounded>(?<![\\p{L}\\p{N}])\\d+(?:[.,]\\d+)?E[+-]\\d+(?![\\p{L}\\p{N}]))',
    "(?<grouped>(?<![\\p{L}\\p{N}.,'’-])\\d{1,3}(?<by>[.,'’ \\u00a0\\u202f])\\d{3}(?:\\k<by>\\d{3})*(?:[.,]\\d{1,2})?(?![\\p{L}\\p{N}]|[.,'’]\\d))",
    '(?<word>[^\\s,;|]+)',
  ].join('|'),
  'giu',
);
const BEFORE = /^["'\u202a\u202c\u202d`´‘’‚“”„«»‹›()[\]{}<>=#*•·▪–—:!?¿¡-]+/u;
const BEHIND = new Set('"\'\u202a\u202c\u202d`´‘’“”«»‹›()[]{}<>*.:!?…–—-');
/** `MPN:4852013`, but not `https://…`. */
const MARKED_LABEL = /^\p{L}[\p{L}_.-]*[:=#]+(?!\/\/)(?=.)/u;
/** `MPN4852013`, `partner-id-4852013`. */
const JOINED_LABEL = /^\p{L}[\p{L}_.-]*(?=\d)/u;
const SEVERAL = /^\d{5,10}(?:[/&+]\d{5,10})+$/;

/**
 * Finds the Partner IDs in a text as people have it: typed, or pasted from a spreadsheet, a mail, a CSV file. Quotes, labels,
 * headings, bullets, invisible characters and full-width signs are forgiven; of a table only the column of IDs is looked at.
 * What has digits and is no ID is named. Words are named where they are fewer than the numbers, a slip in a list; where they are
 * not, the text is a sentence or has names in it, and they are left out.
 */
export function readPastedIds(typed: string): PastedIds {
  const text = narrowIds(typed).replace(CONTROLS, ' ').replace(REVERSED, eachReversed);
  const lines = text
    .slice(separatorLine(text)?.length ?? 0)
    .split(LINE_END)
    .filter((line) => line.trim() !== '');
  const found = (idColumns(lines) ?? lines).flatMap((text) => thingsIn(text.replace(LIST_MARK, '')));
  const numbers = found.filter((thing) => thing.kind === 'number');
  if (numbers.length === 0) return gathered(wordsAlone(lines));
  const words = found.filter((thing) => thing.kind === 'word');
  // As many words as numbers: names begin with a capital letter, where their script has any.
  const isList =
    words.length < numbers.length ||
    (words.length === numbers.length && words.every(({ item }) => /^\p{Ll}/u.test(item.written)));
  return gathered((isList ? found : numbers).map(({ item }) => item));
}

interface Thing {
  readonly kind: 'number' | 'word';
  readonly item: PastedItem;
}

function thingsIn(text: string): Thing[] {
  return [...text.matchAll(THING)].flatMap(({ 0: whole, groups = {} }): Thing[] => {
    if (groups['word'] !== undefined) return thingsInWord(whole);
    if (groups['rounded'] !== undefined) return [no(whole, 'rounded')];
    return [no(whole.trim(), groups['grouped'] === undefined ? 'phoneNumber' : 'grouped')];
  });
}

function thingsInWord(word: string): Thing[] {
  const marked = withoutEdges(word).replace(MARKED_LABEL, '');
  const bare = withoutEdges(marked.replace(JOINED_LABEL, (label) => (isLabel(label) ? '' : label)));
  if (SEVERAL.test(bare)) return bare.split(/[/&+]/).map(numberOf);
  if (DIGIT.test(bare)) return [numberOf(bare)];
  const isWord = bare !== '' && !isLabel(bare) && !/[:=]$/.test(word);
  return isWord ? [{ kind: 'word', item: { written: shortened(bare), problem: 'notDigits' } }] : [];
}

/** Removes the signs around a word. The end is counted off by hand: an expression would try each place in the word anew. */
function withoutEdges(word: string): string {
  let end = word.length;
  while (BEHIND.has(word.charAt(end - 1))) end -= 1;
  return word.slice(0, end).replace(BEFORE, '');
}

function numberOf(written: string): Thing {
  const parsed = partnerIdIn(written);
  if (!parsed.ok) {
    const { problem } = parsed;
    return no(written, problem === 'empty' || problem === 'several' ? 'notDigits' : problem);
  }
  const { partnerId, unusualLength } = parsed;
  return { kind: 'number', item: { written: partnerId, partnerId, unusualLength } };
}

function no(written: string, problem: PastedProblem): Thing {
  return { kind: 'number', item: { written: shortened(written), problem } };
}

/** A text without any digit: each line is one thing that is no ID, but for labels. */
function wordsAlone(lines: readonly string[]): PastedItem[] {
  return lines
    .filter((line) => thingsIn(line).length > 0)
    .map((line) => ({ written: shortened(line.trim()), problem: 'notDigits' }));
}

/**
 * The cells of a table's ID columns, row by row; null when the lines are no table. A heading says which they are, else the cells
 * themselves do.
 */
function idColumns(lines: readonly string[]): string[] | null {
  const table = SEPARATORS.map((separator) => lines.map((line) => cellsOf(line, separator))).find(isTable);
  // A line of one cell, such as one that was typed below the table, is no row of it.
  const rows = table?.filter(({ length }) => length > 1) ?? [];
  const loose = table?.filter(({ length }) => length === 1).flat() ?? [];
  const [first, ...others] = rows;
  if (first === undefined) return null;
  const hasHeadings = first.every((cell) => !DIGIT.test(cell));
  const body = hasHeadings ? others : rows;
  const columns = first.map((_, column) => body.map((row) => row[column] ?? '').filter((cell) => cell !== ''));
  const named = first.map((heading) => hasHeadings && ID_HEADING.test(heading));
  const chosen = named.includes(true) ? named : columns.map(isMostlyIds);
  if (!chosen.includes(true)) return null;
  return [...body.flatMap((row) => row.filter((_, column) => chosen[column])), ...loose];
}

function isTable(rows: readonly (readonly string[])[]): boolean {
  const whole = rows.filter(({ length }) => length > 1);
  const [first = []] = whole;
  return whole.length > 1 && whole.every((row) => hasOnlyEmptyBehind(row, first) && hasOnlyEmptyBehind(first, row));
}

/** Whether the cells that one row has beyond a shorter one are empty: spreadsheets end their rows so. */
function hasOnlyEmptyBehind(row: readonly string[], shorter: readonly string[]): boolean {
  return row.slice(shorter.length).every((cell) => cell === '');
}

function isMostlyIds(cells: readonly string[]): boolean {
  const ids = cells.filter((cell) => thingsIn(cell).some(({ item }) => 'partnerId' in item));
  return ids.length > 0 && ids.length * 2 >= cells.length;
}

/** A line's cells, without their quotes; a separator within quotes is a part of its cell. */
function cellsOf(line: string, separator: string): string[] {
  const cells = [''];
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) cells.push('');
    else cells.push(`${cells.pop() ?? ''}${character}`);
  }
  return cells.map((cell) => cell.trim());
}

function gathered(all: readonly PastedItem[]): PastedIds {
  const items = new Map<string, PastedItem>();
  for (const item of all) {
    const key = 'partnerId' in item ? item.partnerId : `${item.problem} ${item.written}`;
    if (!items.has(key)) items.set(key, item);
  }
  const different = [...items.values()];
  return {
    items: different.slice(0, MOST_PASTED),
    repeated: all.length - different.length,
    leftOut: Math.max(different.length - MOST_PASTED, 0),
  };
}

function isLabel(word: string): boolean {
  return LABELS.has(word.toLowerCase().replace(/[_.-]/g, ''));
}

/** Each word of a text that is shown from its end, marked so by itself: what parts the words is parted first. */
function eachReversed(text: string): string {
  return text.replaceAll('\u202e', '').replace(/[^\s,;|]+/g, '\u202e$&');
}

function shortened(written: string): string {
  return written.length > LONGEST_WRITTEN ? `${written.slice(0, LONGEST_WRITTEN)}…` : written;
}
