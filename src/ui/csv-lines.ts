import Papa from 'papaparse';
import type { ParsedLines } from '../domain/import-file';
import type { Separator } from '../domain/table';

/** Parses some lines of a CSV file. */
export function parseLines(lines: string, separator: Separator): ParsedLines {
  const { data, errors } = Papa.parse<string[]>(lines, { delimiter: separator, newline: '\n' });
  const quotes = errors.find(({ type }) => type === 'Quotes');
  if (quotes === undefined) return { rows: data, wrongQuotes: null };
  const are = quotes.code === 'MissingQuotes' ? 'unclosed' : 'misplaced';
  return { rows: data, wrongQuotes: { row: quotes.row ?? 0, are } };
}
