import type { Looking } from '../../src/storage/history';

/** Somebody whom nothing is known of looks, long after. */
export const LOOKING: Looking = { viewers: [], now: 1e15 };
