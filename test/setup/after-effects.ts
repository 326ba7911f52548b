import { afterAll } from 'vitest';

/** Preact runs the effects of a drawing this long after it at the latest, and then reaches for the page, which must still be there. */
const EFFECTS_WITHIN_MS = 35;

afterAll(() => new Promise<void>((resolve) => setTimeout(resolve, 2 * EFFECTS_WITHIN_MS)));
