import type { HistoryEntry, HistoryFilter } from '../domain/history';
import type { Counted, Cursor, HistoryReader, Looking } from '../storage/history';

/** What is loaded of the history, newest first. */
export interface Loaded {
  /** What it was read by. While something else is read already, nothing but its entries may be shown. */
  readonly filter: HistoryFilter;
  readonly entries: readonly HistoryEntry[];
  readonly next: Cursor | null;
  /** How many entries could not be read, on the way and ever. */
  readonly damaged: number;
  /** Whether rows of an earlier version are still being brought into the form of this one. */
  readonly updating: boolean;
  /** How many pass the filter, of how many; null while they are being counted. */
  readonly counted: Counted | null;
}

export interface HistoryPages {
  /** Starts again with that filter. */
  filter(filter: HistoryFilter): void;
  /** Reads again what is loaded. */
  again(): void;
  /** Adds the page that follows. */
  more(): void;
}

const PAGE_SIZE = 50;
/** To count a long history takes the browser so long that whoever searches now would wait for it, and no count is given up midway. */
const COUNT_AFTER_MS = 300;

/** What is known before the first page is there. */
const NOTHING: Loaded = { filter: {}, entries: [], next: null, damaged: 0, updating: false, counted: null };

/**
 * Reads the history page by page, one read at a time, so that fast typing never has two searches compete: the one before is given up
 * at once, and ends with what it has asked the storage for. What passes the filter is counted once there is nothing to read, since a
 * count reads everything.
 */
export function createHistoryPages(
  history: HistoryReader,
  looking: () => Looking,
  show: (loaded: Loaded) => void,
  onProblem: (cause: unknown) => void,
  signal: AbortSignal,
): HistoryPages {
  let filter: HistoryFilter = {};
  let loaded = NOTHING;
  /** How many rows to read from the newest on; null when what is loaded still holds. */
  let anew: number | null = null;
  let moreWanted = false;
  let reading = false;
  /** Whether what passes the filter has to be counted (again). */
  let uncounted = true;
  /** How many there are of each group, as it was counted since the last news. */
  const knownOf = new Map<HistoryFilter['group'], number>();
  let paging = new AbortController();
  let counting = new AbortController();
  const stop = () => {
    paging.abort();
    counting.abort();
  };
  signal.addEventListener('abort', stop, { once: true });

  const read = async () => {
    if (reading) return;
    reading = true;
    counting.abort();
    while ((anew !== null || moreWanted) && !signal.aborted) {
      paging = new AbortController();
      const { signal: enough } = paging;
      try {
        loaded = await Promise.race([anew === null ? following(enough) : newest(anew, enough), endOf(enough)]);
        show(loaded);
      } catch (cause) {
        if (!enough.aborted) onProblem(cause);
      }
    }
    reading = false;
    if (!signal.aborted && uncounted) await count();
  };

  const count = async () => {
    counting = new AbortController();
    const { signal: enough } = counting;
    try {
      const counted = await counts(enough);
      if (enough.aborted) return;
      uncounted = false;
      loaded = { ...loaded, counted };
      show(loaded);
    } catch (cause) {
      if (!enough.aborted) onProblem(cause);
    }
  };
  const counts = async (enough: AbortSignal): Promise<Counted> => {
    const { group } = filter;
    const known = knownOf.get(group);
    if (known === undefined) await Promise.race([moment(), endOf(enough)]);
    // Otherwise all that passes is there already.
    const isLeft = loaded.next !== null;
    const counted = await history.count(isLeft ? filter : group === undefined ? {} : { group }, enough, known);
    if (!enough.aborted) knownOf.set(group, counted.of);
    return isLeft ? counted : { matching: loaded.entries.length, of: counted.of };
  };

  const newest = async (size: number, enough: AbortSignal): Promise<Loaded> => {
    anew = null;
    const asked = filter;
    const [page, setAside, updating] = await Promise.all([
      history.page(filter, null, size, looking(), enough),
      history.damagedCount(),
      history.isUpdating(),
    ]);
    return { ...page, filter: asked, damaged: page.damaged + setAside, updating, counted: loaded.counted };
  };
  const following = async (enough: AbortSignal): Promise<Loaded> => {
    moreWanted = false;
    if (loaded.next === null) return loaded;
    const page = await history.page(filter, loaded.next, PAGE_SIZE, looking(), enough);
    return {
      ...loaded,
      entries: [...loaded.entries, ...page.entries],
      next: page.next,
      damaged: loaded.damaged + page.damaged,
    };
  };

  return {
    filter(wanted) {
      // What passes another filter is of no use any more, however long it would still be looked for.
      paging.abort();
      filter = wanted;
      anew = PAGE_SIZE;
      moreWanted = false;
      uncounted = true;
      loaded = { ...loaded, counted: null };
      read();
    },
    again() {
      uncounted = true;
      knownOf.clear();
      anew ??= Math.max(PAGE_SIZE, loaded.entries.length);
      read();
    },
    more() {
      moreWanted = true;
      read();
    },
  };
}

/** Rejects once the signal aborts. */
function endOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function moment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, COUNT_AFTER_MS));
}
