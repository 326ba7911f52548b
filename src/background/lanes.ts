import type { LaneHold } from '../domain/batch';
import {
  afterLaneEvent,
  FRESH_LANE,
  holdAt,
  holdOfConnection,
  type Lane,
  type LaneEvent,
  mayLeave,
} from '../domain/lane';
import { endOf } from '../domain/wait';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { Claim, KeptLane, LaneStore } from '../storage/lanes';

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
  /** Writes of those changes that their requests may leave. */
  claim(name: LaneName, claimed: ReadonlyMap<string, Claim>): Promise<void>;
  /** What became of that change is written. */
  release(changeId: string): void;
  /** Those changes do not leave for now. Nobody waits for that being kept. */
  giveBack(name: LaneName, changeIds: readonly string[]): void;
  /** That a request of that change may have left, for all that its row says; undefined: its row says all. */
  claimOf(changeId: string): Claim | undefined;
  /** Lets something happen to a lane. Nobody waits for its being kept. */
  note(name: LaneName, event: LaneEvent): void;
  /** The same for every lane of a connection. */
  noteAll(connectionId: string, event: LaneEvent): void;
  /** The lanes that wait for a sign-in, each by {@link keyOf} and with its connection. */
  waitingForSignIn(): ReadonlyMap<string, string>;
  /** Of those lanes, by their keys, nobody is asked to sign in. */
  freeOfSignIn(keys: Iterable<string>): void;
  /** What holds up that lane; null where nothing does. */
  holdIn(name: LaneName): LaneHold | null;
  /** What holds up the connection; null where nothing does, or not all of its lanes. */
  holdOf(connectionId: string): LaneHold | null;
}

export function createLanes({ store, clock, log, onFree, onHold }: LanesParts): Lanes {
  const lanes = new Map<string, Pick<KeptLane, 'connectionId' | 'lane'>>();
  const claims = new Map<string, Claim & { readonly key: string }>();
  const timers = new Map<string, AbortController>();
  const unwritten = new Set<string>();
  let loading: Promise<void> | null = null;
  let isWriting = false;

  function load(): Promise<void> {
    loading ??= store.read().then(
      (kept) => {
        for (const [key, one] of kept) {
          lanes.set(key, one);
          for (const [id, claim] of Object.entries(one.claims)) claims.set(id, { ...claim, key });
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
    lanes.set(key, { connectionId, lane });
    if (isWorthKeeping(before, lane)) writeSoon(key);
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

  function writeSoon(key: string): void {
    unwritten.add(key);
    void writeUnwritten();
  }

  function write(keys: Iterable<string>, durability: 'strict' | 'relaxed'): Promise<void> {
    const some = new Map<string, KeptLane>();
    for (const key of keys) {
      const lane = lanes.get(key);
      const own = [...claims].flatMap(([id, { at, attempts, ...claim }]) =>
        claim.key === key ? [[id, { at, attempts }] as const] : [],
      );
      if (lane !== undefined) some.set(key, { ...lane, claims: Object.fromEntries(own) });
    }
    return store.write(some, durability);
  }

  /** What comes during a write is written together by the next one. */
  async function writeUnwritten(): Promise<void> {
    if (isWriting) return;
    isWriting = true;
    while (unwritten.size > 0) {
      const some = [...unwritten];
      unwritten.clear();
      await write(some, 'relaxed').catch((cause: unknown) =>
        log.error('What holds up requests could not be kept', cause),
      );
    }
    isWriting = false;
  }

  return {
    load,
    mayLeave: (name, onTheWire) => mayLeave(lanes.get(keyOf(name))?.lane ?? FRESH_LANE, onTheWire, clock.now()),
    isHeld: (name) => mayLeave(lanes.get(keyOf(name))?.lane ?? FRESH_LANE, 0, clock.now()) === 0,
    async claim({ connectionId, lane }, claimed) {
      const key = keyOf({ connectionId, lane });
      lanes.set(key, lanes.get(key) ?? { connectionId, lane: FRESH_LANE });
      for (const [id, claim] of claimed) claims.set(id, { ...claim, key });
      try {
        // On the disk before a request leaves, so that not even a power failure loses the trace of one.
        await write([key], 'strict');
      } catch (cause) {
        for (const id of claimed.keys()) claims.delete(id);
        throw cause;
      }
    },
    release: (changeId) => void claims.delete(changeId),
    giveBack(name, changeIds) {
      for (const id of changeIds) claims.delete(id);
      writeSoon(keyOf(name));
    },
    claimOf: (id) => claims.get(id),
    note,
    noteAll(connectionId, event) {
      for (const [key, one] of lanes) if (one.connectionId === connectionId) happen(key, connectionId, one.lane, event);
    },
    waitingForSignIn: () =>
      new Map(
        [...lanes].flatMap(([key, { lane, connectionId }]) =>
          lane.hold?.for === 'signIn' ? [[key, connectionId] as const] : [],
        ),
      ),
    freeOfSignIn(keys) {
      for (const key of keys) {
        const one = lanes.get(key);
        if (one !== undefined) happen(key, one.connectionId, one.lane, { type: 'signedIn' });
      }
    },
    holdIn(name) {
      const one = lanes.get(keyOf(name));
      return one === undefined ? null : holdAt(one.lane, clock.now());
    },
    holdOf: (connectionId) => holdOfConnection(lanes.values(), connectionId, clock.now()),
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
