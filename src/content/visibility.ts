/**
 * Whether a person can see an element, as the browser judges it by what it draws (IntersectionObserver v2): false under anything
 * that lies over it, transparent or not, and under opacity, filters and rotation of what it stands in. Honest pages have those too.
 */
export interface Sight {
  /** `unknown`: not reported yet. `away`: scrolled or clipped out of view, which nobody can be made to press. */
  readonly state: 'unknown' | 'seen' | 'covered' | 'away';
  /** When that began. All times are milliseconds of one clock. */
  readonly since: number;
  /** When it was last reported covered; null when it never was. */
  readonly coveredUntil: number | null;
}

/** What the browser reports; Firefox has no `isVisible`. */
export interface Report {
  readonly isIntersecting: boolean;
  readonly isVisible?: boolean;
}

export const UNKNOWN: Sight = { state: 'unknown', since: 0, coveredUntil: null };

/** Covered for so long, a panel looks for another place; uncovered for so long, it may be believed. */
export const BELIEVED_AFTER_MS = 500;
/** As often as the browser may report; the type of the options does not know these yet. */
const OPTIONS: IntersectionObserverInit & { trackVisibility: true; delay: number } = {
  trackVisibility: true,
  delay: 100,
};

/** The sight of an element once the browser has reported on it. */
export function sightAfter(before: Sight, { isIntersecting, isVisible }: Report, now: number): Sight {
  const state = !isIntersecting ? 'away' : isVisible ? 'seen' : 'covered';
  const coveredUntil = state === 'covered' || before.state === 'covered' ? now : before.coveredUntil;
  return { state, since: state === before.state ? before.since : now, coveredUntil };
}

/**
 * Whether a press on the element was made by somebody who saw it. `wait`: the next report tells. What was covered a moment ago
 * was not seen: pages take their cover away just before the press.
 */
export function wasSeen({ state, coveredUntil }: Sight, now: number): 'yes' | 'no' | 'wait' {
  if (state === 'covered' || (coveredUntil !== null && now - coveredUntil < BELIEVED_AFTER_MS)) return 'no';
  return state === 'seen' ? 'yes' : 'wait';
}

/** Whether the browser can tell what it shows; Firefox can't. */
export const CAN_TELL =
  typeof IntersectionObserver !== 'undefined' && 'trackVisibility' in IntersectionObserver.prototype;

export interface SightWatch {
  readonly sight: Sight;
  /** Watches this element from now on and nothing before it; of the same one too all that was seen is forgotten. */
  watch(element: Element): void;
}

/** Watches one element at a time and tells every change of its sight, until `signal` is aborted. */
export function createSightWatch(onSight: () => void, signal: AbortSignal): SightWatch {
  let sight = UNKNOWN;
  const observer = CAN_TELL
    ? new IntersectionObserver((reports) => {
        for (const report of reports) sight = sightAfter(sight, report, performance.now());
        onSight();
      }, OPTIONS)
    : null;
  signal.addEventListener('abort', () => observer?.disconnect(), { once: true });
  return {
    get sight() {
      return sight;
    },
    watch(element) {
      observer?.disconnect();
      sight = UNKNOWN;
      observer?.observe(element);
    },
  };
}
