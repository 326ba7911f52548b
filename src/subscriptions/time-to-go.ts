import type { LaneHold } from '../domain/batch';
import { endOf, isOver } from '../domain/wait';

/** How many had not ended at some time, in milliseconds since the epoch. */
export interface Sample {
  readonly at: number;
  readonly left: number;
}

/** How far back it counts how quick it was: long enough that the service's own waits are in it. */
const LOOKS_BACK_MS = 5 * 60_000;
/** Less than this tells nothing. */
const SHORTEST_MS = 3_000;

/** What was seen by now, without what is of long ago. One at most for each second. */
export function withSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const kept = samples.filter(({ at }) => at <= sample.at && sample.at - at <= LOOKS_BACK_MS);
  const last = kept.at(-1);
  // A clock that was put back begins anew.
  if (kept.length < samples.length && kept.length === 0) return [sample];
  return last !== undefined && kept.length > 1 && sample.at - last.at < 1000
    ? [...kept.slice(0, -1), sample]
    : [...kept, sample];
}

/**
 * How many milliseconds what is left takes, by how quick it was so far, waits that the service asked for included; null while
 * nobody can tell.
 */
export function timeToGo(samples: readonly Sample[], hold: LaneHold | null, now: number): number | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || hold?.for === 'signIn') return null;
  const took = now - first.at;
  const ended = first.left - last.left;
  const work = ended > 0 && took >= SHORTEST_MS ? (took / ended) * last.left : null;
  const wait = hold === null || isOver(hold.wait, now) ? 0 : endOf(hold.wait, now) - now;
  return work === null ? null : Math.max(work, wait);
}
