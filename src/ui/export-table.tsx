import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../words/words';
import { Announced } from './announce';
import { Button } from './button';
import { Notice } from './notice';
import { ProblemNotice } from './problem-notice';
import { type ExportAnswer, type ExportFormat, MOST_WORKBOOK_ROWS } from './table-file';

interface ExportTableProps {
  /** Writes what the filter shows at that time, in its order. */
  readonly write: (format: ExportFormat, signal: AbortSignal) => Promise<ExportAnswer>;
}

type State =
  | { readonly is: 'idle' }
  | { readonly is: 'writing'; readonly format: ExportFormat }
  | { readonly is: 'saved'; readonly file: string }
  | { readonly is: 'tooManyRows' }
  | { readonly is: 'failed'; readonly cause: unknown };

const BUTTONS = [
  ['csv', 'exports.csv'],
  ['xlsx', 'exports.excel'],
] as const;

/** The table as a file. What was begun ends with the page. */
export function ExportTable({ write }: ExportTableProps) {
  const [state, setState] = useState<State>({ is: 'idle' });
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);
  const begin = (format: ExportFormat) => {
    setState({ is: 'writing', format });
    write(format, ended.current.signal).then(
      (answer) => setState(answer.ok ? { is: 'saved', file: answer.file } : { is: answer.problem }),
      (cause: unknown) => setState({ is: 'failed', cause }),
    );
  };
  return (
    <>
      {BUTTONS.map(([format, label]) => (
        <Button
          key={format}
          busy={state.is === 'writing' && state.format === format}
          off={state.is === 'writing'}
          onPress={() => begin(format)}
        >
          {t(label)}
        </Button>
      ))}
      <Announced words={state.is === 'saved' ? t('exports.saved', { file: state.file }) : null} />
      {state.is === 'tooManyRows' && (
        <Notice role="alert" tone="warn">
          {t('exports.tooManyRows', { most: MOST_WORKBOOK_ROWS })}
        </Notice>
      )}
      {state.is === 'failed' && <ProblemNotice cause={state.cause} />}
    </>
  );
}
