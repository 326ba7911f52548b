import type { LaneHold } from './batch';
import { LONGEST_RETRY_AFTER_MS, pauseAfter } from './change';
import { endOf, isOver, type Wait } from './wait';

/** How many of a connection's requests are on the wire at once, over all of its lanes. */
export const WIDEST = 4;
/** After so many answers in a row a lane that has become narrow takes one more at once. */
export const WIDER_AFTER = 20;

/** Where nobody answers, one is tried after so long at the latest. */
const LONGEST_SILENCE_MS = 60_000;

/** One queue of requests to a backend: whatever holds up one of them holds up all of them. */
export interface Lane {
  /** How many may be on the wire at once: fewer after a 429, one more after {@link WIDER_AFTER} answers in a row. */
  readonly width: number;
  /** What has to come first; null: nothing has to. */
  readonly hold: LaneHold | null;
  /** One request goes first, and the others once it was answered; where something holds up the lane, one goes in spite of it. */
  readonly probes: boolean;
  /** How often in a row it was asked to wait, or nobody answered, without any other answer. */
  readonly refusals: number;
  /** How many answers in a row it has had at this width. */
  readonly answers: number;
}

/** What happens to a lane. `at`: milliseconds since the epoch. `chance`: a number drawn from [0, 1) by the caller, for jitter. */
export type LaneEvent =
  /** A request was answered, whatever the answer was, and nobody was asked to wait. */
  | { readonly type: 'answered'; readonly at: number }
  /** No answer came, or none that tells anything. */
  | { readonly type: 'lost'; readonly at: number; readonly chance: number }
  /** Nothing left after all. */
  | { readonly type: 'unsent' }
  /** The backend asks to wait: 429, or 503 with `Retry-After`. `isTooMany`: it is a 429. */
  | {
      readonly type: 'askedToWait';
      readonly at: number;
      readonly retryAfterMs: number | null;
      readonly chance: number;
      readonly isTooMany: boolean;
    }
  /** Nobody is signed in, or the sign-in was refused. */
  | { readonly type: 'signInNeeded' }
  /** Somebody has signed in, or another token was saved. */
  | { readonly type: 'signedIn' }
  /** A person wants one of its requests to be tried now. */
  | { readonly type: 'tryNow' }
  /** A worker has ended, and nobody knows how what it had on the wire was answered. */
  | { readonly type: 'interrupted' };

/** A lane that nothing has happened to yet. */
export const FRESH_LANE: Lane = { width: WIDEST, hold: null, probes: false, refusals: 0, answers: 0 };

/** A lane after an event. */
export function afterLaneEvent(lane: Lane, event: LaneEvent): Lane {
  switch (event.type) {
    case 'answered':
      return answered(lane, event.at);
    case 'askedToWait':
      return askedToWait(lane, event);
    case 'signInNeeded':
      return { ...lane, hold: { for: 'signIn' }, probes: false, answers: 0 };
    case 'signedIn':
      return lane.hold?.for === 'signIn' ? { ...lane, hold: null, probes: true } : lane;
    case 'tryNow':
      return lane.hold === null ? lane : { ...lane, probes: true };
    case 'lost':
      return lost(lane, event);
    case 'unsent':
      return tried(lane);
    case 'interrupted':
      return { ...lane, probes: lane.hold === null };
  }
}

/** How many more requests may leave at `now`, beside those that are on the wire. */
export function mayLeave(lane: Lane, onTheWire: number, now: number): number {
  return Math.max(roomAt(lane, now) - onTheWire, 0);
}

/** What holds up a lane at `now`; null once its time has come. */
export function holdAt({ hold }: Pick<Lane, 'hold'>, now: number): LaneHold | null {
  return hold?.for === 'time' && isOver(hold.wait, now) ? null : hold;
}

/** What holds up a connection at `now`, of all lanes; null where it has none, or one of its lanes at least goes on. */
export function holdOfConnection(
  lanes: Iterable<{ readonly connectionId: string; readonly lane: Pick<Lane, 'hold'> }>,
  connectionId: string,
  now: number,
): LaneHold | null {
  const own = [...lanes].filter((one) => one.connectionId === connectionId);
  const holds = own.map(({ lane }) => holdAt(lane, now));
  return holds.includes(null) ? null : (holds[0] ?? null);
}

function roomAt(lane: Lane, now: number): number {
  if (lane.probes) return 1;
  if (holdAt(lane, now) !== null) return 0;
  // Its time has come, and nobody knows yet whether the backend takes anything again.
  return lane.hold === null ? lane.width : 1;
}

function answered(lane: Lane, at: number): Lane {
  // What was sent before the backend asked to wait says nothing against that.
  if (holdAt(lane, at) !== null && !lane.probes) return lane;
  const isWider = lane.answers + 1 >= WIDER_AFTER && lane.width < WIDEST;
  return {
    width: isWider ? lane.width + 1 : lane.width,
    hold: null,
    probes: false,
    refusals: 0,
    answers: isWider ? 0 : Math.min(lane.answers + 1, WIDER_AFTER),
  };
}

/** Where nobody answers any more, one goes at a time, and after each that is lost again all wait, longer and longer. */
function lost(lane: Lane, { at, chance }: Extract<LaneEvent, { type: 'lost' }>): Lane {
  // The others were on the wire together.
  if (holdAt(lane, at) !== null) return tried(lane);
  if (lane.hold === null && !lane.probes) return { ...lane, probes: true, answers: 0 };
  const refusals = lane.refusals + 1;
  const ms = Math.min(pauseAfter(refusals, chance), LONGEST_SILENCE_MS);
  return { ...lane, hold: { for: 'time', wait: { from: at, ms }, silent: true }, probes: false, refusals, answers: 0 };
}

/** What a person wanted to be tried in spite of a hold was tried. */
function tried(lane: Lane): Lane {
  return lane.hold !== null && lane.probes ? { ...lane, probes: false } : lane;
}

function askedToWait(lane: Lane, event: Extract<LaneEvent, { type: 'askedToWait' }>): Lane {
  const { at, retryAfterMs, chance, isTooMany } = event;
  if (lane.hold?.for === 'signIn') return lane;
  // What was on the wire together is refused together: that is one refusal.
  const isSame = holdAt(lane, at) !== null && !lane.probes;
  const refusals = isSame ? lane.refusals : lane.refusals + 1;
  const ms = Math.max(Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS), pauseAfter(refusals, chance));
  return {
    width: isTooMany && !isSame ? Math.max(Math.floor(lane.width / 2), 1) : lane.width,
    hold: { for: 'time', wait: laterOf(isSame && lane.hold !== null ? lane.hold.wait : null, { from: at, ms }, at) },
    probes: false,
    refusals,
    answers: 0,
  };
}

function laterOf(one: Wait | null, other: Wait, now: number): Wait {
  return one !== null && endOf(one, now) > endOf(other, now) ? one : other;
}
