import type { Looking } from '../../src/storage/history';

/** Somebody whom nothing is known of looks, long after. */
export const LOOKING: Looking = { viewer: { connectionId: null, person: null, mayChange: null }, now: 1e15 };
