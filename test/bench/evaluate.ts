import type { Held, MeasuredRow, Spread } from './latest';
import type { Figures, Hold, Row } from './subject';

/** What the sides came to in one round, by their names. */
export type Round = ReadonlyMap<string, Figures>;

/** What the rounds say of a row. `names`: of the sides, ours first. */
export function evaluate(subject: string, row: Row, names: readonly string[], rounds: readonly Round[]): MeasuredRow {
  const { what, figure, unit, over } = row;
  const raw = (name: string) => rounds.flatMap((round) => round.get(name)?.[figure] ?? []);
  const figuresOf = (name: string) => (over === undefined ? raw(name) : pairwise(raw(name), raw(over), difference));
  // A side may have nothing to say of a row of its subject.
  const told = names.filter((name) => name !== over && raw(name).length > 0);
  const [ours] = told;
  if (ours === undefined) throw new Error(`Nothing was measured of “${what}”`);
  const evaluated = (hold: Hold): Held => {
    const came = spreadOf(cameTo(hold, figuresOf(ours), figuresOf));
    const side = hold.kind === 'atMost' ? null : hold.side;
    return { kind: hold.kind, side, most: hold.most, came, held: came.median <= hold.most };
  };
  return {
    subject,
    what,
    unit,
    over: over ?? null,
    sides: told.map((name) => ({ name, ...spreadOf(figuresOf(name)), rounds: figuresOf(name).map(rounded) })),
    holds: row.holds.map(evaluated),
  };
}

function cameTo(hold: Hold, ours: readonly number[], figuresOf: (side: string) => readonly number[]): number[] {
  switch (hold.kind) {
    case 'atMost':
      return [...ours];
    case 'above':
      return pairwise(ours, figuresOf(hold.side), difference);
    case 'times':
      return pairwise(ours, figuresOf(hold.side), (one, other) => one / other);
  }
}

/** Two figures of one round met the same machine, whatever it had to do besides. */
function pairwise(
  some: readonly number[],
  others: readonly number[],
  compare: (one: number, other: number) => number,
): number[] {
  return some.flatMap((one, at) => {
    const other = others[at];
    return other === undefined ? [] : [compare(one, other)];
  });
}

const difference = (one: number, other: number) => one - other;

/** The figure in the middle, and the least and the greatest beside it. Throws when there is none. */
function spreadOf(figures: readonly number[]): Spread {
  const sorted = figures.toSorted((one, other) => one - other);
  const [least] = sorted;
  const most = sorted.at(-1);
  const middle = sorted[Math.floor(sorted.length / 2)];
  const before = sorted[Math.ceil(sorted.length / 2) - 1];
  if (least === undefined || most === undefined || middle === undefined || before === undefined) {
    throw new Error('There is no figure to take the median of');
  }
  return { median: rounded((middle + before) / 2), least: rounded(least), most: rounded(most) };
}

/** A thousandth is less than anything here is measured to. */
function rounded(figure: number): number {
  return Math.round(figure * 1000) / 1000;
}
