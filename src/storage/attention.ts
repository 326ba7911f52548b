/** What the index of attention has of a change that needs a person. */
export const NEEDS_PERSON = 1;
/** The same of a change made elsewhere that nobody has met yet. It is no reason to keep a row. */
export const UNMET = 2;

export type Attention = typeof NEEDS_PERSON | typeof UNMET;

/** The part of the index that has just those. */
export function attentionRange(which: Attention): IDBKeyRange {
  // An array is behind every number.
  return IDBKeyRange.bound([which], [which, []]);
}
