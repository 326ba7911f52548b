import type { ImportFile } from '../domain/import-file';
import { visibleText } from '../domain/visible-text';
import { Announced } from '../ui/announce';
import { listed, t } from '../words/words';
import { importProblemText, type ImportProblem, linesText } from './import-words';
import { PagedRows } from './paged';

/** What is wrong with all of a file. */
const OF_FILE: readonly ImportProblem['kind'][] = ['empty', 'noRows', 'missingColumn', 'repeatedColumn'];

interface ImportFindingsProps {
  /** What the file is called. */
  readonly name: string;
  readonly file: Pick<ImportFile, 'rows' | 'repeated' | 'ignored'>;
  /** All of them, those of the file too, in the order of their lines. */
  readonly problems: readonly ImportProblem[];
  /** The lines of rows that ask for a Partner ID of unusual length where it is not yet. */
  readonly unusual: readonly number[];
  /** How many rows are of another connection. */
  readonly elsewhere: number;
}

/** What was found in a file, and what is wrong with it, line by line. */
export function ImportFindings({ name, file, problems, unusual, elsewhere }: ImportFindingsProps) {
  const { rows, repeated, ignored } = file;
  const found =
    rows.length === 0 ? t('imports.nothing', { name }) : t('imports.readFrom', { name, count: rows.length });
  // What is wrong with the whole file leaves out no row: it has none that could be read.
  const left = problems.filter(({ kind }) => !OF_FILE.includes(kind)).length;
  const wrong = left === 0 ? '' : ` ${t('imports.problemCount', { count: left })}`;
  return (
    <div class="stack-tight">
      <Announced words={`${found}${wrong}`} tone={problems.length === 0 ? 'plain' : 'warn'} />
      {ignored.length > 0 && (
        <p class="muted small">{t('imports.ignored', { columns: listed(ignored.map(visibleText)) })}</p>
      )}
      {elsewhere > 0 && <p class="small">{t('imports.otherConnection', { count: elsewhere })}</p>}
      {repeated.length > 0 && (
        <div class="muted small">
          {t('imports.repeated', { count: repeated.length })}
          <Lines lines={repeated.map(({ line }) => line)} />
        </div>
      )}
      {unusual.length > 0 && <p class="small">{t('imports.unusual', { lines: linesText(unusual) })}</p>}
      {problems.length > 0 && (
        <PagedRows label={t('imports.problems')} rows={problems}>
          {(problem, at) => (
            <li key={at} class="import-problem">
              {importProblemText(problem)}
            </li>
          )}
        </PagedRows>
      )}
    </div>
  );
}

/** Which lines a number is about, for whoever asks. */
export function Lines({ lines }: { readonly lines: readonly number[] }) {
  return (
    <details class="disclosure small">
      <summary>{t('imports.whichLines')}</summary>
      <p>{lines.join(', ')}</p>
    </details>
  );
}
