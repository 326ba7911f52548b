import type { RawBuilder } from 'kysely';
import { databaseNow } from '../database/clock';

/** The time that mails go by. */
export interface MailClock {
  /** The present, by the clock of the database: leases and delays count for all processes, whose own clocks may differ. */
  readonly now: () => RawBuilder<Date>;
  /** Milliseconds since some moment, for what this process alone waits for. */
  readonly elapsed: () => number;
  /** Resolves after the time, or as soon as the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const MAIL_CLOCK: MailClock = {
  now: databaseNow,
  elapsed: () => performance.now(),
  pause(ms, signal) {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  },
};
