import { mayHaveCommitted } from '../database/away';
import { Refusal, tooLate } from '../refusal';

/** For which a server waits in every transaction. */
const LONGEST_COMMIT_MS = 10_000;

/** When nobody waits any more for the effect of a request. What is not committed by then is rolled back. */
export interface Limit {
  /** On the clock of `performance.now()`. */
  readonly until: number;
  /** Aborted when the service stops and waits no longer. */
  readonly stopping: AbortSignal;
}

/** What a transaction says of itself to who answers for it in time. */
export interface LastCall {
  /** At its beginning, each time that it is tried. Throws a {@link Refusal} once it is too late. */
  readonly begin: () => void;
  /** How long a server may wait for COMMIT at most; half of what is left, since it counts from a moment that nobody here knows. */
  readonly commitWithinMs: () => number;
  /** Right before COMMIT, for which a server waits that long. Throws a {@link Refusal} where it could come too late. */
  readonly commit: (withinMs: number) => void;
}

/**
 * Answers what the work comes to, or throws a {@link Refusal} at the limit, whatever it waits for by then: a connection, a lock, its
 * turn. Once COMMIT is on its way its answer is waited for; where that is lost, the refusal says that nobody knows.
 */
export async function answerInTime<T>(limit: Limit, work: (lastCall: LastCall) => Promise<T>): Promise<T> {
  let state = 'working' as 'working' | 'committing' | 'over';
  const isLate = (reserveMs = 0) => limit.stopping.aborted || performance.now() + reserveMs > limit.until;
  const lastCall: LastCall = {
    begin() {
      if (state === 'over' || isLate()) throw tooLate();
      state = 'working';
    },
    commitWithinMs: () => Math.min(LONGEST_COMMIT_MS, Math.max(1, Math.floor((limit.until - performance.now()) / 2))),
    commit(withinMs) {
      if (state === 'over' || isLate(withinMs)) throw tooLate();
      state = 'committing';
    },
  };

  let callTime: () => void = () => undefined;
  const over = new Promise<never>((_resolve, reject) => {
    callTime = () => {
      if (state !== 'working') return;
      state = 'over';
      reject(tooLate());
    };
  });
  const timer = setTimeout(callTime, Math.max(0, limit.until - performance.now()));
  limit.stopping.addEventListener('abort', callTime);
  try {
    return await Promise.race([work(lastCall), over]);
  } catch (error) {
    if (state !== 'committing' || !mayHaveCommitted(error)) throw error;
    throw new Refusal('OutcomeUnknown', { headers: { 'retry-after': '5' }, cause: error });
  } finally {
    clearTimeout(timer);
    limit.stopping.removeEventListener('abort', callTime);
  }
}
