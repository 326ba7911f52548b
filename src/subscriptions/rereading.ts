import type { RowId } from './row-id';

/** What is known of how the list of a connection is read. */
export interface ListReading {
  readonly connectionId: string;
  /** It is being read now. */
  readonly isReading: boolean;
  /** How many rows it has. */
  readonly size: number;
}

/** How rows are read again: they come with their list, which is being read; that is read; or one by one. */
export type NextReading<Row> =
  | { readonly do: 'nothing' | 'wait' }
  | { readonly do: 'readList'; readonly connectionId: string }
  | { readonly do: 'readRows'; readonly rows: readonly Row[] };

/** The most that the service lists at once. */
const LARGEST_PAGE = 200;

/**
 * What to do about rows that are to be read again: whatever takes fewer requests.
 * @param stale the rows
 * @param tried the connections whose list was read for it already: what did not come with it is read by itself
 */
export function nextReading<Row extends RowId>(
  stale: readonly Row[],
  lists: readonly ListReading[],
  tried: ReadonlySet<string>,
): NextReading<Row> {
  const byOne: Row[] = [];
  let waits = false;
  for (const connectionId of new Set(stale.map((row) => row.connectionId))) {
    const rows = stale.filter((row) => row.connectionId === connectionId);
    const list = lists.find((one) => one.connectionId === connectionId);
    const isFewer = list === undefined || rows.length <= Math.ceil(list.size / LARGEST_PAGE);
    if (isFewer) byOne.push(...rows);
    else if (list.isReading) waits = true;
    else if (tried.has(connectionId)) byOne.push(...rows);
    else return { do: 'readList', connectionId };
  }
  if (byOne.length > 0) return { do: 'readRows', rows: byOne };
  return { do: waits ? 'wait' : 'nothing' };
}
