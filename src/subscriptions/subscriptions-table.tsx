import type { RefObject, VNode } from 'preact';
import { useCallback, useMemo, useRef } from 'preact/hooks';
import type { ForeignChange } from '../domain/history';
import { type KnownPlaces, placeOf } from '../domain/place';
import type { PortalSettings } from '../domain/settings';
import { pageOf } from '../portals/index';
import type { HoldOf } from '../storage/lanes';
import { formatAge } from '../ui/format';
import { holdText } from '../ui/hold-text';
import { t } from '../words/words';
import type { CustomerGroup, Line } from './group-rows';
import type { Row } from './row';
import { type Selection, tickOf } from '../ui/selection';
import { TickBox } from '../ui/tick-box';
import { GroupRow, TableRow } from './table-row';
import { useFindKey } from './use-find-key';
import { useMedia } from '../ui/use-media';
import { useRowFocus } from './use-row-focus';
import { useRowWindow } from './use-row-window';
import { COLUMNS, type Column, type Sort } from './view';

interface SubscriptionsTableProps {
  readonly lines: readonly Line[];
  /** What people call the connections, where that is said. */
  readonly sources: ReadonlyMap<string, string>;
  readonly sort: Sort | null;
  readonly selection: Selection;
  /** The keys of all rows that the filter shows. */
  readonly shown: readonly string[];
  readonly starred: ReadonlySet<string>;
  /** The changes made elsewhere that nobody has met yet, by the rows' keys. */
  readonly elsewhere: ReadonlyMap<string, ForeignChange>;
  /** What holds up the changes of a connection; null while nobody knows. */
  readonly holdOf: HoldOf | null;
  /** Rows of these connections that were read before that were not read again. */
  readonly staleBefore: ReadonlyMap<string, number>;
  readonly portals: PortalSettings;
  readonly places: KnownPlaces;
  readonly now: number;
  /** The box that finds what is not drawn. */
  readonly findBox: RefObject<HTMLInputElement | null>;
  readonly onSort: (column: Column) => void;
  readonly onSelect: (row: Row, withShift: boolean) => void;
  readonly onSelectGroup: (group: CustomerGroup) => void;
  readonly onSelectAll: () => void;
  readonly onStar: (row: Row, starred: boolean) => void;
}

/** Above what stands in a line by far, so that nothing is missed: how high lines are is found out once they are drawn. */
const HEIGHTS = { wide: 45, middle: 62, card: 236, group: 41 } as const;

/** In pixels. */
const BETWEEN_CARDS = 8;

/** The subscriptions that several connections have: only what is said of the connection tells their rows apart. */
function idsOfSeveral(
  lines: readonly Line[],
  sources: ReadonlyMap<string, string>,
): ReadonlySet<Row['subscriptionId']> {
  const met = new Set<Row['subscriptionId']>();
  const twice = new Set<Row['subscriptionId']>();
  if (sources.size === 0) return twice;
  for (const line of lines) {
    if (line.kind !== 'row') continue;
    const { subscriptionId } = line.row;
    if (met.has(subscriptionId)) twice.add(subscriptionId);
    met.add(subscriptionId);
  }
  return twice;
}

/** Where its page is; null where no portal is known to have one. */
export function pageFor({ subscriptionId, state }: Row, portals: PortalSettings, places: KnownPlaces): string | null {
  if (state.subscription === null) return null;
  const { service } = state.subscription;
  return pageOf({ subscriptionId, service }, placeOf(subscriptionId, places), portals);
}

/**
 * A row for each subscription; where the window is narrow, a card. Of tens of thousands only those in sight are in the document, with
 * their numbers among all.
 */
export function SubscriptionsTable(props: SubscriptionsTableProps) {
  const { lines, sort, selection, shown, starred, elsewhere, holdOf, staleBefore, now, findBox } = props;
  const isWide = useMedia('(width >= 1200px)');
  const isCard = useMedia('(width < 700px)');
  const rowHeight = isWide ? HEIGHTS.wide : isCard ? HEIGHTS.card : HEIGHTS.middle;
  const keyOf = useCallback((index: number) => keyOfLine(lines[index]), [lines]);
  const estimate = useCallback(
    (index: number) => (lines[index]?.kind === 'group' ? HEIGHTS.group : rowHeight),
    [lines, rowHeight],
  );
  const inSight = useRef(0);
  const body = useRef<HTMLTableSectionElement>(null);
  const focus = useRowFocus({ body, count: lines.length, keyOf, page: () => inSight.current });
  const { items, height, start, measure, ...drawn } = useRowWindow<HTMLTableRowElement>({
    count: lines.length,
    keyOf,
    estimate,
    held: focus.held,
    body,
    between: isCard ? BETWEEN_CARDS : 0,
  });
  inSight.current = drawn.shown;
  useFindKey(findBox, items.length < lines.length);

  const twice = useMemo(() => idsOfSeveral(lines, props.sources), [lines, props.sources]);
  // A row that is as it was is not drawn anew while others scroll by.
  const cache = useMemo(() => new WeakMap<Row, DrawnRow>(), [props.portals, props.places, props.sources]);
  const rowAt = (row: Row, index: number, gap: number): VNode => {
    const isSelected = selection.keys.has(row.key);
    const isStarred = starred.has(row.key);
    const isTwice = twice.has(row.subscriptionId);
    const stale = staleBefore.get(row.connectionId);
    const age = stale !== undefined && row.readAt < stale ? formatAge(row.readAt, now) : null;
    const foreign = elsewhere.get(row.key) ?? null;
    const note = changeNote(row, holdOf, now);
    const before = cache.get(row);
    const isSame =
      before?.index === index &&
      before.gap === gap &&
      before.isSelected === isSelected &&
      before.isStarred === isStarred &&
      before.isTwice === isTwice &&
      before.foreign === foreign &&
      before.note === note &&
      before.age === age;
    if (isSame) return before.drawn;
    const made = (
      <TableRow
        key={row.key}
        {...{ row, index, gap, measure, isTwice, isSelected, isStarred, foreign, note, age }}
        page={pageFor(row, props.portals, props.places)}
        source={props.sources.get(row.connectionId) ?? null}
        onSelect={(pressed, withShift) => latest.current.onSelect(pressed, withShift)}
        onStar={(pressed, isNow) => latest.current.onStar(pressed, isNow)}
      />
    );
    cache.set(row, { index, gap, isTwice, isSelected, isStarred, foreign, note, age, drawn: made });
    return made;
  };
  const latest = useRef(props);
  latest.current = props;

  const drawnLines: VNode[] = [];
  let end = start;
  for (const { index, start: begins, end: ends } of items) {
    const line = lines[index];
    if (line === undefined) continue;
    const gap = begins - end;
    drawnLines.push(
      line.kind === 'row' ? (
        rowAt(line.row, index, gap)
      ) : (
        <GroupRow
          key={keyOfLine(line)}
          {...{ index, gap, measure }}
          group={line.group}
          tick={tickOf(selection, keysOf(line.group))}
          onSelect={props.onSelectGroup}
        />
      ),
    );
    end = ends;
  }

  return (
    <div class="card lines-table subscriptions-table">
      <table aria-label={t('subscriptions.title')} aria-rowcount={lines.length + 1}>
        <thead>
          <tr class="head" aria-rowindex={1}>
            <th scope="col" class="cell-acts">
              <TickBox
                label={t('subscriptions.selectAll')}
                tick={tickOf(selection, shown)}
                onPress={props.onSelectAll}
              />
            </th>
            {COLUMNS.map((column) => (
              <SortHeader key={column} column={column} sort={sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody
          ref={body}
          style={{ paddingBlockEnd: `${start + height - end}px` }}
          onFocusIn={focus.onFocusIn}
          onFocusOut={focus.onFocusOut}
          onKeyDown={focus.onKeyDown}
        >
          {drawnLines}
        </tbody>
      </table>
    </div>
  );
}

interface DrawnRow {
  readonly index: number;
  readonly gap: number;
  readonly isTwice: boolean;
  readonly isSelected: boolean;
  readonly isStarred: boolean;
  readonly foreign: ForeignChange | null;
  readonly note: string | null;
  readonly age: string | null;
  readonly drawn: VNode;
}

/** How a change of ours stands, as far as it bears on what is known of a row; null where none does. */
function changeNote({ change, connectionId }: Row, holdOf: HoldOf | null, now: number): string | null {
  switch (change) {
    case 'none':
      return null;
    case 'outcomeUnknown':
      return t('subscriptions.changes.outcomeUnknown');
    case 'open':
      if (holdOf === null) return t('history.results.open');
      return holdText(holdOf(connectionId), now) ?? t('subscriptions.changes.open');
  }
}

function keyOfLine(line: Line | undefined): string {
  if (line === undefined) return '';
  return line.kind === 'row' ? line.row.key : `group ${line.group.key}`;
}

function keysOf({ rows }: CustomerGroup): readonly string[] {
  return rows.map(({ key }) => key);
}

interface SortHeaderProps {
  readonly column: Column;
  readonly sort: Sort | null;
  readonly onSort: (column: Column) => void;
}

function SortHeader({ column, sort, onSort }: SortHeaderProps) {
  const isSorted = sort?.column === column;
  const order = isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" class={`cell-${column}`} aria-sort={order}>
      <button type="button" class="sort" onClick={() => onSort(column)}>
        {t(`subscriptions.columns.${column}`)}
        <span class="sort-mark" aria-hidden="true" />
      </button>
    </th>
  );
}
