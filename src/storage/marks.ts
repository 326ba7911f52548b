import * as v from 'valibot';

/** How far the rows of version 1 have come; there until the last of them has moved. */
const movingSchema = v.object({
  /** The rows up to this ID have moved. */
  after: v.string(),
  /** The greatest number of a row that was to move. */
  newest: v.number(),
  /** Whether the index of targets has every change that was to move. */
  targeted: v.optional(v.boolean(), false),
});
export type Moving = v.InferOutput<typeof movingSchema>;

/** Null when no row of version 1 is left. A mark that is damaged has them looked through from the first. */
export function readMoving(stored: unknown): Moving | null {
  return stored === undefined
    ? null
    : v.parse(v.fallback(movingSchema, { after: '', newest: 0, targeted: false }), stored);
}

/** The time that the last pass of the retention went by (milliseconds since the epoch); null before the first. */
export function readLastPass(stored: unknown): number | null {
  return typeof stored === 'number' && Number.isFinite(stored) ? stored : null;
}

/** The changes that have ended, or were made elsewhere, and of which that is still to be told, the first one first. One that is damaged names none. */
export function readUntold(stored: unknown): readonly string[] {
  return v.parse(v.fallback(v.array(v.string()), []), stored);
}
