import { onBroadcast } from '../messaging/broadcasts';

/** Calls back whenever the history has changed, until the signal aborts. */
export function onHistory(again: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    if (changed === 'history') again();
  }, signal);
}
