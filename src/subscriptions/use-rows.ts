import { useMemo } from 'preact/hooks';
import { type Facets, facetsOf } from './facets';
import { filterRows, rowsSummarised } from './filter-rows';
import { groupedLines, type Line, plainLines } from './group-rows';
import type { Row } from './row';
import { sortRows } from './sort-rows';
import { type Summary, summarise } from './summary';
import type { DrawnList } from './use-lists';
import type { View } from './view';

/** The rows of lists as a view shows them. */
export interface ShownRows {
  /** Every row there is. */
  readonly all: readonly Row[];
  /** Those that the filter shows, in their order. */
  readonly shown: readonly Row[];
  /** Their keys. */
  readonly keys: readonly string[];
  readonly lines: readonly Line[];
  readonly facets: Facets;
  readonly summary: Summary;
}

/** Each step is done anew only when what it goes by is another: who types goes by rows that are in order already. */
export function useRows(lists: readonly DrawnList[], view: View, starred: ReadonlySet<string>): ShownRows {
  const all = useMemo(
    () => lists.flatMap(({ rows }) => rows),
    lists.map(({ rows }) => rows),
  );
  const facets = useMemo(() => facetsOf(all), [all]);
  const { column, descending } = view.sort ?? {};
  const sorted = useMemo(() => (view.sort === null ? all : sortRows(all, view.sort)), [all, column, descending]);
  const { text, show, service, partnerId, customerId, connectionId, byCustomer } = view;
  const narrowing = [text, service, customerId, connectionId];
  const shown = useMemo(
    () => filterRows(sorted, view, starred),
    [sorted, ...narrowing, show, partnerId, show === 'starred' && starred],
  );
  const summary = useMemo(() => summarise(rowsSummarised(all, view)), [all, ...narrowing]);
  const keys = useMemo(() => shown.map(({ key }) => key), [shown]);
  const plain = useMemo(() => (byCustomer ? groupedLines(shown) : plainLines(shown)), [shown, byCustomer]);
  return { all, shown, keys, lines: plain, facets, summary };
}
