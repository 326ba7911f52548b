import type { Skew } from '../backends/skew';
import type { Settings } from '../domain/settings';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import { ASK_FOR_MS, type CurrentConnection } from './connections';

export interface PruningParts {
  readonly history: Pick<History, 'prune'>;
  readonly settings: () => Promise<Settings>;
  readonly current: () => Promise<CurrentConnection | null>;
  readonly skew: Pick<Skew, 'trustedNow'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Rows were removed from the history. */
  readonly onRemoved: () => void;
}

/** Removes what the retention no longer keeps. Where no clock can be believed, a service is asked for the time first. */
export function createPruning({ history, settings, current, skew, clock, log, onRemoved }: PruningParts) {
  return async function prune(): Promise<void> {
    const { retention } = await settings();
    const pass = async () => {
      const { removed, timeUnknown } = await history.prune(retention, { now: clock.now(), trusted: skew.trustedNow() });
      if (removed > 0) onRemoved();
      return timeUnknown;
    };
    if ((await pass()) && (await askTheTime())) await pass();
  };

  /** Any answer of the service says what time it is; false when it can't be reached. */
  async function askTheTime(): Promise<boolean> {
    try {
      await (await current())?.backend.test(AbortSignal.timeout(ASK_FOR_MS))[Symbol.asyncIterator]().next();
    } catch (cause) {
      log.info('The service has not said what time it is; nothing is removed by its age', { why: String(cause) });
    }
    return skew.trustedNow() !== null;
  }
}
