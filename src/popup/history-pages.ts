import type { HistoryEntry, HistoryFilter } from '../domain/history';
import type { Cursor, HistoryReader, Looking } from '../storage/history';

/** What is loaded of the history, newest first. */
export interface Loaded {
  readonly entries: readonly HistoryEntry[];
  readonly next: Cursor | null;
  /** How many entries could not be read, on the way and ever. */
  readonly damaged: number;
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

/**
 * Reads the history page by page, one read at a time, so that fast typing never has two searches compete; of several that
 * wait only the last is made.
 */
export function createHistoryPages(
  history: HistoryReader,
  looking: () => Looking,
  show: (loaded: Loaded) => void,
  onProblem: (cause: unknown) => void,
  signal: AbortSignal,
): HistoryPages {
  let filter: HistoryFilter = {};
  let loaded: Loaded = { entries: [], next: null, damaged: 0 };
  /** How many rows to read from the newest on; null when what is loaded still holds. */
  let anew: number | null = null;
  let moreWanted = false;
  let reading = false;

  const read = async () => {
    if (reading) return;
    reading = true;
    while ((anew !== null || moreWanted) && !signal.aborted) {
      try {
        loaded = anew === null ? await following() : await newest(anew);
        if (!signal.aborted) show(loaded);
      } catch (cause) {
        if (!signal.aborted) onProblem(cause);
      }
    }
    reading = false;
  };

  const newest = async (size: number): Promise<Loaded> => {
    anew = null;
    const [page, setAside] = await Promise.all([history.page(filter, null, size, looking()), history.damagedCount()]);
    return { ...page, damaged: page.damaged + setAside };
  };
  const following = async (): Promise<Loaded> => {
    moreWanted = false;
    if (loaded.next === null) return loaded;
    const page = await history.page(filter, loaded.next, PAGE_SIZE, looking());
    return { entries: [...loaded.entries, ...page.entries], next: page.next, damaged: loaded.damaged + page.damaged };
  };

  return {
    filter(wanted) {
      filter = wanted;
      anew = PAGE_SIZE;
      moreWanted = false;
      read();
    },
    again() {
      anew ??= Math.max(PAGE_SIZE, loaded.entries.length);
      read();
    },
    more() {
      moreWanted = true;
      read();
    },
  };
}
