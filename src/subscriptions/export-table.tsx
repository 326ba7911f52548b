import { useEffect, useRef, useState } from 'preact/hooks';
import { Announced } from '../ui/announce';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { ProblemNotice } from '../ui/problem-notice';
import { t } from '../words/words';
import { type ExportedSubscription, type ExportFormat, exportSubscriptions, MOST_WORKBOOK_ROWS } from './export';

interface ExportTableProps {
  /** What the filter shows now, in its order. */
  readonly rows: () => readonly ExportedSubscription[];
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
export function ExportTable({ rows }: ExportTableProps) {
  const [state, setState] = useState<State>({ is: 'idle' });
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);
  const write = async (format: ExportFormat): Promise<State> => {
    const answer = await exportSubscriptions(rows(), format, Date.now(), ended.current.signal);
    return answer.ok ? { is: 'saved', file: answer.file } : { is: answer.problem };
  };
  const begin = (format: ExportFormat) => {
    setState({ is: 'writing', format });
    write(format).then(setState, (cause: unknown) => setState({ is: 'failed', cause }));
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
