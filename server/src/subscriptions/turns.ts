import { isLockTimeout } from '../database/away';
import { unavailable } from '../refusal';

/** Lets those who want the same thing have it one after the other. */
export type InTurn = <T>(thing: string, work: () => Promise<T>) => Promise<T>;

/** As long as one waits for a connection. */
const TURN_WITHIN_MS = 10_000;

/**
 * Makes turns. Whoever waits for one holds no connection, so that a row that is held beside us costs one connection and not all.
 * When that one could not have its lock in time, those who waited behind it are not made to find out the same, one by one: they are
 * refused with it.
 */
export function createTurns(): InTurn {
  /** Of each thing the end of the last turn asked for: why those behind it are refused, or null. */
  const ends = new Map<string, Promise<Error | null>>();

  return async (thing, work) => {
    const before = ends.get(thing) ?? Promise.resolve(null);
    let done: (refusal: Error | null | Promise<Error | null>) => void = () => undefined;
    const end = new Promise<Error | null>((resolve) => {
      done = resolve;
    });
    ends.set(thing, end);
    // Whoever gives up keeps its place in the row, so that nobody behind it comes before those in front.
    let passOn: Error | null | Promise<Error | null> = before;
    try {
      const refusal = await withinTurn(before);
      if (refusal !== null) throw refusal;
      passOn = null;
      return await work();
    } catch (error) {
      if (passOn === null && isLockTimeout(error) && error instanceof Error) passOn = error;
      throw error;
    } finally {
      done(passOn);
      if (ends.get(thing) === end) ends.delete(thing);
    }
  };
}

async function withinTurn(before: Promise<Error | null>): Promise<Error | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Error>((resolve) => {
    timer = setTimeout(() => resolve(unavailable()), TURN_WITHIN_MS);
  });
  return Promise.race([before, late]).finally(() => clearTimeout(timer));
}
