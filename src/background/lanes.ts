import type { LaneHold } from '../domain/batch';
import { afterLaneEvent, FRESH_LANE, holdAt, type Lane, type LaneEvent, mayLeave } from '../domain/lane';
import { endOf } from '../domain/wait';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { KeptLane, LaneStore } from '../storage/lanes';

export interface LanesParts {
  readonly store: LaneStore;
  readonly clock: Clock;
  readonly log: Log;
  /** What held up a lane is over, or its time has come. */
  readonly onFree: () => void;
  /** Something holds up lanes of that connection, or does not any more. */
  readonly onHold: (connectionId: string) => void;
}

/** One lane's name, and whose it is. */
export interface LaneName {
  readonly connectionId: string;
  readonly lane: string;
}

/** How many requests leave at once and when, by lane; kept, so that a worker that ends in between sends no more for it. */
export interface Lanes {
  /** Reads what an earlier worker has kept. Nothing leaves before. */
  load(): Promise<void>;
  /** How many more may leave now, beside those that are on the wire. */
  mayLeave(name: LaneName, onTheWire: number): number;
  isHeld(name: LaneName): boolean;
  /** Lets something happen to a lane. Nobody waits for its being kept. */
  note(name: LaneName, event: LaneEvent): void;
  /** The same for every lane of a connection. */
  noteAll(connectionId: string, event: LaneEvent): void;
  /** What holds up the connection; null where nothing does, or not all of its lanes. */
  holdOf(connectionId: string): LaneHold | null;
}

export function createLanes({ store, clock, log, onFree, onHold }: LanesParts): Lanes {
  const lanes = new Map<string, KeptLane>();
  const timers = new Map<string, AbortController>();
  const unwritten = new Map<string, KeptLane>();
  let loading: Promise<void> | null = null;
  let isWriting = false;

  function load(): Promise<void> {
    loading ??= store.read().then(
      (kept) => {
        for (const [key, one] of kept) {
          lanes.set(key, one);
          wakeAtEnd(key, one.lane);
        }
      },
      (cause: unknown) => {
        loading = null;
        throw cause;
      },
    );
    return loading;
  }

  function note({ connectionId, lane }: LaneName, event: LaneEvent): void {
    const key = keyOf({ connectionId, lane });
    happen(key, connectionId, lanes.get(key)?.lane ?? FRESH_LANE, event);
  }

  function happen(key: string, connectionId: string, before: Lane, event: LaneEvent): void {
    const lane = afterLaneEvent(before, event);
    if (lane === before) return;
    const kept = { connectionId, lane };
    lanes.set(key, kept);
    if (isWorthKeeping(before, lane)) {
      unwritten.set(key, kept);
      void writeUnwritten();
    }
    if (lane.hold === before.hold && lane.probes === before.probes) return;
    wakeAtEnd(key, lane);
    if (lane.hold !== before.hold) onHold(connectionId);
    onFree();
  }

  function wakeAtEnd(key: string, { hold }: Lane): void {
    timers.get(key)?.abort();
    timers.delete(key);
    if (hold?.for !== 'time') return;
    const timer = new AbortController();
    timers.set(key, timer);
    clock.callAt(endOf(hold.wait, clock.now()), onFree, timer.signal);
  }

  /** What comes during a write is written together by the next one. */
  async function writeUnwritten(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (unwritten.size > 0) {
      const some = new Map(unwritten);
      unwritten.clear();
      await store.write(some).catch((cause: unknown) => log.error('What holds up requests could not be kept', cause));
    }
    isWriting = false;
  }

  return {
    load,
    mayLeave: (name, onTheWire) => mayLeave(lanes.get(keyOf(name))?.lane ?? FRESH_LANE, onTheWire, clock.now()),
    isHeld: (name) => mayLeave(lanes.get(keyOf(name))?.lane ?? FRESH_LANE, 0, clock.now()) === 0,
    note,
    noteAll(connectionId, event) {
      for (const [key, one] of lanes) if (one.connectionId === connectionId) happen(key, connectionId, one.lane, event);
    },
    holdOf(connectionId) {
      const own = [...lanes.values()].filter((one) => one.connectionId === connectionId);
      const holds = own.map(({ lane }) => holdAt(lane, clock.now()));
      return holds.includes(null) ? null : (holds[0] ?? null);
    },
  };
}

/** Two connections may call their lanes the same. */
export function keyOf({ connectionId, lane }: LaneName): string {
  return JSON.stringify([connectionId, lane]);
}

/** How many answers a lane has had is counted anew by the next worker. */
function isWorthKeeping(before: Lane, { width, hold, probes, refusals }: Lane): boolean {
  return width !== before.width || hold !== before.hold || probes !== before.probes || refusals !== before.refusals;
}
