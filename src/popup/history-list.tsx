import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type HistoryFilter, ROW_KINDS, ROW_OUTCOMES, type RowKind, type RowOutcome } from '../domain/history';
import type { Settings } from '../domain/settings';
import type { HistoryReader } from '../storage/history';
import { Button } from '../ui/button';
import { SelectField } from '../ui/choices';
import { download } from '../ui/download';
import { Notice } from '../ui/notice';
import { POPUP, problemText } from '../ui/strings';
import { useNow } from '../ui/use-now';
import { HistoryEntry } from './history-entry';
import { createHistoryPages, type HistoryPages, type Loaded } from './history-pages';
import { onHistory } from './on-history';

interface HistoryListProps {
  readonly history: HistoryReader;
  readonly settings: Settings | null;
  /** Whether the person has it before them. */
  readonly shown: boolean;
}

const KINDS: readonly (readonly [RowKind | '', string])[] = [
  ['', POPUP.anyKind],
  ...ROW_KINDS.map((kind) => [kind, POPUP.kinds[kind]] as const),
];
const OUTCOMES: readonly (readonly [RowOutcome | '', string])[] = [
  ['', POPUP.anyOutcome],
  ...ROW_OUTCOMES.map((outcome) => [outcome, POPUP.outcomes[outcome]] as const),
];

/** Every check and change, newest first, to be searched, filtered and taken along. */
export function HistoryList({ history, settings, shown }: HistoryListProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [kind, setKind] = useState<RowKind | ''>('');
  const [outcome, setOutcome] = useState<RowOutcome | ''>('');
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [exported, setExported] = useState<string | null>(null);
  const pages = useRef<HistoryPages | null>(null);
  const now = useNow();

  const filter: HistoryFilter = {
    ...(text.trim() !== '' && { text }),
    ...(kind !== '' && { kind }),
    ...(outcome !== '' && { outcome }),
  };
  useEffect(() => {
    const ended = new AbortController();
    const show = (rows: Loaded) => {
      setLoaded(rows);
      setProblem(null);
    };
    const reading = createHistoryPages(history, show, (cause) => setProblem(problemText(cause)), ended.signal);
    pages.current = reading;
    onHistory(reading.again, ended.signal);
    return () => ended.abort();
  }, [history]);
  useEffect(() => pages.current?.filter(filter), [history, text, kind, outcome]);

  const exportAs = async (format: 'csv' | 'json') => {
    // Only who exports needs it.
    const { exportHistory } = await import('./history-export');
    const file = await exportHistory(history.all(filter), format, Date.now());
    download(file.name, file.type, file.text);
    setExported(POPUP.exported(file.count, file.name));
  };
  const startExport = (format: 'csv' | 'json') => {
    exportAs(format).catch((cause: unknown) => setProblem(problemText(cause)));
  };

  return (
    <div class="stack">
      <div class="history-tools">
        <div class="field history-search">
          <label class="label" for={id}>
            {POPUP.search}
          </label>
          <input
            id={id}
            class="input"
            type="search"
            placeholder={POPUP.searchHint}
            value={text}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <SelectField label={POPUP.kind} value={kind} options={KINDS} onChoose={setKind} />
        <SelectField label={POPUP.outcome} value={outcome} options={OUTCOMES} onChoose={setOutcome} />
      </div>
      {problem !== null && (
        <Notice role="alert" tone="bad">
          {problem}
        </Notice>
      )}
      {loaded !== null && loaded.damaged > 0 && (
        <Notice role="status" tone="warn">
          {POPUP.damaged(loaded.damaged)}
        </Notice>
      )}
      <ul class="entries card" aria-label={POPUP.history}>
        {loaded?.rows.map((row) => (
          <HistoryEntry key={row.id} row={row} settings={settings} now={now} shown={shown} />
        ))}
      </ul>
      {loaded?.rows.length === 0 && (
        <p class="muted empty">{Object.keys(filter).length === 0 ? POPUP.emptyHistory : POPUP.nothingFound}</p>
      )}
      {loaded !== null && loaded.next !== null && (
        <Button onPress={() => pages.current?.more()}>{POPUP.showMore}</Button>
      )}
      <div class="row">
        <Button onPress={() => startExport('csv')}>{POPUP.exportCsv}</Button>
        <Button onPress={() => startExport('json')}>{POPUP.exportJson}</Button>
        <p class="small muted" role="status">
          {exported}
        </p>
      </div>
    </div>
  );
}
