import type { Identity } from '../backends/backend';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import { readSupport, writeSupport } from '../storage/support';

/** Whom to ask at the configured services, as they say themselves: kept, since a refusal may come when nobody is signed in. */
export interface Support {
  /** Null while that connection's service has named nobody. */
  of(connectionId: string): Promise<string | null>;
  /** Keeps what a service said with who the caller is. What it accompanies goes on, whatever becomes of it. */
  keep(connectionId: string, identity: Identity): Promise<void>;
  /**
   * Has the service asked, unless it was within a day: at most once at a time, and in a worker's life once a day though it fails.
   * @param ask asks the service who the caller is
   */
  renew(connectionId: string, ask: () => Promise<Identity>): Promise<void>;
}

const GOOD_FOR_MS = 24 * 60 * 60 * 1000;

export function createSupport({ clock, log }: { readonly clock: Clock; readonly log: Log }): Support {
  const tried = new Map<string, number>();

  /** A time in the future was noted before the clock was put back, so it counts as past. */
  function isRecent(at: number | undefined): boolean {
    return at !== undefined && at <= clock.now() && clock.now() - at < GOOD_FOR_MS;
  }

  async function keep(connectionId: string, { support }: Identity): Promise<void> {
    tried.set(connectionId, clock.now());
    try {
      await writeSupport(connectionId, { support, askedAt: clock.now() });
    } catch (cause) {
      log.error('Whom to ask could not be kept', cause);
    }
  }

  return {
    of: async (connectionId) => (await readSupport(connectionId))?.support ?? null,
    keep,
    async renew(connectionId, ask) {
      if (isRecent(tried.get(connectionId))) return;
      tried.set(connectionId, clock.now());
      if (isRecent((await readSupport(connectionId))?.askedAt)) return;
      await keep(connectionId, await ask());
    },
  };
}
