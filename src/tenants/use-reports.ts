import { useEffect, useRef, useState } from 'preact/hooks';
import { type LinkReport, readLinkReport } from '../domain/link-report';
import { tableText } from '../domain/table';
import { parseLines } from '../ui/csv-lines';
import { type SourceProblem, textOf } from '../ui/import-source';
import { pauses } from '../ui/pause';
import { reportWords } from './export';

/** A colleague's report, as long as the page is there. */
export interface LoadedReport {
  /** A number of its own: two files may have one name. */
  readonly id: number;
  readonly file: string;
  readonly read: LinkReport | { readonly source: SourceProblem };
}

/** The reports that were loaded; nothing of them is kept beyond the page. */
export function useReports() {
  const [reports, setReports] = useState<readonly LoadedReport[]>([]);
  const [broken, setBroken] = useState<unknown>(null);
  const ended = useRef(new AbortController());
  const count = useRef(0);
  useEffect(() => () => ended.current.abort(), []);

  const load = async (file: File): Promise<void> => {
    const { signal } = ended.current;
    count.current += 1;
    const id = count.current;
    const text = await textOf({ is: 'file', file }, pauses(signal));
    const read = text.ok ? reportIn(text.text) : { source: text.problem };
    if (!signal.aborted) setReports((before) => [...before, { id, file: file.name, read }]);
  };
  return {
    reports,
    broken,
    load: (files: readonly File[]) => {
      setBroken(null);
      for (const file of files) load(file).catch(setBroken);
    },
    putAway: (id: number) => setReports((before) => before.filter((one) => one.id !== id)),
  };
}

function reportIn(file: string): LinkReport {
  const { text, separator, firstLine } = tableText(file);
  const { rows, wrongQuotes } = parseLines(text, separator);
  return readLinkReport({ rows, badQuotes: wrongQuotes?.row ?? null, firstLine }, reportWords());
}
