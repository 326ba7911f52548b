/**
 * A row of the history is stored in the shape of its day, and every later version reads it: one pure step for each shape, from
 * the one before. A shipped step is never altered; whoever alters what a row holds appends one. What no step understands is
 * left as it is, and the row's schema judges it.
 */
const STEPS: readonly ((row: object) => object)[] = [
  // 1 to 2: a change says whose it is. Of the rows before nobody knows.
  (row) =>
    'change' in row && isObject(row.change) ? { ...row, change: { person: null, sentAs: null, ...row.change } } : row,
];

/** The shape in which rows are written now. */
export const PRESENT_SHAPE = STEPS.length + 1;

/** A stored row in the present shape. `shape`: the one it was written in; absent in the rows of the first. */
export function inPresentShape(row: unknown, shape: unknown): unknown {
  if (!isObject(row)) return row;
  const from = typeof shape === 'number' ? shape : 1;
  return STEPS.slice(from - 1).reduce((earlier, step) => step(earlier), row);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
