/**
 * How far a clock may be from another before anything is made of it: as much as most who check tokens by the time allow.
 */
export const TOLERATED_SKEW_MS = 5 * 60_000;

/** What time it was elsewhere, to the second, and by our own clock around it. All in milliseconds since the epoch. */
export interface TimeHeard {
  readonly theirs: number;
  /** When the question left, and when the answer was here: theirs was read in between. */
  readonly sentAt: number;
  readonly heardAt: number;
}

/** By how much our clock is certainly ahead of theirs, in milliseconds: negative where it is behind, 0 where they may agree. */
export function aheadBy({ theirs, sentAt, heardAt }: TimeHeard): number {
  const atLeast = sentAt - (theirs + 1000);
  const atMost = heardAt - theirs;
  return Math.max(atLeast, 0) + Math.min(atMost, 0);
}

/** Whether a clock that is so far ahead, or behind, has to be set. */
export function isClockOff(aheadMs: number): boolean {
  return Math.abs(aheadMs) > TOLERATED_SKEW_MS;
}
