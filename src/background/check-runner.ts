import {
  afterCheckRunEvent,
  type CheckResult,
  type CheckRun,
  type CheckRunEvent,
  newCheckRun,
  nextCheckRunStep,
  unrecorded,
} from '../domain/check-run';
import type { PartnerId } from '../domain/partner';
import type { CheckStartAnswer } from '../messaging/protocol';
import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import {
  readCheckRun,
  removeCheckResults,
  removeCheckRun,
  writeCheckProgress,
  writeCheckRun,
  writeCheckRunState,
} from '../storage/check-run';
import { StorageFull } from '../storage/database';
import type { History } from '../storage/history';
import { onSettingsChanged } from '../storage/settings';
import { type Checked, checkPartner } from './check-partner';
import type { CurrentConnection } from './connections';
import type { Wakefulness } from './wakefulness';

export interface CheckRunnerParts {
  readonly history: Pick<History, 'addChecks'>;
  readonly current: () => Promise<CurrentConnection | null>;
  readonly wakefulness: Wakefulness;
  readonly clock: Clock;
  readonly log: Log;
  /** Checks were written into the history. */
  readonly onHistory: () => void;
}

/** Checks the IDs of one text at a time. What it found is kept before it asks for more. */
export interface CheckRunner {
  /** Begins a run in place of the one before; the same `id` again begins nothing. */
  start(id: string, typed: string): Promise<CheckStartAnswer>;
  /** Asks for nothing more; what is on the wire still counts. */
  stop(): Promise<void>;
  /** Goes on with what was stopped, or has paused. */
  resume(): Promise<void>;
  /** Somebody signed in: what waits for that goes on. */
  signedIn(): Promise<void>;
  /** Forgets the run; the history keeps its rows. */
  clear(): Promise<void>;
  /** Takes up the run that an earlier worker left. Resolves once nothing is to be asked and nothing is on the wire. */
  run(): Promise<void>;
}

const LOCK = 'check-runner';
const ANNOUNCE_EVERY_MS = 500;

/**
 * Every answer is kept in `storage.session` before the next request leaves, so that a worker that dies at any instruction loses
 * only those that were on the wire. The rows of the history follow; an answer knows the row that it becomes, so that writing it
 * twice is writing it once.
 */
export function createCheckRunner(parts: CheckRunnerParts): CheckRunner {
  const { history, clock, log, wakefulness } = parts;
  const onTheWire = new Map<PartnerId, Promise<void>>();
  let present: CheckRun | null = null;
  /** Ends what belongs to the present run alone. */
  let replaced = new AbortController();
  let loading: Promise<void> | null = null;
  /** The run as far as it is kept. */
  let kept: CheckRun | null = null;
  let lastWrite: Promise<unknown> = Promise.resolve();
  let nextWrite: Promise<void> | null = null;
  let recording: Promise<void> | null = null;
  let working: Promise<void> | null = null;
  let beginning = 0;
  /** Rows were written and not announced. */
  let isNews = false;
  let announcedAt = 0;
  let nudge: (() => void) | null = null;
  let connection: Promise<CurrentConnection | null> | null = null;

  /** What an earlier worker left, once. */
  function loaded(): Promise<void> {
    loading ??= readCheckRun().then(
      (run) => {
        present = run;
        kept = run;
      },
      (cause: unknown) => {
        loading = null;
        throw cause;
      },
    );
    return loading;
  }

  /** One write after the other. */
  function inTurn(write: () => Promise<void>): Promise<void> {
    const written = lastWrite.then(write);
    lastWrite = written.catch(() => undefined);
    return written;
  }

  /** Lets something happen to the run, at once, and resolves once that is kept. */
  async function note(event: CheckRunEvent): Promise<void> {
    if (present === null) return;
    present = afterCheckRunEvent(present, event);
    if (present !== kept) await keep();
    nudge?.();
  }

  /** Events that come during a write are kept together by the next one. */
  function keep(): Promise<void> {
    nextWrite ??= inTurn(async () => {
      nextWrite = null;
      if (present !== null) await keepAsIs(present);
    });
    return nextWrite;
  }

  async function keepAsIs(run: CheckRun): Promise<void> {
    try {
      if (run.state === 'noRoom') await writeCheckRunState(run);
      else if (run.id === kept?.id && run.state === kept.state) await writeCheckProgress(run, kept);
      else await writeCheckRun(run);
      kept = run;
    } catch (cause) {
      if (run.state === 'noRoom' || present?.id !== run.id) throw cause;
      log.error('There is no room for what was checked', cause);
      present = afterCheckRunEvent(present, { type: 'noRoom' });
      await keepAsIs(present);
    }
  }

  /** Replaces the present run by another, or by none, once that is kept. Rows of what was answered are written before. */
  function replace(run: CheckRun | null, write: () => Promise<void>): Promise<void> {
    return inTurn(async () => {
      if (present !== null) {
        // Nothing waits for this row.
        await addRows(present, unrecorded({ ...present, state: 'stopped' })).catch((cause: unknown) =>
          log.error('Checks could not be written into the history', cause),
        );
      }
      await write();
      replaced.abort();
      replaced = new AbortController();
      onTheWire.clear();
      present = run;
      kept = run;
      nudge?.();
    });
  }

  /** Sets the alarm before a run is written that goes on: a worker that dies right after must come back for it. */
  async function toGoOn<T>(write: () => Promise<T>): Promise<T> {
    beginning += 1;
    try {
      await wakefulness.workOpen();
      return await write();
    } finally {
      beginning -= 1;
      void work();
    }
  }

  function work(): Promise<void> {
    nudge?.();
    working ??= navigator.locks
      .request(LOCK, goThrough)
      .catch((cause: unknown) => log.error('The checks could not be taken up; the next alarm tries again', cause))
      .then(() => {
        working = null;
        // Another run came between the last look and the lock's release.
        return isToGoOn() ? work() : undefined;
      });
    return working;
  }

  const isToGoOn = () => present?.state === 'running';

  async function goThrough(): Promise<void> {
    await loaded();
    if (isToGoOn()) await wakefulness.workOpen();
    while (present !== null) {
      const step = nextCheckRunStep(present, new Set(onTheWire.keys()), clock.now());
      if (step.do === 'end' && onTheWire.size === 0) {
        if (!isToGoOn()) break;
        await note({ type: 'allAnswered' });
        continue;
      }
      const waited = new AbortController();
      const nudged = new Promise<void>((resolve) => {
        nudge = resolve;
        if (step.do === 'wait') clock.callAt(step.until, resolve, waited.signal);
      });
      if (step.do === 'ask') for (const partnerId of step.partnerIds) ask(present, partnerId);
      await Promise.race([nudged, ...onTheWire.values()]);
      waited.abort();
    }
    while (present !== null && unrecorded(present).length > 0) await record();
    if (present !== kept) await keep();
    announce();
    if (beginning === 0) await wakefulness.allEnded();
  }

  function ask(run: CheckRun, partnerId: PartnerId): void {
    const { signal } = replaced;
    const ended = new AbortController();
    wakefulness.onTheWire(ended.signal);
    const asked = answerOf(run, partnerId, signal)
      .then(async (checked) => {
        if (signal.aborted) return;
        await note({ type: 'answered', partnerId, rowId: crypto.randomUUID(), at: clock.now(), ...checked });
        recordSoon();
      })
      .catch((cause: unknown) => {
        if (!signal.aborted) log.error('An answer could not be kept', cause);
      })
      .finally(() => {
        ended.abort();
        if (!signal.aborted) onTheWire.delete(partnerId);
      });
    onTheWire.set(partnerId, asked);
  }

  /** The connection that is configured, read once for many IDs, and again after the settings became others. */
  function connected(): Promise<CurrentConnection | null> {
    if (connection !== null) return connection;
    const settings = new AbortController();
    const forget = () => {
      settings.abort();
      connection = null;
    };
    onSettingsChanged(forget, settings.signal);
    connection = parts.current().catch((cause: unknown) => {
      forget();
      throw cause;
    });
    return connection;
  }

  async function answerOf(run: CheckRun, partnerId: PartnerId, signal: AbortSignal): Promise<Checked> {
    try {
      const current = await connected();
      if (current?.connection.id === run.connectionId) return await checkPartner(current.backend, partnerId, signal);
      return { outcome: { kind: 'failed', failure: { reason: 'connectionChanged' } }, retryAfterMs: null };
    } catch (cause) {
      signal.throwIfAborted();
      log.error(`The check of ${partnerId} came to nothing`, cause);
      return { outcome: { kind: 'failed', failure: { reason: 'interrupted' } }, retryAfterMs: null };
    }
  }

  /** Writes the rows of what was answered, those of several answers together. */
  function record(): Promise<void> {
    recording ??= recordAll().finally(() => {
      recording = null;
    });
    return recording;
  }

  /** Nothing waits for a row. A row that cannot be written now is written at the end. */
  function recordSoon(): void {
    record().catch((cause: unknown) => log.error('Checks could not be written into the history yet', cause));
  }

  async function recordAll(): Promise<void> {
    while (present !== null) {
      const rows = unrecorded(present);
      if (rows.length === 0) return;
      await addRows(present, rows);
      // Kept along with what comes next: to write a row twice is to write it once.
      present = afterCheckRunEvent(present, { type: 'recorded', rowIds: new Set(rows.map(({ rowId }) => rowId)) });
      isNews = true;
      if (Math.abs(clock.now() - announcedAt) >= ANNOUNCE_EVERY_MS) announce();
    }
  }

  async function addRows({ connectionId }: CheckRun, rows: readonly CheckResult[]): Promise<void> {
    try {
      await history.addChecks(rows.map((one) => ({ ...rowOf(one), connectionId })));
    } catch (cause) {
      // With no room for its row, what the check found is shown all the same.
      if (!(cause instanceof StorageFull)) throw cause;
      log.error('Checks found no room in the history', cause);
    }
  }

  function announce(): void {
    if (!isNews) return;
    isNews = false;
    announcedAt = clock.now();
    parts.onHistory();
  }

  return {
    async start(id, typed) {
      await loaded();
      if (present?.id === id) return 'started';
      const current = await parts.current();
      if (current === null) return 'notConfigured';
      const run = newCheckRun(id, current.connection.id, typed);
      return toGoOn(async () => {
        try {
          await replace(run, async () => {
            const before = present;
            await writeCheckRun(run);
            if (before !== null) await removeCheckResults(before);
          });
          return 'started';
        } catch (cause) {
          log.error('There is no room for what is to be checked', cause);
          return 'noRoom';
        }
      });
    },

    async stop() {
      await loaded();
      await note({ type: 'stopped' });
    },

    async resume() {
      await loaded();
      await toGoOn(() => note({ type: 'resumed' }));
    },

    async signedIn() {
      await loaded();
      if (present?.state !== 'paused' || present.failure?.reason !== 'signInNeeded') return;
      await toGoOn(() => note({ type: 'resumed' }));
    },

    async clear() {
      await loaded();
      const run = present;
      if (run !== null) await replace(null, () => removeCheckRun(run));
    },

    run: work,
  };
}

function rowOf({ rowId, partnerId, at, outcome }: CheckResult) {
  return { id: rowId, partnerId, checkedAt: at, outcome };
}
