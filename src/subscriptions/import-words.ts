import type { ImportColumn, ImportedIdProblem, ImportFileProblem } from '../domain/import-file';
import type { ImportMatchProblem } from '../domain/import-match';
import { visibleText } from '../domain/visible-text';
import { listed, t } from '../words/words';

/** A problem of a row, or of the whole file. */
export type ImportProblem = ImportFileProblem | Exclude<ImportMatchProblem, { kind: 'notChecked' }>;

/** So many lines are named in a sentence. */
const MOST_LINES = 5;

/** What is wrong with a file, or with a row of it; with its line, where it has one. */
export function importProblemText(problem: ImportProblem): string {
  const words = problemText(problem);
  return problem.kind === 'empty' ? words : t('imports.line', { line: problem.line, problem: words });
}

/** The numbers of lines in one sentence, the first of them where there are many. */
export function linesText(lines: readonly number[]): string {
  const named = lines.slice(0, MOST_LINES).map(String);
  return lines.length > MOST_LINES ? t('imports.moreLines', { lines: named.join(', ') }) : listed(named);
}

function problemText(problem: ImportProblem): string {
  switch (problem.kind) {
    case 'empty':
    case 'noRows':
    case 'quotes':
      return t(`imports.problem.${problem.kind}`);
    case 'missingColumn':
    case 'repeatedColumn':
    case 'tooShort':
      return t(`imports.problem.${problem.kind}`, { column: columnTitle(problem.column) });
    case 'tooLong':
      return t('imports.problem.tooLong', { cells: problem.cells, columns: problem.columns });
    case 'notAnId':
      return notAnIdText(problem);
    case 'contradiction':
      return t('imports.problem.contradiction', {
        lines: linesText(problem.lines),
        subscription: visibleText(problem.subscriptionId),
      });
    case 'notListed':
      return t('imports.problem.notListed', { subscription: visibleText(problem.subscriptionId) });
    case 'unknownConnection':
      return t('imports.problem.unknownConnection', { connection: visibleText(problem.connection) });
    case 'unknownPartner':
      return t('imports.problem.unknownPartner', { partner: problem.partnerId });
  }
}

function notAnIdText({ column, problem, ...cell }: Extract<ImportProblem, { kind: 'notAnId' }>): string {
  const written = visibleText(cell.written);
  if (problem === 'noValue' || problem === 'rounded') return t(`imports.problem.${problem}`, { written });
  if (column === 'subscriptionId') {
    switch (problem) {
      case 'empty':
      case 'reordered':
        return t(`imports.problem.subscriptionId.${problem}`);
      default:
        return t('imports.problem.subscriptionId.unfit', { written });
    }
  }
  return t('imports.problem.partnerId', { written, problem: partnerIdText(problem) });
}

function partnerIdText(problem: Exclude<ImportedIdProblem, 'noValue' | 'rounded'>): string {
  switch (problem) {
    case 'unfit':
      return t('partnerId.notDigits');
    default:
      return t(`partnerId.${problem}`);
  }
}

function columnTitle(column: ImportColumn): string {
  return t(`history.columns.${column}`);
}
