import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import type { Wakefulness } from './wakefulness';

export interface HistoryUpdateParts {
  readonly history: Pick<History, 'isUpdating' | 'update' | 'makeBlock'>;
  readonly wakefulness: Wakefulness;
  readonly clock: Clock;
  readonly log: Log;
  /** Pages have something new to read. */
  readonly onHistory: () => void;
}

/**
 * Brings the rows of an earlier version into the form of this one, then makes the blocks that rows are searched by, some at a time.
 * Between two times everybody else has a turn as long as the last one took. A worker that was ended goes on where it was.
 */
export function createHistoryUpdate({ history, wakefulness, clock, log, onHistory }: HistoryUpdateParts): {
  /** Resolves once nothing is left, or the next alarm has to try again. */
  readonly run: () => Promise<void>;
} {
  let running: Promise<void> | null = null;

  async function updateAll(): Promise<void> {
    if (await history.isUpdating()) {
      // A page that could not wait for the database reads it now.
      onHistory();
      await doAll(history.update);
      onHistory();
    }
    if (await history.makeBlock()) await doAll(history.makeBlock);
    await wakefulness.allEnded();
  }

  async function doAll(doSome: () => Promise<boolean>): Promise<void> {
    await wakefulness.workOpen();
    const ended = new AbortController();
    wakefulness.onTheWire(ended.signal);
    try {
      while (await inTurns(doSome, ended.signal));
    } finally {
      ended.abort();
    }
  }

  /** Does some of it, and lets the others have their turn; answers whether anything is left. */
  async function inTurns(doSome: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> {
    const begun = clock.now();
    const isLeft = await doSome();
    const ended = clock.now();
    const turn = Math.min(Math.max(ended - begun, 0), LONGEST_TURN_MS);
    if (isLeft) await new Promise<void>((resolve) => clock.callAt(ended + turn, resolve, signal));
    return isLeft;
  }

  return {
    run() {
      running ??= updateAll()
        .catch((cause: unknown) => log.error('Rows of an earlier version stay as they are until the next try', cause))
        .finally(() => {
          running = null;
        });
      return running;
    },
  };
}

/** A clock that is set meanwhile makes no longer pause. */
const LONGEST_TURN_MS = 1000;
