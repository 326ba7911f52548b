import { setTimeout as pause } from 'node:timers/promises';
import { PATIENCE_MS } from '../../patience';
import { within } from '../../within';

const LOOK_AGAIN_MS = 25;
/** What one look may still take when the patience is at its end. */
const LAST_LOOK_MS = 5000;

/**
 * Looks again and again until `look` finds something, and answers it. Used where nothing announces the change that is
 * waited for, such as the inside of a closed shadow root.
 *
 * @param what in words, for the error
 * @param look answers undefined, null or false while there is nothing yet
 * @param state what is there instead, told in the error
 * @throws {Error} after `patienceMs`, also when a look does not come to its end
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  { patienceMs = PATIENCE_MS, state }: { patienceMs?: number; state?: () => Promise<string> } = {},
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const left = Math.max(end - Date.now(), 0);
    const found = await within(`an answer to a look for ${what}`, look(), left + LAST_LOOK_MS);
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) {
      const instead = state ? `\nInstead there is:\n${await told(state)}` : '';
      throw new Error(`Waited ${patienceMs / 1000} s for ${what}.${instead}`);
    }
    await pause(LOOK_AGAIN_MS);
  }
}

/** What is there instead; where that can't be told, why not, since what was waited for says more. */
async function told(state: () => Promise<string>): Promise<string> {
  try {
    return await within('what is there instead', state(), LAST_LOOK_MS);
  } catch (error) {
    return String(error);
  }
}
