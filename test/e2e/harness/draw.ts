import { createHash } from 'node:crypto';

type Word = string | number;

/** A choice and how often it is drawn, in proportion to the others. */
export type Weighted<T> = readonly (readonly [weight: number, choice: T])[];

/** Chance that repeats itself: the same words draw the same numbers, one after the other. */
export interface Draw {
  /** From [0, 1). */
  fraction(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  one<T>(choices: readonly T[]): T;
  weighted<T>(choices: Weighted<T>): T;
  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): T[];
  /** A UUID of the fourth version. */
  uuid(): string;
}

export function drawFrom(...words: readonly Word[]): Draw {
  let drawn = 0;
  const bytes = (): Buffer => {
    drawn += 1;
    return createHash('sha256')
      .update(JSON.stringify([...words, drawn]))
      .digest();
  };
  const fraction = (): number => bytes().readUIntBE(0, 6) / 2 ** 48;
  const weighted = <T>(choices: Weighted<T>): T => {
    let left = fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    throw new Error('There is nothing to draw from');
  };
  return {
    fraction,
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    one: (choices) => weighted(choices.map((choice) => [1, choice])),
    weighted,
    shuffled: (things) =>
      things
        .map((thing) => ({ thing, at: fraction() }))
        .sort((a, b) => a.at - b.at)
        .map(({ thing }) => thing),
    uuid: () =>
      bytes()
        .toString('hex')
        .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5'),
  };
}
