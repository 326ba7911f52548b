import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { createEngine, type Engine, type EngineParts } from '../../../src/background/engine';
import type { Change } from '../../../src/domain/change';
import { createDatabase } from '../../../src/storage/database';
import { createLaneStore, type LaneStore } from '../../../src/storage/lanes';
import { createHistory, type History } from '../../../src/storage/history';
import { createClock, type HandClock, START } from '../../support/clock';
import { CONNECTION_ID } from '../../support/connections';
import { createFakeService, type FakeBackend } from '../../support/fake-service';
import { createLocks } from '../../support/locks';

/** What outlives a worker: the database, the clock, the service, and the alarm that starts the next worker. */
export interface Browser {
  readonly clock: HandClock;
  readonly service: FakeBackend;
  readonly history: History;
  readonly lanes: LaneStore;
  readonly alarm: { set: boolean };
  /** What was logged as an error. */
  readonly errors: string[];
  startWorker(overrides?: Partial<EngineParts>, death?: DeathMoment): WorkerLife;
}

export interface WorkerLife {
  readonly engine: Engine;
  /** Every change that the engine let know it had written, in order. */
  readonly written: Change[];
  die(): void;
  isOver(): boolean;
}

/** A moment of a worker's life: right before or right after its nth step out of itself. */
export interface DeathMoment {
  readonly step: number;
  readonly when: 'before' | 'after';
}

export type Step = <A extends unknown[], R>(call: (...args: A) => Promise<R>) => (...args: A) => Promise<R>;

/** A life that ends at the moment given: from then on nothing that it does comes to anything, and nothing answers it. */
export function createLife(death: DeathMoment | undefined, onEnd: () => void) {
  let over = false;
  let steps = 0;
  function end(): void {
    over = true;
    onEnd();
  }
  const step: Step =
    (call) =>
    async (...args) => {
      steps += 1;
      const last = steps === death?.step;
      if (last && death?.when === 'before') end();
      if (over) return never();
      const settle = await call(...args).then(
        (value) => () => value,
        (cause: unknown) => () => {
          throw cause;
        },
      );
      if (last) end();
      return over ? never() : settle();
    };
  return { step, end, isOver: () => over };
}

const never = () => new Promise<never>(() => undefined);

export function createBrowser(): Browser {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const locks = createLocks();
  vi.stubGlobal('navigator', { locks });
  const clock = createClock(START);
  const service = createFakeService();
  const open = createDatabase(() => undefined);
  const history = createHistory(open);
  const lanes = createLaneStore(open);
  const alarm = { set: false };
  const errors: string[] = [];

  return {
    clock,
    service,
    history,
    lanes,
    alarm,
    errors,
    startWorker(overrides = {}, death) {
      const written: Change[] = [];
      const life = createLife(death, () => {
        clock.forget();
        locks.drop();
      });
      const parts: EngineParts = {
        history,
        laneStore: lanes,
        backendFor: async (connectionId) => (connectionId === CONNECTION_ID ? service : null),
        knownOwner: async () => null,
        clock,
        log: { info: () => undefined, error: (sentence, cause) => void errors.push(`${sentence}: ${String(cause)}`) },
        wakefulness: {
          async workOpen() {
            alarm.set = true;
          },
          async allEnded() {
            alarm.set = false;
          },
          onTheWire: () => undefined,
        },
        onState: async () => undefined,
        onReplayed: async () => undefined,
        onReplayNoted: () => undefined,
        onBatch: () => undefined,
        onHold: () => undefined,
        onChanged: (change) => void written.push(change),
        ...overrides,
      };
      return {
        engine: createEngine(mortalParts(parts, life.step)),
        written,
        die: life.end,
        isOver: life.isOver,
      };
    },
  };
}

function mortalParts(parts: EngineParts, step: Step): EngineParts {
  const { history, laneStore, wakefulness, onState } = parts;
  return {
    ...parts,
    history: {
      ...history,
      insertChange: step(history.insertChange),
      applyEvents: step(history.applyEvents),
      applyToOpen: step(history.applyToOpen),
      openChanges: step(history.openChanges),
      makeRows: step(history.makeRows),
      readChange: step(history.readChange),
    },
    laneStore: { read: step(laneStore.read), write: step(laneStore.write) },
    backendFor: step(async (connectionId) => {
      const backend = await parts.backendFor(connectionId);
      if (backend === null) return null;
      return { ...backend, apply: step(backend.apply), read: step(backend.read) };
    }),
    wakefulness: {
      ...wakefulness,
      workOpen: step(wakefulness.workOpen),
      allEnded: step(wakefulness.allEnded),
    },
    onState: step(onState),
  };
}
