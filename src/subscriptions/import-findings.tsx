import { useState } from 'preact/hooks';
import type { ImportFile } from '../domain/import-file';
import { visibleText } from '../domain/visible-text';
import { Announced } from '../ui/announce';
import { listed, t } from '../words/words';
import { importProblemText, type ImportProblem, linesText } from './import-words';
import { Paged, ROWS_AT_ONCE } from './paged';

interface ImportFindingsProps {
  /** What the file is called. */
  readonly name: string;
  readonly file: ImportFile;
  /** All of them, those of the file too, in the order of their lines. */
  readonly problems: readonly ImportProblem[];
  /** The lines of rows that ask for a Partner ID of unusual length where it is not yet. */
  readonly unusual: readonly number[];
}

/** What was found in a file, and what is wrong with it, line by line. */
export function ImportFindings({ name, file, problems, unusual }: ImportFindingsProps) {
  const { rows, repeated, ignored } = file;
  const found =
    rows.length === 0 ? t('imports.nothing', { name }) : t('imports.readFrom', { name, count: rows.length });
  const wrong = problems.length === 0 ? '' : ` ${t('imports.problemCount', { count: problems.length })}`;
  return (
    <div class="stack-tight">
      <Announced words={`${found}${wrong}`} tone={problems.length === 0 ? 'plain' : 'warn'} />
      {ignored.length > 0 && (
        <p class="muted small">{t('imports.ignored', { columns: listed(ignored.map(visibleText)) })}</p>
      )}
      {repeated.length > 0 && <p class="muted small">{t('imports.repeated', { count: repeated.length })}</p>}
      {unusual.length > 0 && <p class="small">{t('imports.unusual', { lines: linesText(unusual) })}</p>}
      {problems.length > 0 && <Problems problems={problems} />}
    </div>
  );
}

function Problems({ problems }: Pick<ImportFindingsProps, 'problems'>) {
  const [from, setFrom] = useState(0);
  // There may be fewer by now.
  const first = from < problems.length ? from : 0;
  const end = first + ROWS_AT_ONCE;
  return (
    <Paged
      label={t('imports.problems')}
      from={first}
      count={problems.length}
      onPrevious={first === 0 ? null : () => setFrom(first - ROWS_AT_ONCE)}
      onNext={end >= problems.length ? null : () => setFrom(end)}
    >
      {problems.slice(first, end).map((problem, at) => (
        <li key={first + at} class="import-problem">
          {importProblemText(problem)}
        </li>
      ))}
    </Paged>
  );
}
