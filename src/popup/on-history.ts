import { onNotice } from '../messaging/notices';

/** Calls back whenever the history has changed, until the signal aborts. */
export function onHistory(again: () => void, signal: AbortSignal): void {
  onNotice(({ changed }) => {
    if (changed === 'history') again();
  }, signal);
}
