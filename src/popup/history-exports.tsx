import { useEffect, useRef, useState } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import type { SingleEntry } from '../domain/history';
import { consoleLog } from '../platform/log';
import { Button } from '../ui/button';
import { downloadBlob } from '../ui/download';
import { t } from '../words/words';
import { removeLeftExports } from './export-file';
import { exportHistory, type HistoryFormat } from './history-export';

interface HistoryExportsProps {
  /** What is shown now, from the first on; null while nobody knows what that is, or it is nothing. */
  readonly entries: ((now: number) => AsyncIterable<SingleEntry>) | null;
  /** How many these are; null while they are being counted. */
  readonly total: number | null;
  readonly connections: readonly Connection[];
  /** What came of it, in words. */
  readonly onEnd: (words: string) => void;
  readonly onProblem: (cause: unknown) => void;
}

interface Running {
  readonly format: HistoryFormat;
  readonly done: number;
  readonly total: number | null;
}

/** Takes along what is shown of the history, with how far that is where it takes a while. */
export function HistoryExports({ entries, total, connections, onEnd, onProblem }: HistoryExportsProps) {
  const [running, setRunning] = useState<Running | null>(null);
  const stopped = useRef<AbortController | null>(null);
  useEffect(() => () => stopped.current?.abort(), []);
  useEffect(() => {
    removeLeftExports().catch((cause: unknown) => consoleLog.error('What exports left could not be removed', cause));
  }, []);

  const start = async (format: HistoryFormat) => {
    if (entries === null) return;
    const now = Date.now();
    const stop = new AbortController();
    stopped.current = stop;
    const show = (done: number) => setRunning({ format, done, total });
    show(0);
    try {
      const exported = await exportHistory(entries(now), format, connections, now, stop.signal, show);
      downloadBlob(exported.name, exported.file, () => {
        exported.remove().catch((cause: unknown) => consoleLog.error('An export could not be removed', cause));
      });
      onEnd(t('history.exported', { count: exported.count, file: exported.name }));
    } catch (cause) {
      if (stop.signal.aborted) onEnd(t('history.exportCancelled'));
      else onProblem(cause);
    }
    setRunning(null);
  };

  if (entries === null && running === null) return null;
  const button = (format: HistoryFormat, words: string) => (
    <Button busy={running?.format === format} off={running !== null} onPress={() => void start(format)}>
      {words}
    </Button>
  );
  return (
    <>
      <div class="row history-exports">
        {button('csv', t('history.exportCsv'))}
        {button('json', t('history.exportJson'))}
      </div>
      {running !== null && running.done > 0 && (
        <div class="export-progress">
          <progress
            class="progress"
            aria-label={t('history.exporting')}
            {...(running.total !== null && { value: Math.min(running.done, running.total), max: running.total })}
          />
          <div class="row">
            <p class="muted small">{t('history.exportedSoFar', { count: running.done })}</p>
            <Button onPress={() => stopped.current?.abort()}>{t('pages.cancel')}</Button>
          </div>
        </div>
      )}
    </>
  );
}
