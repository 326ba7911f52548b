import type { Connection } from '../domain/connection';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { StarsReader } from '../storage/stars';
import { type Live, useLive } from '../ui/use-live';
import { rowKey } from './row-id';

/** What whoever is signed in at these connections has starred, by the rows' keys. */
export function useStarred(connections: readonly Connection[], stars: StarsReader): Live<ReadonlySet<string>> {
  const read = async () => {
    const keys = new Set<string>();
    for (const { id: connectionId } of connections) {
      const person = await call('person.present', { connectionId });
      if (person === null) continue;
      for (const subscriptionId of await stars.read({ connectionId, person }))
        keys.add(rowKey({ connectionId, subscriptionId }));
    }
    return keys;
  };
  return useLive(read, onStars, [connections.map(({ id }) => id).join(' ')]);
}

function onStars(again: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    // Somebody else's are others.
    if (changed === 'stars' || changed === 'settings') again();
  }, signal);
}
