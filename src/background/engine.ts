import { type Backend, BackendError, failureOf } from '../backends/backend';
import type { BatchOutcome, LaneHold } from '../domain/batch';
import {
  type Change,
  type ChangeEvent,
  isOpen,
  LEAVES_WITHIN_MS,
  mayBeSentAs,
  mayBeSentBy,
  newChange,
  nextStep,
  type NextStep,
  senderOf,
} from '../domain/change';
import type { ChangeRequest } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import { type LaneEvent, WIDEST } from '../domain/lane';
import type { PartnerState } from '../domain/partner-state';
import type { DirectoryUser, Person, TokenPerson } from '../domain/person';
import type { Target } from '../domain/target';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { Applied, History, Inserted } from '../storage/history';
import type { Claim, LaneStore } from '../storage/lanes';
import { createJournal } from './journal';
import { createLanes, keyOf, type LaneName } from './lanes';
import type { Wakefulness } from './wakefulness';

/** What the engine needs from around it. */
export interface EngineParts {
  readonly history: History;
  readonly laneStore: LaneStore;
  /** The backend of that connection; null when it cannot be found, for now or for good. */
  readonly backendFor: (connectionId: string) => Promise<Backend | null>;
  /** Whose that pasted token of the connection is; null when the service has not said. */
  readonly knownOwner: (connectionId: string, token: TokenPerson) => Promise<Person | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly wakefulness: Wakefulness;
  /** A backend showed this state of a target while a change was carried there. Resolves once it is kept: only then the change ends. */
  readonly onState: (target: Target, state: PartnerState) => Promise<void>;
  /** The same of what may be an earlier answer, which is given again. */
  readonly onReplayed: (change: ChangeRequest, state: PartnerState) => Promise<void>;
  /** What may be an earlier answer is noted: what holds the target now is to be read. Nobody waits for that. */
  readonly onReplayNoted: (target: Target) => void;
  /** A change was written: asked for, gone on, or ended. Nobody waits for what comes of that. */
  readonly onChanged: (change: Change) => void;
  /** Rows of a batch were made. Nobody waits for what comes of that. */
  readonly onBatch: (batchId: string) => void;
  /** Something holds up requests of that connection, or does not any more. Nobody waits for what comes of that. */
  readonly onHold: (connectionId: string) => void;
}

export interface Engine {
  /** Writes a change before anything leaves, then sets out to send it. `overwrites`: the conflict it answers. */
  ask(request: ChangeRequest, overwrites: string | null): Promise<Inserted>;
  /** Lets something happen to a change; null when there is no such change. */
  note(changeId: string, event: ChangeEvent): Promise<Change | null>;
  /** Lets the same happen to every open change of a connection. */
  noteOpen(connectionId: string, event: ChangeEvent): Promise<void>;
  /** Nothing more of a batch is sent; what may have taken effect is found out. */
  stopBatch(batchId: string): Promise<void>;
  /** Lets the same happen to every change of a batch that stands so. */
  noteBatch(batchId: string, outcome: BatchOutcome, event: ChangeEvent): Promise<void>;
  /** Carries a batch whose list is written: makes rows of it as they are sent. */
  carryBatch(batchId: string): void;
  /** Takes up every open change. Resolves once nothing is due and nothing is on the wire. */
  run(): Promise<void>;
  /** What holds up the requests of a connection; null when nothing does. */
  holdOf(connectionId: string): Promise<LaneHold | null>;
  /** The same of the one lane that requests for a target go in. */
  holdOfTarget(target: Target, backend: Backend): Promise<LaneHold | null>;
}

/** A change that is being sent or read, until that is written down. */
interface Attempt {
  readonly stop: AbortController;
  /** When its request leaves, as it is written. */
  leavesAt: number;
}

/** What stands in line in one lane. */
interface Line {
  readonly name: LaneName;
  /** What is due, in the order in which it goes. */
  due: Set<string>;
  /** What is being claimed. */
  readonly claiming: Set<string>;
  /** What is claimed and has not left, in the order in which it goes. */
  ready: Set<string>;
  /** What has left and was not answered yet. */
  readonly onTheWire: Set<string>;
  /** What the backend has done, and whose answer is still read. */
  readonly beingRead: Set<string>;
}

/** So many at most are claimed ahead of those that leave now, half of them in one write. */
const AHEAD = 32;
/** So many ends are written together where many more follow, or as many as there are after so long. */
const ENDS_TOGETHER = 32;
const ENDS_WITHIN_MS = 200;
/** Why nothing left, for all that was tried: that says nothing of the backend. */
const NOTHING_LEFT: readonly Failure['reason'][] = ['otherPerson', 'permissionMissing', 'connectionChanged'];
/** With fewer than these left to send, more rows of a batch are made. */
const UNSENT = 200;
/** So many at a time: what is claimed ahead leaves meanwhile, and a write of 200 takes longer than that lasts. */
const ROWS_AT_ONCE = 50;
/** What is on the wire for so long shows as that, even where many are. */
const SHOWN_AFTER_MS = 200;
const LOCK = 'change-runner';

/**
 * Carries changes to their backends: one at a time for each target (the storage holds that), a few at once across targets, by lanes.
 * Every step is written before it is taken and after, so that a worker that dies at any instruction goes on where it was.
 */
export function createEngine(parts: EngineParts): Engine {
  const { history, clock, log } = parts;
  const journal = createJournal({ history, log, onWritten: noted });
  const lanes = createLanes({
    store: parts.laneStore,
    clock,
    log,
    onFree: () => void work(),
    onHold: parts.onHold,
  });
  const lines = new Map<string, Line>();
  /** What is due, and in which lane nobody has looked up yet. */
  const unsorted = new Set<string>();
  /** What a person wants to be tried now goes first. */
  const wanted = new Set<string>();
  let sorting = 0;
  const attempts = new Map<string, Attempt>();
  const timers = new Map<string, AbortController>();
  /** The batches of which more rows are to be made. */
  const carried = new Map<string, 'rowsLeft' | 'making'>();
  /** Of the batches named here nothing is claimed for now: once for each who wants that. */
  const paused = new Set<{ readonly batchId: string }>();
  /** Ends that are about to be written, and go on together. */
  let ends: { readonly all: Promise<void>; readonly go: () => void; count: number } | null = null;
  let asking = 0;
  let lookAround = false;
  let running: Promise<void> | null = null;
  let nudge: (() => void) | null = null;

  async function ask(request: ChangeRequest, overwrites: string | null): Promise<Inserted> {
    asking += 1;
    try {
      // The alarm comes before the row: a worker that dies right after writing the row must come back for it.
      await parts.wakefulness.workOpen();
      const answer = await history.insertChange(newChange(request), overwrites);
      if (answer.kind === 'inserted') {
        parts.onChanged(answer.change);
        takeIn(answer.change);
      }
      return answer;
    } finally {
      asking -= 1;
      work();
    }
  }

  async function note(changeId: string, event: ChangeEvent): Promise<Change | null> {
    const isWanted = event.type === 'tryNow' || event.type === 'adopted' || event.type === 'stopAsked';
    if (isWanted) {
      await lanes.load();
      wanted.add(changeId);
    }
    try {
      if (event.type === 'stopAsked') unclaim(changeId);
      return (await journal.note(changeId, [event]))?.change ?? null;
    } finally {
      if (isWanted) letGoFirst(changeId);
    }
  }

  /** Somebody waits for that one: it goes next, whatever holds up its lane. */
  function letGoFirst(changeId: string): void {
    const change = journal.get(changeId);
    const line = lineOf(changeId);
    if (line?.due.has(changeId)) standIn(line, changeId);
    else if (change === undefined || !isStepOut(nextStep(change, clock.now()))) wanted.delete(changeId);
  }

  function noted({ change, altered }: Applied, isSeen: boolean): void {
    if (isSeen) parts.onChanged(change);
    const now = journal.get(change.id) ?? change;
    if (altered || isOpen(now)) putInLine(now);
    work();
  }

  async function noteOpen(connectionId: string, event: ChangeEvent): Promise<void> {
    if (event.type === 'abandoned') giveBackAll(({ target }) => target.connectionId === connectionId);
    const all = await journal.noteMany(() => history.applyToOpen(connectionId, event));
    if (event.type === 'abandoned') for (const { change } of all) attempts.get(change.id)?.stop.abort();
    if (event.type !== 'signedIn') return;
    await lanes.load();
    lanes.noteAll(connectionId, event);
  }

  async function stopBatch(batchId: string): Promise<void> {
    await withPaused(batchId, async () => {
      giveBackAll(({ batch }) => batch === batchId);
      await journal.noteMany(() => history.stopBatch(batchId, clock.now()));
    });
  }

  async function noteBatch(batchId: string, outcome: BatchOutcome, event: ChangeEvent): Promise<void> {
    await withPaused(batchId, async () => {
      const pages = history.applyToBatch(batchId, outcome, event)[Symbol.asyncIterator]();
      const nextPage = async () => {
        const page = await pages.next();
        return page.done === true ? null : page.value;
      };
      while ((await journal.noteMany(nextPage)) !== null);
    });
  }

  /** What is claimed may have left, for all that is on the disk: nothing of the batch is claimed meanwhile. */
  async function withPaused(batchId: string, note: () => Promise<void>): Promise<void> {
    const pause = { batchId };
    paused.add(pause);
    try {
      await note();
    } finally {
      paused.delete(pause);
      void work();
    }
  }

  function carryBatch(batchId: string): void {
    if (!carried.has(batchId)) carried.set(batchId, 'rowsLeft');
    void work();
  }

  /** Has rows made of those batches of which few are left to send. */
  function makeRows(): void {
    for (const batchId of carried.keys()) {
      if (!needsRows(batchId)) continue;
      carried.set(batchId, 'making');
      makeRowsOf(batchId)
        // An alarm comes while anything is open, and the next look around finds it.
        .catch((cause: unknown) => {
          carried.delete(batchId);
          log.error('A batch stays as it is until the next try', cause);
        })
        .finally(() => void work());
    }
  }

  async function makeRowsOf(batchId: string): Promise<void> {
    const { made, isLeft } = await history.makeRows(batchId, ROWS_AT_ONCE);
    if (isLeft) carried.set(batchId, 'rowsLeft');
    else carried.delete(batchId);
    for (const change of made) takeIn(change);
    parts.onBatch(batchId);
  }

  function needsRows(batchId: string): boolean {
    if (carried.get(batchId) !== 'rowsLeft') return false;
    let unsent = 0;
    for (const { batch, life } of journal.all()) if (batch === batchId && life.state === 'waiting') unsent += 1;
    return unsent < UNSENT;
  }

  function run(): Promise<void> {
    lookAround = true;
    return work();
  }

  function takeIn(change: Change): void {
    journal.keep(change);
    putInLine(change);
  }

  /** Due now: into the line. Due later: back into the line then. */
  function putInLine(change: Change): void {
    timers.get(change.id)?.abort();
    timers.delete(change.id);
    const step = nextStep(change, clock.now());
    if (isStepOut(step) && lineOf(change.id) === null) unsorted.add(change.id);
    if (step.do !== 'wait' || step.until === null) return;
    const timer = new AbortController();
    timers.set(change.id, timer);
    const backInLine = () => {
      const present = journal.get(change.id);
      if (present !== undefined) putInLine(present);
      work();
    };
    clock.callAt(step.until, backInLine, timer.signal);
  }

  /** The line in which a change stands; null when it stands in none. */
  function lineOf(id: string): Line | null {
    for (const line of lines.values()) if (line.due.has(id) || line.claiming.has(id) || line.ready.has(id)) return line;
    return null;
  }

  function work(): Promise<void> {
    nudge?.();
    running ??= navigator.locks
      .request(LOCK, workThroughLines)
      .then(() => {
        running = null;
        // Something came between the last look and the lock's release.
        return isAnythingToDo() ? work() : undefined;
      })
      .catch(async (cause: unknown) => {
        running = null;
        log.error('Open changes could not be taken up; the next alarm tries again', cause);
        // Nobody could look, so there may be open changes.
        await parts.wakefulness.workOpen();
      });
    return running;
  }

  async function workThroughLines(): Promise<void> {
    await lanes.load();
    while (isAnythingToDo()) {
      const nudged = new Promise<void>((resolve) => {
        nudge = resolve;
      });
      if (lookAround) {
        lookAround = false;
        await takeUp(await history.openChanges());
        await freeUnless(({ id, life }) => attempts.has(id) || (life.state === 'waiting' && life.for === 'signIn'));
        for (const batchId of await history.runningBatches()) carryBatch(batchId);
      }
      makeRows();
      sortIn();
      letLeave();
      if ([...lines.values()].every(({ onTheWire }) => onTheWire.size === 0)) ends?.go();
      if (isWorking()) await nudged;
    }
    // Where nothing is open any more nobody is asked to sign in.
    if (carried.size === 0) await freeUnless(() => true);
    // A change that was asked for during that look, or is being asked for now, needs the alarm.
    if ((await areAllEnded()) && asking === 0 && !isAnythingToDo()) await parts.wakefulness.allEnded();
    else await parts.wakefulness.workOpen();
  }

  /** Where nobody is asked to sign in, since no change of a lane wants that, it does not wait for it: what goes next finds out. */
  async function freeUnless(wantsSignIn: (change: Change) => boolean): Promise<void> {
    const waiting = lanes.waitingForSignIn();
    if (waiting.size === 0) return;
    const backends = new Map<string, Backend | null>();
    for (const connectionId of new Set(waiting.values()))
      backends.set(connectionId, await parts.backendFor(connectionId));
    const wanted = new Set<string>();
    for (const change of journal.all()) {
      if (!wantsSignIn(change)) continue;
      const { connectionId } = change.target;
      const backend = backends.get(connectionId);
      // In which lane it is nobody knows.
      if (backend == null) for (const [key, whose] of waiting) if (whose === connectionId) wanted.add(key);
      if (backend != null) wanted.add(keyOf({ connectionId, lane: backend.lane(change.target) }));
    }
    lanes.freeOfSignIn([...waiting.keys()].filter((key) => !wanted.has(key)));
  }

  function isAnythingToDo(): boolean {
    const isDue = [...lines.values()].some(mayGoOn) || [...carried.keys()].some(needsRows);
    return lookAround || unsorted.size > 0 || isDue || isWorking();
  }

  /** Whether something is under way whose end leads on. */
  function isWorking(): boolean {
    const isWriting =
      [...carried.values()].includes('making') || [...lines.values()].some(({ claiming }) => claiming.size > 0);
    return sorting > 0 || attempts.size > 0 || paused.size > 0 || isWriting;
  }

  function mayGoOn(line: Line): boolean {
    return line.due.size + line.ready.size > 0 && roomIn(line) > 0;
  }

  async function areAllEnded(): Promise<boolean> {
    for (const _open of journal.all()) return false;
    if (carried.size > 0 || (await history.openChanges()).length > 0) return false;
    // One whose rows could not be written for now is carried by nobody.
    return (await history.runningBatches()).length === 0;
  }

  /** Takes up open changes as this runner finds them: what an earlier worker left in the middle goes on. */
  async function takeUp(found: readonly Change[]): Promise<void> {
    const backends = new Map<string, Backend | null>();
    const notes: Promise<unknown>[] = [];
    // At once: what happens to one of them while backends are looked up counts, and no end of it is forgotten.
    for (const change of found) if (journal.get(change.id) === undefined) journal.keep(change);
    for (const { id } of found) {
      const change = journal.get(id);
      if (change === undefined) continue;
      const { life, target } = change;
      // Only this runner sends. What is on the wire, or may be, without being ours belonged to a worker that died.
      const claim = lanes.claimOf(id);
      const hasLeft = life.state === 'sending' || isClaimed(change) || (claim !== undefined && isUntold(life, claim));
      const isLeft = hasLeft && !isOurs(id);
      const isMissed = life.state === 'waiting' && life.for === 'connection';
      if (!isLeft && !isMissed) {
        putInLine(change);
        continue;
      }
      const { connectionId } = target;
      const backend = backends.get(connectionId) ?? (await parts.backendFor(connectionId));
      backends.set(connectionId, backend);
      if (isLeft) {
        if (backend !== null) lanes.note({ connectionId, lane: backend.lane(target) }, { type: 'interrupted' });
        const claimed = claim === undefined ? [] : [{ type: 'claimed', at: claim.at } as const];
        notes.push(journal.note(id, [...claimed, { type: 'interrupted', at: clock.now() }]));
      } else if (backend !== null) notes.push(journal.note(id, [{ type: 'connectionFound', at: clock.now() }]));
    }
    await Promise.all(notes);
  }

  function isOurs(id: string): boolean {
    return attempts.has(id) || lineOf(id) !== null;
  }

  /** Puts what is due into the lines of its lanes. */
  function sortIn(): void {
    const byConnection = new Map<string, string[]>();
    for (const id of unsorted) {
      const connectionId = journal.get(id)?.target.connectionId;
      if (connectionId !== undefined) byConnection.set(connectionId, [...(byConnection.get(connectionId) ?? []), id]);
    }
    unsorted.clear();
    for (const [connectionId, ids] of byConnection) {
      sorting += 1;
      sortInto(connectionId, ids)
        // The rows say how far they are, and the next look around takes them up.
        .catch((cause: unknown) => log.error('Changes could not be put in line', cause))
        .finally(() => {
          sorting -= 1;
          void work();
        });
    }
  }

  async function sortInto(connectionId: string, ids: readonly string[]): Promise<void> {
    const backend = await parts.backendFor(connectionId);
    const missing: Promise<unknown>[] = [];
    for (const id of ids) {
      const change = journal.get(id);
      if (change === undefined) continue;
      if (!isStepOut(nextStep(change, clock.now()))) putInLine(change);
      else if (backend === null) missing.push(journal.note(id, [{ type: 'connectionMissing', at: clock.now() }]));
      else standIn(lineFor({ connectionId, lane: backend.lane(change.target) }), id);
    }
    await Promise.all(missing);
  }

  function lineFor(name: LaneName): Line {
    const key = keyOf(name);
    const line = lines.get(key) ?? {
      name,
      due: new Set(),
      claiming: new Set(),
      ready: new Set(),
      onTheWire: new Set(),
      beingRead: new Set(),
    };
    lines.set(key, line);
    return line;
  }

  function standIn(line: Line, id: string): void {
    if (!wanted.delete(id)) {
      line.due.add(id);
      return;
    }
    line.due.delete(id);
    line.due = new Set([id, ...line.due]);
    lanes.note(line.name, { type: 'tryNow' });
  }

  /** How many more of a line may leave now. */
  function roomIn({ name, onTheWire }: Line): number {
    const inAll = [...lines.values()].reduce(
      (sum, line) => sum + (line.name.connectionId === name.connectionId ? line.onTheWire.size : 0),
      0,
    );
    return Math.min(WIDEST - inAll, lanes.mayLeave(name, onTheWire.size));
  }

  /** Lets leave what may, the lane first that has the fewest on the wire, and claims what leaves next. */
  function letLeave(): void {
    for (const line of lines.values()) if (lanes.isHeld(line.name)) giveBack(line);
    const fewestFirst = () => [...lines.values()].sort((a, b) => a.onTheWire.size - b.onTheWire.size);
    while (fewestFirst().some(startNext));
    for (const line of fewestFirst()) claimAhead(line);
  }

  /** Starts the next one of a line; answers whether there was one that could leave. */
  function startNext(line: Line): boolean {
    if (roomIn(line) <= 0) return false;
    for (const id of line.ready) {
      line.ready.delete(id);
      const change = journal.get(id);
      if (change === undefined) continue;
      if (isClaimed(change)) return start(id, line);
      // It was stopped since.
      putInLine(change);
    }
    for (const [id, step] of dueIn(line)) {
      // What is sent is claimed first.
      if (step.do === 'send') return false;
      line.due.delete(id);
      return start(id, line);
    }
    return false;
  }

  /** What of a line is to be sent or read now; the rest of what it meets goes out of the line. */
  function* dueIn(line: Line): Generator<[id: string, step: NextStep]> {
    for (const id of line.due) {
      // Its last attempt is just ending, so it keeps its place.
      if (attempts.has(id)) continue;
      const change = journal.get(id);
      const step = change && nextStep(change, clock.now());
      if (step !== undefined && isStepOut(step)) {
        yield [id, step];
        continue;
      }
      line.due.delete(id);
      if (change !== undefined) putInLine(change);
    }
  }

  /** Writes of the next ones of a line that they leave, before it is their turn. */
  function claimAhead(line: Line): void {
    const width = lanes.mayLeave(line.name, 0);
    const others = [...lines.values()].filter(
      (other) => other !== line && other.name.connectionId === line.name.connectionId,
    );
    // What is claimed in other lanes takes its room of the connection's. More than has room would only be suspected of having left.
    const elsewhere = others.reduce((sum, { ready, claiming }) => sum + ready.size + claiming.size, 0);
    const free = Math.max(roomIn(line) - elsewhere, 0);
    // Where one goes at a time there is time enough; where several lanes take turns none of them has the next place for sure.
    const isAlone = others.every(({ due, ready, claiming }) => due.size + ready.size + claiming.size === 0);
    const ahead = width > 1 && isAlone ? AHEAD : 0;
    const claimed = line.ready.size + line.claiming.size;
    // Many in one write are quicker than each in one of its own.
    if (width === 0 || claimed > Math.max(free - 1, ahead / 2)) return;
    const next: string[] = [];
    for (const [id, step] of dueIn(line)) {
      if (next.length >= free + ahead - claimed) break;
      if (step.do === 'send' && !isPaused(id)) next.push(id);
    }
    if (next.length === 0) return;
    for (const id of next) {
      line.due.delete(id);
      line.claiming.add(id);
    }
    claim(next, line)
      .catch((cause: unknown) => log.error('Attempts could not be written down', cause))
      .finally(() => void work());
  }

  async function claim(ids: readonly string[], line: Line): Promise<void> {
    const at = clock.now();
    const claims = new Map(ids.map((id) => [id, { at, attempts: attemptsOf(journal.get(id)) }]));
    try {
      await journal.claim(ids, at, () => lanes.claim(line.name, claims));
    } finally {
      for (const id of ids) line.claiming.delete(id);
    }
    for (const id of ids) {
      const change = journal.get(id);
      if (change === undefined) continue;
      if (isClaimed(change)) line.ready.add(id);
      // It was stopped since.
      else putInLine(change);
    }
  }

  function isPaused(id: string): boolean {
    const batch = journal.get(id)?.batch;
    return [...paused].some(({ batchId }) => batchId === batch);
  }

  /** Something holds up the lane: what was claimed ahead does not leave for now. */
  function giveBack(line: Line): void {
    if (line.ready.size === 0) return;
    const ids = [...line.ready];
    line.ready = new Set();
    line.due = new Set([...ids, ...line.due]);
    for (const id of ids) journal.unclaim(id);
    lanes.giveBack(line.name, ids);
  }

  /** What was claimed and has not left does not leave any more, of those changes. */
  function giveBackAll(isMeant: (change: Change) => boolean): void {
    for (const change of journal.all()) if (isMeant(change)) unclaim(change.id);
  }

  /** A change that is claimed and has not left does not, for now. */
  function unclaim(id: string): void {
    const change = journal.get(id);
    if (change === undefined || !isClaimed(change)) return;
    journal.unclaim(id);
    lanes.release(id);
  }

  function start(id: string, line: Line): true {
    const stop = new AbortController();
    wanted.delete(id);
    attempts.set(id, { stop, leavesAt: lanes.claimOf(id)?.at ?? 0 });
    line.onTheWire.add(id);
    parts.wakefulness.onTheWire(stop.signal);
    attempt(id, line, stop.signal)
      .then(() => lanes.release(id))
      .catch((cause: unknown) => {
        // We ended the attempt on purpose, and its change with it.
        if (stop.signal.aborted) return;
        // The row says how far it came, and the next look around takes it up from there.
        log.error(`An attempt of change ${id} could not be written down`, cause);
      })
      .finally(() => {
        line.onTheWire.delete(id);
        attempts.delete(id);
        stop.abort();
        void work();
      });
    return true;
  }

  async function attempt(id: string, line: Line, signal: AbortSignal): Promise<void> {
    const backend = await parts.backendFor(line.name.connectionId).catch((cause: unknown) => {
      unclaim(id);
      throw cause;
    });
    // The person may have stopped it meanwhile.
    const change = journal.get(id);
    if (change === undefined) return;
    const step = nextStep(change, clock.now());
    if (!isClaimed(change) && step.do !== 'read') putInLine(change);
    else if (backend === null) {
      unclaim(id);
      await journal.note(id, [{ type: 'connectionMissing', at: clock.now() }]);
    } else if (step.do === 'read') await journal.note(id, [await readOf(change, step, backend, line, signal)]);
    else await send(id, backend, line, signal);
  }

  async function send(id: string, backend: Backend, line: Line, signal: AbortSignal): Promise<void> {
    const at = clock.now();
    // It is claimed on the disk, which says as much of it.
    journal.noteForLater(id, { type: 'sent', at });
    // Once it is answered its end says it all.
    const showUnlessAnswered = () => {
      if (line.onTheWire.has(id) || line.beingRead.has(id)) journal.hurry(id);
    };
    if (line.due.size + line.ready.size === 0) journal.hurry(id);
    else clock.callAt(at + SHOWN_AFTER_MS, showUnlessAnswered, signal);
    const sending = journal.get(id);
    if (sending?.life.state !== 'sending') return;
    const { effectPossible } = sending.life;
    const event = await answerTo(sending, effectPossible, backend, line, signal);
    await journal.note(id, [event]);
    if (event.type === 'applied' && effectPossible) parts.onReplayNoted(sending.target);
  }

  /** What the backend makes of a change. */
  async function answerTo(
    change: Change,
    effectPossible: boolean,
    backend: Backend,
    line: Line,
    signal: AbortSignal,
  ): Promise<ChangeEvent> {
    const { id, target } = change;
    try {
      const apply = backend.apply(
        change,
        (person, directoryUser) => mayLeave(change, person, directoryUser),
        signal,
        () => {
          // An answer may begin and never end. No more of them are read at once than the lane is wide.
          if (line.beingRead.size >= lanes.mayLeave(line.name, 0)) return;
          line.beingRead.add(id);
          leaveRoom(id, line);
        },
      );
      const state = await answered(change, line, backend, apply);
      if (line.due.size + line.ready.size >= ENDS_TOGETHER) await endTogether();
      // Too few follow to fill up those that wait.
      else ends?.go();
      // It may be the answer to an earlier attempt, and somebody may have changed the target since.
      if (effectPossible) await parts.onReplayed(change, state);
      else await parts.onState(target, state);
      return { type: 'applied', at: clock.now(), state };
    } catch (cause) {
      if (!(cause instanceof BackendError) || cause.state === null) return failedBy('failed', cause);
      await parts.onState(target, cause.state);
      return { type: 'preconditionFailed', at: clock.now(), state: cause.state };
    }
  }

  /** Of many each would take a write of its own, which costs more than its request. */
  function endTogether(): Promise<void> {
    const together = ends ?? startEnds();
    together.count += 1;
    if (together.count >= ENDS_TOGETHER) together.go();
    return together.all;
  }

  function startEnds(): NonNullable<typeof ends> {
    const gone = new AbortController();
    const all = new Promise<void>((resolve) => gone.signal.addEventListener('abort', () => resolve()));
    const go = () => {
      ends = null;
      gone.abort();
    };
    clock.callAt(clock.now() + ENDS_WITHIN_MS, go, gone.signal);
    ends = { all, go, count: 0 };
    return ends;
  }

  /** What the present state says about a change. */
  async function readOf(
    change: Change,
    { since }: Extract<NextStep, { do: 'read' }>,
    backend: Backend,
    line: Line,
    signal: AbortSignal,
  ): Promise<ChangeEvent> {
    const { target } = change;
    try {
      const state = await answered(change, line, backend, backend.read(target, signal));
      await parts.onState(target, state);
      return { type: 'stateRead', at: clock.now(), since, state };
    } catch (cause) {
      return { ...failedBy('readFailed', cause), since };
    }
  }

  /** With the answer the next one may leave; what is written of it takes its own time. */
  async function answered<T>({ id, target }: Change, line: Line, backend: Backend, request: Promise<T>): Promise<T> {
    try {
      const answer = await request;
      lanes.note(line.name, { type: 'answered', at: clock.now() });
      return answer;
    } catch (cause) {
      lanes.note(line.name, laneEventBy(cause));
      throw cause;
    } finally {
      // It answered, and says that it will not answer the next one.
      if (backend.isSpent?.(target) === true) lanes.note(line.name, tooMany(null));
      line.beingRead.delete(id);
      leaveRoom(id, line);
    }
  }

  /** The backend has done what it was asked for: the next change leaves while this one's answer is read, most of the gap between them. */
  function leaveRoom(id: string, { onTheWire }: Line): void {
    onTheWire.delete(id);
    void work();
  }

  /** What a request that did not end as wished says of its lane. */
  function laneEventBy(cause: unknown): LaneEvent {
    const at = clock.now();
    if (!(cause instanceof BackendError) || NOTHING_LEFT.includes(cause.failure.reason)) return { type: 'unsent' };
    const { failure, retryAfterMs, state } = cause;
    const isTooMany = failure.reason === 'busy';
    if (isTooMany) return tooMany(retryAfterMs);
    if (failure.reason === 'serverError' && retryAfterMs !== null) return { ...tooMany(retryAfterMs), isTooMany };
    if (failure.reason === 'signInNeeded') return { type: 'signInNeeded' };
    if (state !== null || failure.reason === 'refused') return { type: 'answered', at };
    return { type: 'lost', at, chance: clock.chance() };
  }

  function tooMany(retryAfterMs: number | null) {
    return { type: 'askedToWait', at: clock.now(), retryAfterMs, chance: clock.chance(), isTooMany: true } as const;
  }

  function failedBy<T extends 'failed' | 'readFailed'>(type: T, cause: unknown) {
    // Any other error is a fault of ours and thrown on: the row stays as it is and is taken up anew.
    const failure = failureOf(cause);
    const retryAfterMs = cause instanceof BackendError ? cause.retryAfterMs : null;
    return { type, at: clock.now(), failure, retryAfterMs, chance: clock.chance() };
  }

  /** Whether a change that is about to leave may, with a token of that person: it is not stopped, and goes as who asked. */
  async function mayLeave(
    { id, life: before }: Change,
    person: Person,
    directoryUser: DirectoryUser | null = null,
  ): Promise<boolean> {
    const attempt = attempts.get(id);
    // It was stopped while a token was waited for. What is asked by its key is stopped from the beginning.
    const isStopped = () => {
      const life = journal.get(id)?.life;
      return life?.state !== 'sending' || isSettling(life) !== isSettling(before);
    };
    if (attempt === undefined || isStopped() || !(await isSenderOf(id, person))) return false;
    if (directoryUser !== null && !(await isNamedBy(id, directoryUser))) return false;
    const now = clock.now();
    const lateMs = now - attempt.leavesAt;
    if (lateMs < 0 || lateMs > LEAVES_WITHIN_MS) {
      await journal.note(id, [{ type: 'sent', at: now }]);
      attempt.leavesAt = now;
    }
    return !isStopped();
  }

  /** Whether a change may leave with a token of that person, as it is now. */
  async function isSenderOf(id: string, person: Person): Promise<boolean> {
    const change = journal.get(id);
    if (change === undefined) return false;
    const sender = senderOf(change);
    if (sender?.kind !== 'token') return mayBeSentBy(change, person);
    // The change was written while the token's owner was being asked for, or the worker died before it noted that in the row.
    const owner = await parts.knownOwner(change.target.connectionId, sender);
    if (owner === null) return mayBeSentBy(change, person);
    await noteOpen(change.target.connectionId, { type: 'ownerKnown', token: sender, person: owner });
    const owned = journal.get(id);
    return owned !== undefined && mayBeSentBy(owned, person);
  }

  /** Whether a change goes as that user of a tenant, from its first attempt on. */
  async function isNamedBy(id: string, directoryUser: DirectoryUser): Promise<boolean> {
    const change = journal.get(id);
    if (change?.directoryUser === undefined) await journal.note(id, [{ type: 'named', directoryUser }]);
    const named = journal.get(id);
    return named !== undefined && mayBeSentAs(named, directoryUser);
  }

  async function holdOf(connectionId: string): Promise<LaneHold | null> {
    await lanes.load();
    return lanes.holdOf(connectionId);
  }

  async function holdOfTarget(target: Target, backend: Backend): Promise<LaneHold | null> {
    await lanes.load();
    return lanes.holdIn({ connectionId: target.connectionId, lane: backend.lane(target) });
  }

  return { ask, note, noteOpen, stopBatch, noteBatch, carryBatch, run, holdOf, holdOfTarget };
}

/** Whether something is to be sent or read. */
function isStepOut(step: NextStep): boolean {
  return step.do === 'send' || step.do === 'read';
}

function isClaimed({ life }: Change): boolean {
  return life.state === 'waiting' && life.claimedAt !== undefined;
}

/** How often a change was tried. */
function attemptsOf(change: Change | undefined): number {
  return change?.life.attempts ?? 0;
}

/** Whether the row of a change does not tell of an attempt that may have been made. */
function isUntold({ attempts }: Change['life'], claim: Claim): boolean {
  return attempts <= claim.attempts;
}

function isSettling(life: Change['life']): boolean {
  return life.state === 'sending' && life.settle !== null;
}
