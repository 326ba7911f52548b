import { useEffect, useRef, useState } from 'preact/hooks';
import { type ImportFile, readImportFile } from '../domain/import-file';
import { parseLines } from '../ui/csv-lines';
import { pauses } from '../ui/pause';
import { t } from '../words/words';
import { type ImportSource, type SourceProblem, textOf } from '../ui/import-source';

/** What has become of what was chosen. `name` null: it was pasted. */
export type ImportReading =
  | { readonly is: 'nothing' }
  | { readonly is: 'reading'; readonly name: string | null; readonly read: number; readonly all: number }
  | { readonly is: 'read'; readonly name: string | null; readonly file: ImportFile }
  | { readonly is: 'unreadable'; readonly name: string | null; readonly problem: SourceProblem }
  | { readonly is: 'broken'; readonly cause: unknown };

/** How far it has come is drawn so often. */
const DRAWN_EVERY_MS = 100;

/** Reads a file of changes, slice by slice; what is chosen later takes the place of what was chosen before. */
export function useImportFile() {
  const [reading, setReading] = useState<ImportReading>({ is: 'nothing' });
  const run = useRef<AbortController | null>(null);
  useEffect(() => () => run.current?.abort(), []);

  const read = async (source: ImportSource, signal: AbortSignal): Promise<ImportReading> => {
    const name = source.is === 'file' ? source.file.name : null;
    const pause = pauses(signal);
    const text = await textOf(source, pause);
    if (!text.ok) return { is: 'unreadable', name, problem: text.problem };
    let drawn = performance.now();
    const file = await readImportFile(text.text, {
      parse: parseLines,
      titles: {
        subscriptionId: t('history.columns.subscriptionId'),
        partnerId: t('history.columns.partnerId'),
        connection: t('history.columns.connection'),
      },
      pause: async (read, all) => {
        if (performance.now() - drawn > DRAWN_EVERY_MS) {
          drawn = performance.now();
          setReading({ is: 'reading', name, read, all });
        }
        await pause();
      },
    });
    return { is: 'read', name, file };
  };

  const begin = (source: ImportSource) => {
    run.current?.abort();
    const ended = new AbortController();
    run.current = ended;
    const { signal } = ended;
    setReading({ is: 'reading', name: source.is === 'file' ? source.file.name : null, read: 0, all: 0 });
    read(source, signal).then(
      (found) => {
        if (!signal.aborted) setReading(found);
      },
      (cause: unknown) => {
        if (!signal.aborted) setReading({ is: 'broken', cause });
      },
    );
  };
  const stop = () => {
    run.current?.abort();
    setReading({ is: 'nothing' });
  };
  return { reading, begin, stop };
}
