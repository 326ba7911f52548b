import type { FastifyBaseLogger } from 'fastify';

/** Ten seconds for what is under way, ten more for the database to take what is written down of it, and some to spare. */
export const STOP_WITHIN_MS = 25_000;

/** What is still to be done before the process may end, by names for the log. */
export interface Unfinished {
  /** Hands the work's own end on. */
  readonly until: <T>(name: string, work: Promise<T>) => Promise<T>;
}

/**
 * Ends the process once that time is over, whatever keeps it: with exit code 1 and a word on what was still waited for. Where nothing
 * was, something keeps it that nobody needs, and it ends with the exit code that it would have had.
 */
export function limitStop(log: Pick<FastifyBaseLogger, 'error'>, withinMs = STOP_WITHIN_MS): Unfinished {
  const waitedFor = new Set<string>();
  // Without `unref` the timer itself would keep a process that can end before.
  setTimeout(() => {
    if (waitedFor.size === 0) process.exit();
    log.error(
      { event: 'notStopped', waitedFor: [...waitedFor] },
      `The service could not finish within ${withinMs / 1000} s and ends as it is`,
    );
    process.exit(1);
  }, withinMs).unref();
  return {
    async until(name, work) {
      waitedFor.add(name);
      try {
        return await work;
      } finally {
        waitedFor.delete(name);
      }
    },
  };
}
