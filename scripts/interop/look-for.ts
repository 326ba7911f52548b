import { setTimeout as wait } from 'node:timers/promises';

const LOOK_AGAIN_AFTER_MS = 100;

/**
 * Looks again and again until there is something, and answers it.
 * @param what in words, for the Error that is thrown when it has not come in time
 */
export async function lookFor<T>(what: string, look: () => Promise<T | undefined>, limitMs: number): Promise<T> {
  const ends = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > ends) throw new Error(`Looked ${limitMs / 1000} s for ${what}.`);
    await wait(LOOK_AGAIN_AFTER_MS);
  }
}
