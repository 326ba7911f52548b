import type { Batch, BatchItem } from '../domain/batch';
import type { Person } from '../domain/person';
import type { Clock } from '../platform/clock';
import type { History } from '../storage/history';
import type { Engine } from './engine';
import type { Wakefulness } from './wakefulness';

export interface BatchesParts {
  readonly history: History;
  readonly engine: Engine;
  readonly wakefulness: Pick<Wakefulness, 'workOpen'>;
  readonly clock: Clock;
  /** A batch was asked for, has gone on or ended. Nobody waits for what comes of that. */
  readonly onBatch: (batchId: string) => void;
}

/** What happens to whole batches. */
export interface Batches {
  /** Writes a batch before anything of it leaves, then sets out to send it. */
  ask(batch: Batch, items: readonly BatchItem[]): ReturnType<History['acceptBatch']>;
  /** Nothing more of it is sent; what may have taken effect is found out. */
  stop(batchId: string): Promise<void>;
  /** What of it waits for the person who asked is sent as that person's own. */
  adopt(batchId: string, person: Person): Promise<void>;
}

export function createBatches({ history, engine, wakefulness, clock, onBatch }: BatchesParts): Batches {
  return {
    async ask(batch, items) {
      // The alarm comes before the list: a worker that dies right after writing it must come back for it.
      await wakefulness.workOpen();
      const answer = await history.acceptBatch(batch, items);
      if (answer === 'accepted') {
        onBatch(batch.id);
        engine.carryBatch(batch.id);
      }
      return answer;
    },

    async stop(batchId) {
      await engine.stopBatch(batchId);
      onBatch(batchId);
    },

    async adopt(batchId, person) {
      await history.adoptBatch(batchId, person);
      const at = clock.now();
      // What waits for its turn has not been tried since they signed in: none of it knows that somebody else did.
      for (const type of ['signedIn', 'adopted'] as const)
        await engine.noteBatch(batchId, 'open', { type, at, person });
    },
  };
}
