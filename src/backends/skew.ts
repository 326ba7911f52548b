import { aheadBy } from '../domain/skew';
import type { Clock } from '../platform/clock';
import { serviceTime } from './http';

/** What the answers of services and identity providers say about this computer's clock, each by its own `Date`. */
export interface Skew {
  /** `fetch`, whose answers are noted. */
  readonly fetch: typeof fetch;
  /**
   * By how much this computer's clock is ahead of that of whoever answers at the address's origin, in milliseconds: negative
   * where it is behind. Null where nobody has said in this worker's life, or the clock may have been set since.
   */
  aheadOf(address: string): number | null;
  /**
   * A time that is certainly past, in milliseconds since the epoch: the earliest of this computer's and of all that were heard.
   * Null where none was heard. What is to be removed by its age is judged by it.
   */
  trustedNow(): number | null;
}

/** What was noted of one origin, and when by both of our clocks. */
interface Note {
  readonly aheadMs: number;
  readonly now: number;
  readonly elapsed: number;
}

/** More than that between our two clocks since a note: somebody set the one, or the computer slept, which stops the other. */
const MOST_DRIFT_MS = 60_000;

/** Lost with the worker, as is right: nobody knows what became of the clock since. */
export function createSkew(clock: Clock, fetch: typeof globalThis.fetch): Skew {
  const notes = new Map<string, Note>();

  function note(address: string, { headers }: Response, sentAt: number, elapsedThen: number): void {
    const theirs = serviceTime(headers);
    const now = clock.now();
    const elapsed = clock.elapsed();
    // The clock was set while the answer was on its way.
    if (theirs === null || Math.abs(now - sentAt - (elapsed - elapsedThen)) > MOST_DRIFT_MS) return;
    notes.set(new URL(address).origin, { aheadMs: aheadBy({ theirs, sentAt, heardAt: now }), now, elapsed });
  }

  function stillHolds({ now, elapsed }: Note): boolean {
    return Math.abs(clock.now() - now - (clock.elapsed() - elapsed)) <= MOST_DRIFT_MS;
  }

  return {
    async fetch(input, init) {
      const sentAt = clock.now();
      const elapsed = clock.elapsed();
      const response = await fetch(input, init);
      note(input instanceof Request ? input.url : String(input), response, sentAt, elapsed);
      return response;
    },
    aheadOf(address) {
      const noted = notes.get(new URL(address).origin);
      return noted !== undefined && stillHolds(noted) ? noted.aheadMs : null;
    },
    trustedNow() {
      const ahead = [...notes.values()].filter(stillHolds).map(({ aheadMs }) => aheadMs);
      return ahead.length === 0 ? null : clock.now() - Math.max(0, ...ahead);
    },
  };
}
