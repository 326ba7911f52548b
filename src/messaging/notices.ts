import { NOTICE_CHANNEL, type Notice } from './protocol';

/** Tells the extension's own pages that something they may show has changed. */
export function createNotifier(): (notice: Notice) => void {
  const channel = new BroadcastChannel(NOTICE_CHANNEL);
  return (notice) => channel.postMessage(notice);
}

/** Calls back for every notice until the signal aborts. Only the extension's own origin can post on this channel. */
export function onNotice(callback: (notice: Notice) => void, signal: AbortSignal): void {
  const channel = new BroadcastChannel(NOTICE_CHANNEL);
  channel.addEventListener('message', (event: MessageEvent<Notice>) => callback(event.data), { signal });
  signal.addEventListener('abort', () => channel.close(), { once: true });
}

/** Calls back whenever the settings, who is signed in, or what the service says of itself may be another, until the signal aborts. */
export function onSettingsNotice(callback: () => void, signal: AbortSignal): void {
  onNotice(({ changed }) => {
    if (changed === 'settings') callback();
  }, signal);
}
