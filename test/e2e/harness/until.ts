import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 25;
export const PATIENCE_MS = 15_000;

/**
 * Looks again and again until `look` finds something, and answers it. Used where nothing announces the change that is
 * waited for, such as the inside of a closed shadow root.
 *
 * @param what in words, for the error
 * @param look answers undefined, null or false while there is nothing yet
 * @param state what is there instead, told in the error
 * @throws {Error} after `patienceMs`
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | null | false>,
  { patienceMs = PATIENCE_MS, state }: { patienceMs?: number; state?: () => Promise<string> } = {},
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > end) {
      const instead = state ? `\nInstead there is:\n${await state()}` : '';
      throw new Error(`Waited ${patienceMs / 1000} s for ${what}.${instead}`);
    }
    await pause(LOOK_AGAIN_MS);
  }
}
