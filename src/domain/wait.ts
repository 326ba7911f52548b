/**
 * A wait as its beginning (milliseconds since the epoch) and its length (milliseconds), so that no clock has to be right for it to
 * end: no monotonic clock survives the worker, and the one on the wall is set ahead and put back.
 */
export interface Wait {
  readonly from: number;
  readonly ms: number;
}

/** A wait that is over as soon as it begins. */
export function noWait(from: number): Wait {
  return { from, ms: 0 };
}

/** How much of the wait has been served: never more than its length. One that begins in the future counts as served. */
export function servedMs({ from, ms }: Wait, now: number): number {
  return now < from ? ms : Math.min(now - from, ms);
}

/** When it ends, as seen at `now`: then, at the latest. */
export function endOf(wait: Wait, now: number): number {
  return now + wait.ms - servedMs(wait, now);
}

/** Whether it is over at `now`. */
export function isOver(wait: Wait, now: number): boolean {
  return servedMs(wait, now) >= wait.ms;
}
