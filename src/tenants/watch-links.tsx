import type { Settings } from '../domain/settings';
import { onBroadcast } from '../messaging/broadcasts';
import { call } from '../messaging/call';
import type { LinkAccount } from '../messaging/protocol';
import type { Watches } from '../storage/watches';
import { useLive } from '../ui/use-live';
import { useNow } from '../ui/use-now';
import { useWork, WorkProblem } from '../ui/use-work';
import { WatchChoice } from '../ui/watch-choice';

/** What the page reads of the watching. */
export interface Watching extends Pick<Settings, 'watch'> {
  readonly managed: { readonly watch: boolean; readonly watched: boolean };
  readonly watches: Pick<Watches, 'read'>;
}

interface WatchLinksProps extends Watching {
  readonly connectionId: string;
  /** Those that are signed in. */
  readonly accounts: readonly LinkAccount[];
}

/** How often changes made elsewhere are looked for, and what the last look at this connection's links came to. */
export function WatchLinks({ watch, managed, watches, connectionId, accounts }: WatchLinksProps) {
  const now = useNow();
  const { problem, run } = useWork();
  const users = accounts.map(({ user }) => user);
  const last = useLive(() => lastOf(watches, connectionId, users), onHistory, [watches, connectionId, users.join()]);
  return (
    <>
      <WatchChoice
        {...{ watch, managed, now }}
        watched={null}
        last={last.state === 'here' ? last.value : null}
        onChoose={(chosen) => run(() => call('watch.save', chosen))}
      />
      <WorkProblem problem={problem} />
    </>
  );
}

/** How the last look at these accounts' links ended; null where one of them has come since. */
async function lastOf(watches: Pick<Watches, 'read'>, connectionId: string, users: readonly string[]) {
  const watching = await watches.read(connectionId);
  if (watching === null || watching.last === null) return null;
  const { last, accounts } = watching;
  // A look that missed something may have missed all of an account.
  return last.unknown > 0 || users.every((user) => accounts.includes(user)) ? last : null;
}

function onHistory(again: () => void, signal: AbortSignal): void {
  onBroadcast(({ changed }) => {
    if (changed === 'history') again();
  }, signal);
}
