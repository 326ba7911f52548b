import { withoutMessage } from './earlier-failures';
import { foreignWithTarget, withIssuer, withTargetInside, withVersion } from './earlier-targets';
import { altered, isObject } from './objects';

/**
 * A row of the history is stored in the shape of its day, and every later version reads it: one pure step for each shape, from
 * the one before. A shipped step is never altered; whoever alters what a row holds appends one. What no step understands is
 * left as it is, and the row's schema judges it.
 */
const STEPS: readonly ((row: Readonly<Record<string, unknown>>) => object)[] = [
  // 1 to 2: a change says whose it is. Of the rows before nobody knows.
  (row) => altered(row, ['change'], (change) => ({ person: null, sentAs: null, ...change })),
  // 2 to 3: a failure keeps apart what somebody else said and what we know.
  (row) => inAll(row, FAILURES_IN_ROWS, withoutMessage),
  // 3 to 4: a target has its connection inside, a state its version, a wait its beginning and length, a person an issuer.
  (row) => {
    const held = inAll(inAll(row, HELD_IN_ROWS, withVersion), PERSONS_IN_ROWS, withIssuer);
    return inAll(inAll(held, [['change']], withTargetInside), [['foreign']], foreignWithTarget);
  },
];

const FAILURES_IN_ROWS = [
  ['change', 'life', 'failure'],
  ['change', 'life', 'lastFailure'],
  ['change', 'life', 'settle', 'failure'],
  ['check', 'outcome', 'failure'],
] as const;

const HELD_IN_ROWS = [
  ['change', 'life', 'outcome'],
  ['change', 'life', 'found'],
] as const;

const PERSONS_IN_ROWS = [
  ['change', 'person'],
  ['change', 'sentAs'],
] as const;

/** The shape in which rows are written now. */
export const PRESENT_SHAPE = STEPS.length + 1;

/** A stored row in the present shape. `shape`: the one it was written in; absent in the rows of the first. */
export function inPresentShape(row: unknown, shape: unknown): unknown {
  const from = typeof shape === 'number' ? shape : 1;
  return STEPS.slice(from - 1).reduce((earlier, step) => (isObject(earlier) ? step(earlier) : earlier), row);
}

/** A row with the same done to whatever stands at one of those paths. */
function inAll(row: object, paths: readonly (readonly string[])[], change: Parameters<typeof altered>[2]): object {
  return paths.reduce((changed, path) => (isObject(changed) ? altered(changed, path, change) : changed), row);
}
