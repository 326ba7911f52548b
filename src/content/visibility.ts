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
  /** When it was first reported on, here; null when it never was. */
  readonly knownSince: number | null;
}

/** What the browser reports; Firefox 153 has no `isVisible`. */
export interface Report {
  readonly isIntersecting: boolean;
  readonly isVisible?: boolean;
}

export const UNKNOWN: Sight = { state: 'unknown', since: 0, coveredUntil: null, knownSince: null };

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
  const since = state === before.state ? before.since : now;
  return { state, since, coveredUntil, knownSince: before.knownSince ?? now };
}

/** Whether the browser can say what it shows; Firefox 153 can't. */
export const SAYS_WHAT_IT_SHOWS =
  typeof IntersectionObserver !== 'undefined' && 'trackVisibility' in IntersectionObserver.prototype;

export interface SightWatch {
  readonly sight: Sight;
  /**
   * Watches this element from now on and nothing before it.
   *
   * @param sameAsBefore it only was put back where it was: what was reported before still counts, and its next word is waited for
   */
  watch(element: Element, sameAsBefore?: boolean): void;
}

/** Watches one element at a time and reports every change of its sight, until `signal` is aborted. */
export function createSightWatch(onSight: () => void, signal: AbortSignal): SightWatch {
  let sight = UNKNOWN;
  const observer = SAYS_WHAT_IT_SHOWS
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
    watch(element, sameAsBefore = false) {
      observer?.disconnect();
      sight = sameAsBefore ? { ...sight, state: 'unknown' } : UNKNOWN;
      observer?.observe(element);
    },
  };
}
