/** Inline in the portal's own content, or docked over the page's lower right corner. */
export type Place = 'inline' | 'docked';

/** The element that the panel stands in: the portal's own, or, docked, the body or what lies outside of it. */
export type Spot = 'anchor' | 'body' | 'root';

/** What is on the page, as far as the panel's place hangs on it. Times are milliseconds of one clock. */
export interface Scene {
  readonly now: number;
  /** The panel is in this document, in the element where it was put. */
  readonly isThere: boolean;
  /** It takes up room. */
  readonly hasBox: boolean;
  /** Where it could go inline; null when there is no such place. */
  readonly anchor: {
    readonly holdsPanel: boolean;
    /** How long what stands there has been seen without a break; null when it is not seen, or nobody looked. */
    readonly seenFor: number | null;
  } | null;
  /** How long the panel has not been seen as it is; null when nothing is wrong. */
  readonly unseenFor: number | null;
  /** A press was just not acted on, since something covers the panel. */
  readonly pressRefused: boolean;
  readonly dialogInTheWay: boolean;
  /** The focus is in the panel: somebody is at work there. */
  readonly hasFocus: boolean;
}

/** What was decided before, as far as it counts for the next time. */
export interface Past {
  readonly openedAt: number;
  readonly spot: Spot | null;
  /** When the page took the panel away. */
  readonly removals: readonly number[];
  readonly restsUntil: number;
  readonly timesUnseen: number;
  /** It left its anchor for not being seen there. */
  readonly avoidsAnchor: boolean;
}

export interface Decision {
  readonly to: 'stay' | 'rest' | Spot;
  /** In so many milliseconds the page is to be looked at again, if nothing happens on it before; null: only then. */
  readonly lookAgainIn: number | null;
  readonly past: Past;
}

export const WAIT_FOR_ANCHOR_MS = 300;
/** A page that takes the panel away this often in that time is left alone for a while. */
export const REMOVALS = 5;
export const REMOVALS_IN_MS = 3000;
export const REST_MS = 5000;
/** Not seen for so long, a panel looks for another place. */
export const LEAVES_AFTER_MS = 500;
/** So long must its anchor be seen before it goes back; each further time twice as long, so that it does not flap. */
export const BACK_AFTER_MS = 1000;

export function pastAt(openedAt: number): Past {
  return { openedAt, spot: null, removals: [], restsUntil: 0, timesUnseen: 0, avoidsAnchor: false };
}

export function placeOf(spot: Spot): Place {
  return spot === 'anchor' ? 'inline' : 'docked';
}

/** Where the panel is to be: inline when there is an anchor, docked when there is none or when it is not seen there. */
export function decidePlace(past: Past, scene: Scene): Decision {
  const { now } = scene;
  if (now < past.restsUntil) return { to: 'rest', lookAgainIn: past.restsUntil - now, past };
  const removed = afterRemoval(past, scene);
  if (removed.restsUntil > now) return { to: 'rest', lookAgainIn: REST_MS, past: removed };
  return leaving(removed, scene) ?? settling(removed, scene);
}

function afterRemoval(past: Past, { now, isThere }: Scene): Past {
  if (past.spot === null || isThere) return past;
  const removals = [...past.removals.filter((at) => at > now - REMOVALS_IN_MS), now];
  return removals.length > REMOVALS ? { ...past, removals: [], restsUntil: now + REST_MS } : { ...past, removals };
}

/** To the outermost dock: what the page does to its body does not reach the panel there. There is no further place. */
function leaving(past: Past, { isThere, unseenFor, pressRefused, dialogInTheWay }: Scene): Decision | null {
  if (past.spot === null || past.spot === 'root' || !isThere || (unseenFor === null && !pressRefused)) return null;
  if (!pressRefused && unseenFor !== null && unseenFor < LEAVES_AFTER_MS) {
    return { to: 'stay', lookAgainIn: LEAVES_AFTER_MS - unseenFor, past };
  }
  // It closes again, and until then would be in the way there too.
  if (dialogInTheWay) return { to: 'stay', lookAgainIn: LEAVES_AFTER_MS, past };
  return moved({ ...past, timesUnseen: past.timesUnseen + 1, avoidsAnchor: true }, 'root');
}

function settling(past: Past, { now, isThere, hasBox, anchor, hasFocus }: Scene): Decision {
  const stay: Decision = { to: 'stay', lookAgainIn: null, past };
  if (past.spot === 'anchor' && isThere && hasBox) return stay;
  if (anchor !== null && mayStandIn(past, anchor.seenFor, hasFocus)) {
    return isThere && anchor.holdsPanel ? stay : moved({ ...past, avoidsAnchor: false }, 'anchor');
  }
  const dock = past.timesUnseen > 0 ? 'root' : 'body';
  if (past.spot === dock && isThere) return stay;
  const waits = past.openedAt + WAIT_FOR_ANCHOR_MS - now;
  if (past.spot === null && waits > 0) return { ...stay, lookAgainIn: waits };
  return moved(past, dock);
}

/** Once it left for not being seen, only where what stands there now has been seen for a while, and not under somebody's hands. */
function mayStandIn({ avoidsAnchor, timesUnseen }: Past, seenFor: number | null, hasFocus: boolean): boolean {
  if (!avoidsAnchor) return true;
  return !hasFocus && seenFor !== null && seenFor >= BACK_AFTER_MS * 2 ** (timesUnseen - 1);
}

function moved(past: Past, to: Spot): Decision {
  return { to, lookAgainIn: null, past: { ...past, spot: to } };
}
