import type { Clock } from '../platform/clock';
import type { Log } from '../platform/log';
import type { History } from '../storage/history';
import type { Wakefulness } from './wakefulness';

export interface HistoryUpdateParts {
  readonly history: Pick<History, 'isUpdating' | 'update'>;
  readonly wakefulness: Wakefulness;
  readonly clock: Clock;
  readonly log: Log;
  /** Pages have something new to read. */
  readonly onHistory: () => void;
}

/**
 * Brings the rows of an earlier version into the form of this one, some at a time. Between two times everybody else has a turn as
 * long as the last one took. A worker that was ended goes on where it was.
 */
export function createHistoryUpdate({ history, wakefulness, clock, log, onHistory }: HistoryUpdateParts): {
  /** Resolves once nothing is left, or the next alarm has to try again. */
  readonly run: () => Promise<void>;
} {
  let running: Promise<void> | null = null;

  async function updateAll(): Promise<void> {
    if (await history.isUpdating()) {
      await wakefulness.workOpen();
      const ended = new AbortController();
      wakefulness.onTheWire(ended.signal);
      // A page that could not wait for the database reads it now.
      onHistory();
      try {
        while (await updateSome(ended.signal));
      } finally {
        ended.abort();
      }
      onHistory();
    }
    await wakefulness.allEnded();
  }

  /** Answers whether anything is left. */
  async function updateSome(signal: AbortSignal): Promise<boolean> {
    const begun = clock.now();
    const isLeft = await history.update();
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
