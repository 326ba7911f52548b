import { type Backend, BackendError, failureOf } from '../backends/backend';
import type { BatchOutcome } from '../domain/batch';
import {
  type Change,
  type ChangeEvent,
  LEAVES_WITHIN_MS,
  mayBeSentBy,
  newChange,
  nextStep,
  type NextStep,
  senderOf,
} from '../domain/change';
import type { ChangeRequest } from '../domain/change-request';
import type { PartnerState } from '../domain/partner-state';
import type { Person, TokenPerson } from '../domain/person';
import type { Target } from '../domain/target';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { Applied, History, Inserted } from '../storage/history';
import type { Wakefulness } from './wakefulness';

/** What the engine needs from around it. */
export interface EngineParts {
  readonly history: History;
  /** The backend of that connection; null when it cannot be found, for now or for good. */
  readonly backendFor: (connectionId: string) => Promise<Backend | null>;
  /** Whose that pasted token of the connection is; null when the service has not said. */
  readonly knownOwner: (connectionId: string, token: TokenPerson) => Promise<Person | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly wakefulness: Wakefulness;
  /** A backend showed this state of a target while a change was carried there. */
  readonly onState: (target: Target, state: PartnerState) => Promise<void>;
  /** The same of what may be an earlier answer, which is given again: what holds the target now is to be read. */
  readonly onReplayed: (change: ChangeRequest, state: PartnerState) => Promise<void>;
  /** A change was written: asked for, gone on, or ended. Nobody waits for what comes of that. */
  readonly onChanged: (change: Change) => void;
}

export interface Engine {
  /** Writes a change before anything leaves, then sets out to send it. `overwrites`: the conflict it answers. */
  ask(request: ChangeRequest, overwrites: string | null): Promise<Inserted>;
  /** Lets something happen to a change; null when there is no such change. */
  note(changeId: string, event: ChangeEvent): Promise<Change | null>;
  /** Lets the same happen to every open change of a connection. */
  noteOpen(connectionId: string, event: ChangeEvent): Promise<void>;
  /** Lets the same happen to every change of a batch that stands so. */
  noteBatch(batchId: string, outcome: BatchOutcome, event: ChangeEvent): Promise<void>;
  /** Takes up every open change. Resolves once nothing is due and nothing is on the wire. */
  run(): Promise<void>;
}

interface Attempt {
  readonly ended: Promise<void>;
  readonly stop: AbortController;
}

const AT_ONCE = 4;
const LOCK = 'change-runner';

/**
 * Carries changes to their backends: one at a time for each target (the storage holds that), a few at once across targets.
 * Every step is written before it is taken and after, so that a worker that dies at any instruction goes on where it was.
 */
export function createEngine(parts: EngineParts): Engine {
  const { history, clock, log } = parts;
  const line = new Set<string>();
  const onTheWire = new Map<string, Attempt>();
  const timers = new Map<string, AbortController>();
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
        putInLine(answer.change);
      }
      return answer;
    } finally {
      asking -= 1;
      work();
    }
  }

  async function note(changeId: string, event: ChangeEvent): Promise<Change | null> {
    const written = await history.applyEvent(changeId, event);
    if (written === null) return null;
    noted(written);
    return written.change;
  }

  function noted({ change, altered }: Applied): void {
    if (altered) parts.onChanged(change);
    putInLine(change);
    work();
  }

  async function noteOpen(connectionId: string, event: ChangeEvent): Promise<void> {
    for (const written of await history.applyToOpen(connectionId, event)) {
      noted(written);
      if (event.type === 'abandoned') onTheWire.get(written.change.id)?.stop.abort();
    }
  }

  async function noteBatch(batchId: string, outcome: BatchOutcome, event: ChangeEvent): Promise<void> {
    for await (const some of history.applyToBatch(batchId, outcome, event)) for (const written of some) noted(written);
  }

  function run(): Promise<void> {
    lookAround = true;
    return work();
  }

  /** Due now: into the line. Due later: back into the line then. */
  function putInLine(change: Change): void {
    timers.get(change.id)?.abort();
    timers.delete(change.id);
    const step = nextStep(change, clock.now());
    if (step.do === 'send' || step.do === 'read') line.add(change.id);
    if (step.do !== 'wait' || step.until === null) return;
    const timer = new AbortController();
    timers.set(change.id, timer);
    const backInLine = () => {
      line.add(change.id);
      work();
    };
    clock.callAt(step.until, backInLine, timer.signal);
  }

  function work(): Promise<void> {
    nudge?.();
    running ??= navigator.locks
      .request(LOCK, workThroughLine)
      .then(() => {
        running = null;
        // Something came between the last look and the lock's release.
        return lookAround || line.size > 0 ? work() : undefined;
      })
      .catch(async (cause: unknown) => {
        running = null;
        log.error('Open changes could not be taken up; the next alarm tries again', cause);
        // Nobody could look, so there may be open changes.
        await parts.wakefulness.workOpen();
      });
    return running;
  }

  async function workThroughLine(): Promise<void> {
    while (lookAround || line.size > 0 || onTheWire.size > 0) {
      const nudged = new Promise<void>((resolve) => {
        nudge = resolve;
      });
      if (lookAround) {
        lookAround = false;
        for (const change of await history.openChanges()) putInLine(await takenUp(change));
      }
      for (const id of line) {
        if (onTheWire.size >= AT_ONCE) break;
        // Its last attempt is just ending, so it keeps its place.
        if (onTheWire.has(id)) continue;
        line.delete(id);
        start(id);
      }
      if (onTheWire.size > 0) await Promise.race([nudged, ...[...onTheWire.values()].map((attempt) => attempt.ended)]);
    }
    const noneOpen = (await history.openChanges()).length === 0;
    // A change that was asked for during that look, or is being asked for now, needs the alarm.
    if (noneOpen && asking === 0 && line.size === 0) await parts.wakefulness.allEnded();
    else await parts.wakefulness.workOpen();
  }

  /** A change as this runner finds it: what an earlier worker left in the middle goes on. */
  async function takenUp(change: Change): Promise<Change> {
    const { life } = change;
    // Only this runner sends. A change that is on the wire without an attempt of ours belonged to a worker that died.
    if (life.state === 'sending' && !onTheWire.has(change.id)) {
      return (await note(change.id, { type: 'interrupted', at: clock.now() })) ?? change;
    }
    if (
      life.state === 'waiting' &&
      life.for === 'connection' &&
      (await parts.backendFor(change.target.connectionId)) !== null
    ) {
      return (await note(change.id, { type: 'connectionFound', at: clock.now() })) ?? change;
    }
    return change;
  }

  function start(id: string): void {
    const stop = new AbortController();
    parts.wakefulness.onTheWire(stop.signal);
    const ended = attempt(id, stop.signal)
      .catch((cause: unknown) => {
        // We ended the attempt on purpose, and its change with it.
        if (stop.signal.aborted) return;
        // The row says how far it came, and the next look around takes it up from there.
        log.error(`An attempt of change ${id} could not be written down`, cause);
      })
      .finally(() => {
        onTheWire.delete(id);
        stop.abort();
      });
    onTheWire.set(id, { ended, stop });
  }

  async function attempt(id: string, signal: AbortSignal): Promise<void> {
    // The change is read anew: the person may have stopped it while it stood in line.
    const change = await history.readChange(id);
    if (change === null) return;
    const backend = await parts.backendFor(change.target.connectionId);
    const step = nextStep(change, clock.now());
    // The timer came too early, so it is set anew.
    if (step.do === 'wait') putInLine(change);
    if (step.do === 'wait' || step.do === 'nothing') return;
    if (backend === null) {
      await note(id, { type: 'connectionMissing', at: clock.now() });
      return;
    }
    if (step.do === 'read') {
      await note(id, await readOf(change, step, backend, signal));
      return;
    }
    const sending = await note(id, { type: 'sent', at: clock.now() });
    if (sending?.life.state === 'sending') await note(id, await answerTo(sending, backend, signal));
  }

  /** What the backend makes of a change. */
  async function answerTo(change: Change, backend: Backend, signal: AbortSignal): Promise<ChangeEvent> {
    const { target, life } = change;
    try {
      const state = await backend.apply(change, (person) => mayLeave(change, person), signal);
      // It may be the answer to an earlier attempt, and somebody may have changed the target since.
      if (life.state === 'sending' && life.effectPossible) await parts.onReplayed(change, state);
      else await parts.onState(target, state);
      return { type: 'applied', at: clock.now(), state };
    } catch (cause) {
      if (!(cause instanceof BackendError) || cause.state === null) return failedBy('failed', cause);
      await parts.onState(target, cause.state);
      return { type: 'preconditionFailed', at: clock.now(), state: cause.state };
    }
  }

  /** What the present state says about a change. */
  async function readOf(
    change: Change,
    { since }: Extract<NextStep, { do: 'read' }>,
    backend: Backend,
    signal: AbortSignal,
  ): Promise<ChangeEvent> {
    try {
      const state = await backend.read(change.target, signal);
      await parts.onState(change.target, state);
      return { type: 'stateRead', at: clock.now(), since, state };
    } catch (cause) {
      return { ...failedBy('readFailed', cause), since };
    }
  }

  function failedBy<T extends 'failed' | 'readFailed'>(type: T, cause: unknown) {
    // Any other error is a fault of ours and thrown on: the row stays as it is and is taken up anew.
    const failure = failureOf(cause);
    const retryAfterMs = cause instanceof BackendError ? cause.retryAfterMs : null;
    return { type, at: clock.now(), failure, retryAfterMs, chance: clock.chance() };
  }

  /** Whether a change that is about to leave may, with a token of that person: it is not stopped, and goes as who asked. */
  async function mayLeave(sending: Change, person: Person): Promise<boolean> {
    const { id } = sending;
    const { life } = (await history.readChange(id)) ?? sending;
    // It was stopped while a token was waited for. What is asked by its key is stopped from the beginning.
    const isStopped = life.state !== 'sending' || isSettling(life) !== isSettling(sending.life);
    if (isStopped || !(await isSenderOf(id, person))) return false;
    const now = clock.now();
    const lateMs = now - (life.lastSentAt ?? 0);
    if (lateMs < 0 || lateMs > LEAVES_WITHIN_MS) await note(id, { type: 'sent', at: now });
    return true;
  }

  /** Whether a change may leave with a token of that person, by its row as it is now. */
  async function isSenderOf(id: string, person: Person): Promise<boolean> {
    const change = await history.readChange(id);
    if (change === null) return false;
    const sender = senderOf(change);
    if (sender?.kind !== 'token') return mayBeSentBy(change, person);
    // The change was written while the token's owner was being asked for, or the worker died before it noted that in the row.
    const owner = await parts.knownOwner(change.target.connectionId, sender);
    if (owner === null) return mayBeSentBy(change, person);
    const owned = await note(id, { type: 'ownerKnown', token: sender, person: owner });
    return owned !== null && mayBeSentBy(owned, person);
  }

  return { ask, note, noteOpen, noteBatch, run };
}

function isSettling(life: Change['life']): boolean {
  return life.state === 'sending' && life.settle !== null;
}
