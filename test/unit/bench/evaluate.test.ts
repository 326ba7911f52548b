import { describe, expect, it } from 'vitest';
import { evaluate } from '../../bench/evaluate';
import type { Hold, Row } from '../../bench/subject';

const row = (holds: readonly Hold[], more: Partial<Row> = {}): Row => ({
  what: 'a thing',
  figure: 'ms',
  unit: 'ms',
  holds,
  ...more,
});

/** Rounds in which ours and the bare one came to these. */
const rounds = (...pairs: readonly (readonly [ours: number, bare: number])[]) =>
  pairs.map(([ours, bare]) => new Map([['ours', { ms: ours }] as const, ['bare', { ms: bare }] as const]));

const names = ['ours', 'bare'];

describe('A row of the bench', () => {
  it('tells the median of each side, and the least and the greatest beside it', () => {
    const { sides } = evaluate('s', row([]), names, rounds([9, 1], [3, 4], [5, 2]));
    expect(sides).toEqual([
      { name: 'ours', median: 5, least: 3, most: 9, rounds: [9, 3, 5] },
      { name: 'bare', median: 2, least: 1, most: 4, rounds: [1, 4, 2] },
    ]);
  });

  it('has the mean of the two in the middle as its median, where the rounds are even', () => {
    expect(evaluate('s', row([]), names, rounds([1, 1], [2, 1], [4, 1], [9, 1])).sides[0]?.median).toBe(3);
  });

  it('compares what the two came to in the same round, not the medians of all', () => {
    // The machine was busy in the second round, for both alike: the medians are 10 and 4, which is 2.5 times.
    const [hold] = evaluate(
      's',
      row([{ kind: 'times', side: 'bare', most: 2 }]),
      names,
      rounds([8, 4], [90, 60], [10, 2]),
    ).holds;
    expect(hold).toEqual({
      kind: 'times',
      side: 'bare',
      most: 2,
      came: { median: 2, least: 1.5, most: 5 },
      held: true,
    });
  });

  it.each([
    [[4, 1] as const, true],
    [[4.2, 1] as const, false],
  ])('is held up to its number and not above it: %s', (pair, held) => {
    const holds: Hold[] = [
      { kind: 'atMost', most: 4 },
      { kind: 'above', side: 'bare', most: 3 },
      { kind: 'times', side: 'bare', most: 4 },
    ];
    expect(evaluate('s', row(holds), names, rounds(pair)).holds.map((hold) => hold.held)).toEqual([held, held, held]);
  });

  it('tells what a side adds to another one, which then has no figure of its own', () => {
    const { sides, over } = evaluate('s', row([], { over: 'bare' }), names, rounds([5, 4], [7, 4]));
    expect(over).toBe('bare');
    expect(sides).toEqual([{ name: 'ours', median: 2, least: 1, most: 3, rounds: [1, 3] }]);
  });

  it('leaves out a side that has nothing to say of it', () => {
    const only = [new Map([['ours', { ms: 1 }] as const, ['bare', { other: 2 }] as const])];
    expect(evaluate('s', row([]), names, only).sides.map(({ name }) => name)).toEqual(['ours']);
  });

  it('is no row without a figure', () => {
    expect(() => evaluate('s', row([]), names, [])).toThrow('Nothing was measured of “a thing”');
  });
});
