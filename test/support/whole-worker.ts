import { IDBFactory } from 'fake-indexeddb';
import { vi } from 'vitest';
import { kindFacts } from '../../src/backends/kinds';
import type { CreateBackend } from '../../src/background/connections';
import { BATCH_NEWS_EVERY_MS } from '../../src/background/announce';
import { createWorker, type Worker } from '../../src/background/worker';
import type { KindFacts } from '../../src/domain/kind-facts';
import type { Broadcast, MessageInput, MessageName } from '../../src/messaging/protocol';
import { answer, type VerifiedSender } from '../../src/messaging/serve';
import { createDatabase } from '../../src/storage/database';
import { createHistory, type History } from '../../src/storage/history';
import type { Database } from '../../src/storage/schema';
import { createSecrets, type Secrets } from '../../src/storage/secrets';
import { createClock, type HandClock, START } from './clock';
import { createLocks } from './locks';

/** The worker as it is put together, over a clock and backends in memory. */
export interface WholeWorker {
  readonly clock: HandClock;
  /** For a look at what is stored, and to store what was before: none of the worker's own. */
  readonly open: () => Promise<Database>;
  readonly history: History;
  readonly secrets: Secrets;
  /** The worker that runs. */
  readonly worker: Worker;
  /** What it could not do, that it did not expect. */
  readonly errors: string[];
  /** What the extension's pages were told. */
  readonly broadcasts: Broadcast[];
  /** Lets the time pass for which news is gathered. Resolves once it was announced. */
  announced(): Promise<void>;
  /** Another worker over what the one before has stored. */
  restart(): void;
  /** The answer to a message, as it crosses. */
  send<N extends MessageName>(name: N, input: MessageInput<N>, sender: VerifiedSender): ReturnType<typeof answer<N>>;
}

/** A fake browser is in the place of the browser's API by then: a worker listens from its first turn on. */
export function createWholeWorker(
  createBackend: CreateBackend,
  kinds: readonly KindFacts[] = kindFacts(),
): WholeWorker {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('navigator', { locks: createLocks() });
  const broadcasts: Broadcast[] = [];
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      readonly postMessage = (broadcast: Broadcast) => void broadcasts.push(broadcast);
    },
  );
  const clock = createClock(START);
  const open = createDatabase(() => undefined);
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    error: (what: string, cause: unknown) => void errors.push(`${what}: ${String(cause)}`),
  };
  const start = () => createWorker({ clock, log, createBackend, kinds });
  const whole: { -readonly [K in keyof WholeWorker]: WholeWorker[K] } = {
    clock,
    open,
    history: createHistory(open),
    secrets: createSecrets(open),
    worker: start(),
    errors,
    broadcasts,
    announced() {
      clock.moveTo(clock.now() + BATCH_NEWS_EVERY_MS);
      return whole.worker.announcer.settled();
    },
    restart() {
      clock.forget();
      whole.worker = start();
    },
    send: (name, input, sender) => answer(name, input, sender, whole.worker.handlers),
  };
  return whole;
}
