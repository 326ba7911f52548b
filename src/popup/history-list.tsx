import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { type HistoryFilter, ROW_KINDS, ROW_OUTCOMES, type RowKind, type RowOutcome } from '../domain/history';
import type { Settings } from '../domain/settings';
import type { Viewer } from '../domain/standing';
import type { HistoryReader } from '../storage/history';
import { Button } from '../ui/button';
import { SelectField } from '../ui/choices';
import { download } from '../ui/download';
import { Notice } from '../ui/notice';
import { problemText } from '../words/problem';
import { t } from '../words/words';
import { useKeptFocus } from '../ui/use-kept-focus';
import { useNow } from '../ui/use-now';
import { HistoryItem } from './history-item';
import { createHistoryPages, type HistoryPages, type Loaded } from './history-pages';
import { onHistory } from './on-history';

interface HistoryListProps {
  readonly history: HistoryReader;
  readonly settings: Settings | null;
  readonly viewer: Viewer;
  /** Whether the person has it before them. */
  readonly shown: boolean;
}

const kinds = (): readonly (readonly [RowKind | '', string])[] => [
  ['', t('popup.anyKind')],
  ...ROW_KINDS.map((kind) => [kind, t(`popup.kinds.${kind}`)] as const),
];
const outcomes = (): readonly (readonly [RowOutcome | '', string])[] => [
  ['', t('popup.anyOutcome')],
  ...ROW_OUTCOMES.map((outcome) => [outcome, t(`popup.outcomes.${outcome}`)] as const),
];

/** Every check and change, newest first, to be searched, filtered and taken along. */
export function HistoryList({ history, settings, viewer, shown }: HistoryListProps) {
  const id = useId();
  const [text, setText] = useState('');
  const [kind, setKind] = useState<RowKind | ''>('');
  const [outcome, setOutcome] = useState<RowOutcome | ''>('');
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [exported, setExported] = useState<string | null>(null);
  const pages = useRef<HistoryPages | null>(null);
  const looker = useRef(viewer);
  const now = useNow();
  const list = useKeptFocus();

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
    const looking = () => ({ viewer: looker.current, now: Date.now() });
    const reading = createHistoryPages(history, looking, show, (cause) => setProblem(problemText(cause)), ended.signal);
    pages.current = reading;
    onHistory(reading.again, ended.signal);
    return () => ended.abort();
  }, [history]);
  useEffect(() => pages.current?.filter(filter), [history, text, kind, outcome]);
  useEffect(() => {
    looker.current = viewer;
    pages.current?.again();
  }, [JSON.stringify(viewer)]);

  const exportAs = async (format: 'csv' | 'json') => {
    // Only who exports needs it.
    const { exportHistory } = await import('./history-export');
    const file = await exportHistory(history.all(filter, { viewer, now: Date.now() }), format, Date.now());
    download(file.name, file.type, file.text);
    setExported(t('popup.exported', { count: file.count, file: file.name }));
  };
  const startExport = (format: 'csv' | 'json') => {
    exportAs(format).catch((cause: unknown) => setProblem(problemText(cause)));
  };

  return (
    <section class="stack" tabIndex={-1} ref={list}>
      <div class="history-tools">
        <div class="field history-search">
          <label class="label" for={id}>
            {t('popup.search')}
          </label>
          <input
            id={id}
            class="input"
            type="search"
            placeholder={t('popup.searchHint')}
            value={text}
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <SelectField label={t('popup.kind')} value={kind} options={kinds()} onChoose={setKind} />
        <SelectField label={t('popup.outcome')} value={outcome} options={outcomes()} onChoose={setOutcome} />
      </div>
      {problem !== null && (
        <Notice role="alert" tone="bad">
          {problem}
        </Notice>
      )}
      {loaded !== null && loaded.damaged > 0 && (
        <Notice role="status" tone="warn">
          {t('popup.damaged', { count: loaded.damaged })}
        </Notice>
      )}
      <ul class="entries card" aria-label={t('popup.history')}>
        {loaded?.entries.map((entry) => (
          <HistoryItem key={entry.id} entry={entry} settings={settings} now={now} shown={shown} />
        ))}
      </ul>
      {loaded?.entries.length === 0 && (
        <p class="muted empty">
          {Object.keys(filter).length === 0 ? t('popup.emptyHistory') : t('popup.nothingFound')}
        </p>
      )}
      {loaded !== null && loaded.next !== null && (
        <Button onPress={() => pages.current?.more()}>{t('popup.showMore')}</Button>
      )}
      <div class="row">
        <Button onPress={() => startExport('csv')}>{t('popup.exportCsv')}</Button>
        <Button onPress={() => startExport('json')}>{t('popup.exportJson')}</Button>
        <p class="small muted" role="status">
          {exported}
        </p>
      </div>
    </section>
  );
}
