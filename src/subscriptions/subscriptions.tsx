import type { ComponentChildren } from 'preact';
import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import type { Connection } from '../domain/connection';
import type { KindFacts } from '../domain/kind-facts';
import type { KnownPlaces } from '../domain/place';
import type { PortalSettings } from '../domain/settings';
import { call } from '../messaging/call';
import type { KeptListReader } from '../storage/kept-lists';
import type { HistoryReader } from '../storage/history';
import type { StarsReader } from '../storage/stars';
import type { Watches } from '../storage/watches';
import { Announced } from '../ui/announce';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { ProblemText } from '../ui/problem-text';
import { useNow } from '../ui/use-now';
import { t } from '../words/words';
import { Batches } from './batches';
import { BulkBar } from './bulk-bar';
import type { KnownRow } from './bulk-plan';
import { type ExportedSubscription, exportSubscriptions } from './export';
import { ExportTable } from '../ui/export-table';
import { Filters } from './filters';
import { ImportCsv } from './import-csv';
import { ListAge, ListProblem } from './list-status';
import type { Row } from './row';
import { NOTHING_SELECTED, pressed, pressedAll, pressedGroup } from '../ui/selection';
import { pageFor, SubscriptionsTable } from './subscriptions-table';
import { SummaryRegion } from './summary-region';
import { type DrawnList, useLists } from './use-lists';
import { useElsewhere, useHolds } from './use-elsewhere';
import { useRows } from './use-rows';
import { useStarred } from './use-starred';
import { useView } from './use-view';
import { isNarrowed, nextSort, queryOf, type View } from './view';
import { WatchSettings, type WatchSettingsProps } from './watch-settings';

/** What the page reads of what is kept. */
export interface SubscriptionsPorts {
  readonly history: HistoryReader;
  readonly watches: Pick<Watches, 'read'>;
  readonly kept: KeptListReader;
  readonly stars: StarsReader;
}

interface SubscriptionsProps {
  /** Those that list their subscriptions. */
  readonly connections: readonly Connection[];
  /** The IDs of those that hold links, which are shown elsewhere. */
  readonly linksOf: readonly string[];
  readonly defaultId: string | null;
  readonly watching: Pick<WatchSettingsProps, 'watch' | 'watched' | 'managed'>;
  /** The kinds of backend there are; none while nobody knows. */
  readonly kinds: readonly KindFacts[];
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
  readonly ports: SubscriptionsPorts;
}

/** Long enough for the next key of somebody who types. */
const SETTLES_MS = 600;
const NOBODYS: ReadonlySet<string> = new Set();

export function Subscriptions(props: SubscriptionsProps) {
  const { connections, linksOf, defaultId, watching, kinds, portals, places, ports } = props;
  const [asked, setView] = useView();
  const view = withKnown(asked, connections);
  const wanted = connections.filter(({ id }) => view.connectionId === null || id === view.connectionId);
  const { lists, again, readAgain, goOn } = useLists({ connections, wanted, defaultId, ...ports });
  const stars = useStarred(connections, ports.stars);
  const starred = stars.state === 'here' ? stars.value : NOBODYS;
  const elsewhere = useElsewhere(ports.history);
  const holdOf = useHolds(ports.history);
  const { all, shown, keys, lines, facets, summary } = useRows(lists, view, starred);
  const [selection, setSelection] = useState(NOTHING_SELECTED);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  const [batchesAsked, setBatchesAsked] = useState<readonly string[]>([]);
  const [openedAt] = useState(Date.now);
  const findBox = useRef<HTMLInputElement>(null);
  const now = useNow();
  const isReading = lists.length < wanted.length || lists.some(({ state }) => state.at === 'reading');
  const areAllHere = !isReading && lists.every(({ state }) => state.at === 'here');

  // A change that nobody can know the end of keeps from nothing.
  const knownOf = useCallback(
    (row: Row): KnownRow => ({
      ...row,
      failure: null,
      isBusy: row.change === 'open',
      // Asked for of those few that are shown, and of those that are changed.
      get page() {
        return pageFor(row, portals, places);
      },
    }),
    [portals, places],
  );
  const sources = useMemo(() => sourcesOf(connections), [connections]);
  const selectView = queryOf({ ...view, sort: null });
  const selectable = connections.map(({ id, name, kind }) => ({
    id,
    name,
    can: kinds.find((one) => one.kind === kind)?.can ?? null,
  }));
  // Whoever chooses nothing means the default.
  const importable = selectable.toSorted((one, other) => Number(other.id === defaultId) - Number(one.id === defaultId));
  const readings = lists.map(({ connection, state, rows }) => ({
    connectionId: connection.id,
    isReading: state.at === 'reading',
    size: rows.length,
  }));

  const star = (row: Row, isNow: boolean) => {
    const { connectionId, subscriptionId } = row;
    const tell = (told: ComponentChildren) => setProblem(told);
    call('stars.set', { connectionId, subscriptionId, starred: isNow }).then(
      (answer) => tell(answer.ok ? null : t('subscriptions.starNotKept')),
      (cause: unknown) => tell(<ProblemText cause={cause} />),
    );
  };

  return (
    <>
      <Filters {...{ view, facets, connections, findBox }} onChange={setView} />
      <div class="list-status">
        <p class="muted">
          {statusText(isReading, areAllHere, all.length, keys.length, view)}{' '}
          {lists.map((list) => (
            <span key={list.connection.id}>
              <ListAge list={list} now={now} />{' '}
            </span>
          ))}
        </p>
        <Button kind="quiet" onPress={again} busy={isReading}>
          {t('subscriptions.refresh')}
        </Button>
      </div>
      {/* What counts up while pages come would be read out again and again. */}
      <div class="for-readers">
        <Announced
          words={isReading ? t('subscriptions.loading') : statusText(false, areAllHere, all.length, keys.length, view)}
          settlesMs={SETTLES_MS}
        />
      </div>
      {lists.map((list) => (
        <ListProblem key={list.connection.id} {...{ list, now }} onTryAgain={() => goOn(list.connection.id)} />
      ))}
      {problem !== null && (
        <Notice role="alert" tone="bad">
          {problem}
        </Notice>
      )}
      <div class="list-tools">
        <div class="row list-acts">
          <ImportCsv
            rows={all}
            knownOf={knownOf}
            connections={importable}
            since={openedAt}
            lists={readings}
            isWhole={(id) => lists.some(({ connection, state }) => connection.id === id && state.at === 'here')}
            onReadList={readAgain}
            onAsked={setBatchesAsked}
          />
          {all.length > 0 && (
            <ExportTable
              write={(format, signal) => exportSubscriptions(exportedOf(shown, sources), format, Date.now(), signal)}
            />
          )}
        </div>
        <WatchSettings {...watching} watches={ports.watches} connectionIds={wanted.map(({ id }) => id)} now={now} />
      </div>
      <Batches history={ports.history} {...{ connections, linksOf }} asked={batchesAsked} onAsked={setBatchesAsked} />
      {all.length > 0 && <SummaryRegion {...{ summary, view }} onChange={setView} />}
      {lines.length > 0 && (
        <SubscriptionsTable
          {...{ lines, sources, selection, starred, elsewhere, holdOf, portals, places, now, findBox }}
          shown={keys}
          sort={view.sort}
          staleBefore={staleBefore(lists)}
          onSort={(column) => setView({ sort: nextSort(view.sort, column) })}
          onSelect={(row, withShift) => setSelection((before) => pressed(before, row.key, withShift, keys))}
          onSelectGroup={({ rows }) =>
            setSelection((before) =>
              pressedGroup(
                before,
                rows.map(({ key }) => key),
              ),
            )
          }
          onSelectAll={() => setSelection((before) => pressedAll(before, keys, selectView))}
          onStar={star}
        />
      )}
      <BulkBar
        {...{ selection, knownOf }}
        rows={all}
        shown={keys}
        view={selectView}
        onSelect={setSelection}
        connections={selectable}
        since={openedAt}
        lists={readings}
        onReadList={readAgain}
        onAsked={setBatchesAsked}
      />
    </>
  );
}

/** What people call the connection that a row is of, which is said where there are several: else there is none. */
function sourcesOf(connections: readonly Connection[]): ReadonlyMap<string, string> {
  return new Map(connections.length > 1 ? connections.map(({ id, name }) => [id, name]) : []);
}

function exportedOf(rows: readonly Row[], sources: ReadonlyMap<string, string>): readonly ExportedSubscription[] {
  return rows.map(({ connectionId, subscriptionId, state }) => ({
    subscriptionId,
    state,
    connection: sources.get(connectionId) ?? null,
  }));
}

/** A connection that is not there (any more) is none to narrow the list to. */
function withKnown(view: View, connections: readonly Connection[]): View {
  return connections.some(({ id }) => id === view.connectionId) ? view : { ...view, connectionId: null };
}

/** From when on rows were read again, where not all were. */
function staleBefore(lists: readonly DrawnList[]): ReadonlyMap<string, number> {
  const before = new Map<string, number>();
  for (const { connection, kept, readAt, state } of lists)
    if (kept !== null && state.at !== 'reading') before.set(connection.id, readAt ?? Number.POSITIVE_INFINITY);
  return before;
}

function statusText(isReading: boolean, areAllHere: boolean, all: number, shown: number, view: View): string {
  if (isReading && all === 0) return t('subscriptions.loading');
  if (isReading) return t('subscriptions.soFar', { count: all });
  if (all === 0) return areAllHere ? t('subscriptions.none') : '';
  if (shown === 0) return t('subscriptions.nothingFound');
  return isNarrowed(view)
    ? t('subscriptions.shownOf', { count: shown, all })
    : t('subscriptions.shown', { count: all });
}
