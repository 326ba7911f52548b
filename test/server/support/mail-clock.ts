import { setImmediate } from 'node:timers/promises';
import { type RawBuilder, sql } from 'kysely';
import { databaseNow } from '../../../server/src/database/clock';
import type { Database } from '../../../server/src/database/database';
import type { MailClock } from '../../../server/src/mail/clock';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Nobody's present: a clock that begins there stands still until it is moved, however slow the machine is. */
export const STANDING = sql<Date>`timestamptz '2040-01-01 12:00:00Z'`;

/** A clock for mails that a test moves: the database's and the process's go on together, from when it says. */
export function openMailClock(begin: RawBuilder<Date> = databaseNow()) {
  let elapsedMs = 0;
  const sleepers = new Set<Sleeper>();
  const underWay = new Set<Promise<unknown>>();

  const clock: MailClock = {
    now: () => sql<Date>`(${begin} + ${elapsedMs / 1000} * interval '1 second')`,
    elapsed: () => elapsedMs,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: elapsedMs + Math.max(ms, 0), wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake);
        if (signal.aborted) wake();
      }),
  };

  /** Until nobody is at work on the database any more, and everybody waits for the time, for the test or for the network. */
  async function rest(): Promise<void> {
    for (;;) {
      // What follows from an answer follows before the next turn of the event loop.
      await setImmediate();
      if (underWay.size === 0) return;
      await Promise.allSettled(underWay);
    }
  }

  return {
    clock,

    /** The database as one process has it, whose work this clock does not overtake; gone while `isAway` says so. */
    watched(database: Database, isAway: () => Error | null = () => null): Database {
      return {
        ...database,
        transactionAside: (work) => {
          const away = isAway();
          if (away !== null) return Promise.reject(away);
          const result = database.transactionAside(work);
          underWay.add(result);
          return result.finally(() => underWay.delete(result));
        },
      };
    },

    /** The database as changes write it at the time of this clock. */
    written(database: Database): Database {
      return {
        ...database,
        transaction: (work) =>
          database.transaction(async (trx) => {
            const result = await work(trx);
            // What it wrote has the time of its transaction.
            await trx
              .updateTable('outbox')
              .set({ next_attempt_at: clock.now() })
              .where('next_attempt_at', '=', sql<Date>`now()`)
              .execute();
            return result;
          }),
      };
    },

    /** Lets time pass, in which whoever waits for a moment of it has it. */
    async pass(ms: number): Promise<void> {
      const end = elapsedMs + ms;
      for (;;) {
        await rest();
        const [next] = [...sleepers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        elapsedMs = Math.max(elapsedMs, next.at);
        next.wake();
      }
      elapsedMs = Math.max(elapsedMs, end);
    },
  };
}
