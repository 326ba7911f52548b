import { withoutMessage } from './earlier-failures';

/**
 * A row of the history is stored in the shape of its day, and every later version reads it: one pure step for each shape, from
 * the one before. A shipped step is never altered; whoever alters what a row holds appends one. What no step understands is
 * left as it is, and the row's schema judges it.
 */
const STEPS: readonly ((row: object) => object)[] = [
  // 1 to 2: a change says whose it is. Of the rows before nobody knows.
  (row) =>
    'change' in row && isObject(row.change) ? { ...row, change: { person: null, sentAs: null, ...row.change } } : row,
  // 2 to 3: a failure keeps apart what somebody else said and what we know.
  (row) => FAILURES_IN_ROWS.reduce((changed, path) => altered(changed, path, withoutMessage), row),
];

const FAILURES_IN_ROWS = [
  ['change', 'life', 'failure'],
  ['change', 'life', 'lastFailure'],
  ['change', 'life', 'settle', 'failure'],
  ['check', 'outcome', 'failure'],
] as const;

/** The shape in which rows are written now. */
export const PRESENT_SHAPE = STEPS.length + 1;

/** A stored row in the present shape. `shape`: the one it was written in; absent in the rows of the first. */
export function inPresentShape(row: unknown, shape: unknown): unknown {
  if (!isObject(row)) return row;
  const from = typeof shape === 'number' ? shape : 1;
  return STEPS.slice(from - 1).reduce((earlier, step) => step(earlier), row);
}

/** The same with what stands at that path altered; as it is when nothing stands there. */
function altered(value: object, [name, ...rest]: readonly string[], change: (inner: object) => object): object {
  if (name === undefined) return change(value);
  const inner = Object.entries(value).find(([key]) => key === name)?.[1];
  return isObject(inner) ? { ...value, [name]: altered(inner, rest, change) } : value;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
