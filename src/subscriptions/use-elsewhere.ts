import type { ForeignChange } from '../domain/history';
import { targetKey } from '../domain/target';
import { onBroadcast } from '../messaging/broadcasts';
import type { HistoryReader } from '../storage/history';
import type { HoldOf } from '../storage/lanes';
import { useLive } from '../ui/use-live';

const NONE: ReadonlyMap<string, ForeignChange> = new Map();

/** The changes made elsewhere that nobody has met yet, by the keys of their rows; of several of one row the newest. */
export function useElsewhere(history: Pick<HistoryReader, 'unmet'>): ReadonlyMap<string, ForeignChange> {
  const read = async () => {
    const newestLast = (await history.unmet()).toSorted((one, other) => one.foundAt - other.foundAt);
    return new Map(newestLast.map((one) => [targetKey(one.target), one]));
  };
  const live = useLive(read, onHistory, [history]);
  return live.state === 'here' ? live.value : NONE;
}

/** What holds up the changes of connections; null while nobody knows. */
export function useHolds(history: Pick<HistoryReader, 'holds'>): HoldOf | null {
  const live = useLive(() => history.holds(Date.now()), onHistory, [history]);
  return live.state === 'here' ? live.value : null;
}

/** Calls back whenever the history has changed, until the signal aborts. */
export function onHistory(again: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    if (changed === 'history') again();
  }, signal);
}
