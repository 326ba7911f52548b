import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { batchAhead } from '../domain/batch';
import type { Settings } from '../domain/settings';
import type { Viewer } from '../domain/standing';
import type { HistoryReader } from '../storage/history';
import { Announced } from '../ui/announce';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { MarkedContext } from '../ui/partner-name';
import { useKeptFocus } from '../ui/use-kept-focus';
import { useNow } from '../ui/use-now';
import { ProblemText } from '../ui/problem-text';
import { t } from '../words/words';
import { HistoryExports } from './history-exports';
import { CHANGES, type Chosen, filterOf, HistoryFilters, isNarrowed } from './history-filters';
import { HistoryItem } from './history-item';
import { createHistoryPages, type HistoryPages, type Loaded } from './history-pages';
import { onHistory } from './on-history';
import { markedBy } from './searched';

interface HistoryListProps {
  readonly history: HistoryReader;
  readonly settings: Settings | null;
  /** Who the person is at each connection that is set up. */
  readonly viewers: readonly Viewer[];
  /** Whether the person has it before them. */
  readonly shown: boolean;
}

/** Long enough for the next key of somebody who types. */
const SETTLES_MS = 500;

/** Every check and change, newest first, to be searched, filtered and taken along. */
export function HistoryList({ history, settings, viewers, shown }: HistoryListProps) {
  const [chosen, setChosen] = useState(CHANGES);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const [exported, setExported] = useState<string | null>(null);
  const pages = useRef<HistoryPages | null>(null);
  const lookers = useRef(viewers);
  const search = useRef<HTMLInputElement>(null);
  const list = useKeptFocus();
  const { filter } = filterOf(chosen);

  // Before the pages are there: they begin with these. All of it at once, and not once the page is drawn, for which somebody would wait.
  useLayoutEffect(() => {
    lookers.current = viewers;
    pages.current?.again();
  }, [JSON.stringify(viewers)]);
  useLayoutEffect(() => {
    const ended = new AbortController();
    const show = (rows: Loaded) => {
      setLoaded(rows);
      setProblem(null);
    };
    const looking = () => ({ viewers: lookers.current, now: Date.now() });
    const reading = createHistoryPages(
      history,
      looking,
      show,
      (cause) => setProblem(<ProblemText cause={cause} />),
      ended.signal,
    );
    pages.current = reading;
    onHistory(reading.again, ended.signal);
    return () => ended.abort();
  }, [history]);
  useLayoutEffect(() => {
    pages.current?.filter(filter);
    setExported(null);
  }, [history, JSON.stringify(filter)]);
  // So that a key does not draw again what it alters nothing of.
  const entries = useMemo(
    () => loaded && <Entries {...{ loaded, settings, shown, history, viewers }} />,
    [loaded, settings, shown, history, viewers],
  );

  const clear = () => {
    setChosen(CHANGES);
    search.current?.focus();
  };
  // What was read by another filter says nothing of this one.
  const current = loaded !== null && JSON.stringify(loaded.filter) === JSON.stringify(filter) ? loaded : null;
  const isEmpty = current?.entries.length === 0;

  return (
    <section class="history" tabIndex={-1} ref={list}>
      <HistoryFilters
        chosen={chosen}
        onChoose={setChosen}
        search={search}
        connections={settings?.connections ?? []}
        narrows={!isEmpty || isNarrowed(chosen)}
      />
      {problem !== null && (
        <Notice role="alert" tone="bad">
          {problem}
        </Notice>
      )}
      {loaded?.updating === true && (
        <Notice role="status" tone="plain">
          {t('history.updating')}
        </Notice>
      )}
      {loaded !== null && loaded.damaged > 0 && (
        <Notice role="status" tone="warn">
          {t('history.damaged', { count: loaded.damaged })}
        </Notice>
      )}
      <div class="history-bar">
        <Announced words={exported ?? (current && countText(current, chosen))} settlesMs={SETTLES_MS} />
        {isNarrowed(chosen) && (
          <Button kind="quiet" onPress={clear}>
            {t('history.clearFilters')}
          </Button>
        )}
        <HistoryExports
          entries={current === null || isEmpty ? null : (now) => history.all(filter, { viewers, now })}
          total={current?.counted?.matching ?? null}
          connections={settings?.connections ?? []}
          onEnd={setExported}
          onProblem={(cause) => setProblem(<ProblemText cause={cause} />)}
        />
      </div>
      {entries}
      {isEmpty && !isNarrowed(chosen) && <p class="muted empty">{t(`history.empty.${chosen.show}`)}</p>}
      {loaded !== null && loaded.next !== null && (
        <Button onPress={() => pages.current?.more()}>{t('history.showMore')}</Button>
      )}
    </section>
  );
}

interface EntriesProps extends HistoryListProps {
  readonly loaded: Loaded;
}

/** What is loaded, marked by what it was read by. */
function Entries({ loaded: { entries, filter }, ...common }: EntriesProps) {
  const now = useNow();
  const batches = entries.filter((entry) => entry.type === 'batch');
  const marked = useMemo(() => markedBy(filter.text ?? ''), [filter.text]);
  return (
    <MarkedContext.Provider value={marked}>
      <ul class="entries card" aria-label={t('history.list')}>
        {entries.map((entry, index) => (
          <HistoryItem
            key={entry.id}
            entry={entry}
            ahead={entry.type === 'batch' ? batchAhead(entry, batches) : null}
            startsDay={!isSameDay(entry.at, entries[index - 1]?.at)}
            now={now}
            {...common}
          />
        ))}
      </ul>
    </MarkedContext.Provider>
  );
}

/** How many there are of what is shown, or how many of them match; null while it is not known. */
function countText({ counted, entries }: Loaded, chosen: Chosen): string | null {
  if (entries.length === 0) return isNarrowed(chosen) ? t('history.nothingMatches') : null;
  if (counted === null) return null;
  const { matching, of } = counted;
  return isNarrowed(chosen)
    ? t(`history.matching.${chosen.show}`, { matching, count: of })
    : t(`history.count.${chosen.show}`, { count: of });
}

function isSameDay(at: number, before: number | undefined): boolean {
  return before !== undefined && new Date(at).toDateString() === new Date(before).toDateString();
}
