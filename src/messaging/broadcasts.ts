import { BROADCAST_CHANNEL, type Broadcast } from './protocol';

/** Announces to the extension's own pages that something they may show has changed. */
export function createBroadcaster(): (broadcast: Broadcast) => void {
  const channel = new BroadcastChannel(BROADCAST_CHANNEL);
  return (broadcast) => channel.postMessage(broadcast);
}

/** Calls back for every broadcast until the signal aborts. Only the extension's own origin can post on this channel. */
export function onBroadcast(callback: (broadcast: Broadcast) => void, signal: AbortSignal): void {
  const channel = new BroadcastChannel(BROADCAST_CHANNEL);
  channel.addEventListener('message', (event: MessageEvent<Broadcast>) => callback(event.data), { signal });
  signal.addEventListener('abort', () => channel.close(), { once: true });
}

/** Calls back whenever the settings, who is signed in, or what the service says of itself may be another, until the signal aborts. */
export function onSettingsBroadcast(callback: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    if (changed === 'settings') callback();
  }, signal);
}
