import { useState } from 'preact/hooks';
import { isSamePerson } from '../domain/person';
import type { Settings } from '../domain/settings';
import type { WatchOutcome } from '../domain/watch';
import { call } from '../messaging/call';
import type { Watches } from '../storage/watches';
import { ProblemNotice } from '../ui/problem-notice';
import { useLive } from '../ui/use-live';
import { onHistory } from './use-elsewhere';
import { WatchChoice } from '../ui/watch-choice';

export interface WatchSettingsProps extends Pick<Settings, 'watch' | 'watched'> {
  /** What an organisation has set of the two. */
  readonly managed: { readonly watch: boolean; readonly watched: boolean };
  readonly watches: Pick<Watches, 'read'>;
  /** The connections that are looked at. */
  readonly connectionIds: readonly string[];
  readonly now: number;
}

/** How often changes made elsewhere are looked for, as the worker keeps it. */
export function WatchSettings({ watches, connectionIds, ...choice }: WatchSettingsProps) {
  const [problem, setProblem] = useState<unknown>(null);
  const last = useLive(() => lastOf(watches, connectionIds), onHistory, [watches, connectionIds.join()]);
  return (
    <>
      <WatchChoice
        {...choice}
        last={last.state === 'here' ? last.value : null}
        onChoose={(chosen) => {
          call('watch.save', chosen).then(() => setProblem(null), setProblem);
        }}
      />
      {problem !== null && <ProblemNotice cause={problem} />}
    </>
  );
}

/** What the last looks at all of these came to together; null where one of them was not looked at yet for whoever is signed in. */
async function lastOf(watches: Pick<Watches, 'read'>, connectionIds: readonly string[]): Promise<WatchOutcome | null> {
  let all: WatchOutcome | null = null;
  for (const connectionId of connectionIds) {
    const [watching, person] = await Promise.all([
      watches.read(connectionId),
      call('person.present', { connectionId }),
    ]);
    const isTheirs = watching !== null && person !== null && isSamePerson(watching.person, person);
    const last = isTheirs ? watching.last : null;
    if (last === null) return null;
    all = all === null ? last : together(all, last);
  }
  return all;
}

function together(one: WatchOutcome, other: WatchOutcome): WatchOutcome {
  return {
    endedAt: Math.min(one.endedAt, other.endedAt),
    read: one.read + other.read,
    unknown: one.unknown + other.unknown,
    missing: one.missing + other.missing,
    whole: one.whole && other.whole,
  };
}
