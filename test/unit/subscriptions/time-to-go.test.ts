import { expect, it, test } from 'vitest';
import { type Sample, timeToGo, withSample } from '../../../src/subscriptions/time-to-go';

const seen = (...samples: readonly (readonly [second: number, left: number])[]): readonly Sample[] =>
  samples.reduce<readonly Sample[]>((all, [second, left]) => withSample(all, { at: second * 1000, left }), []);
const until = (second: number, from = 0) =>
  ({ for: 'time', wait: { from: from * 1000, ms: (second - from) * 1000 } }) as const;

test.each([
  ['nothing was seen', seen(), null, 10, null],
  ['nothing has ended', seen([0, 100], [10, 100]), null, 10, null],
  ['it has just begun', seen([0, 100], [2, 50]), null, 2, null],
  ['ten ended in ten seconds', seen([0, 100], [10, 90]), null, 10, 90],
  ['nothing has ended since: it slows down', seen([0, 100], [10, 90]), null, 20, 180],
  ['the service asks to wait for less than it takes', seen([0, 100], [10, 90]), until(60), 10, 90],
  ['the service asks to wait for longer', seen([0, 100], [10, 90]), until(310), 10, 300],
  ['its wait is over', seen([0, 100], [10, 90]), until(5), 10, 90],
  ['it waits for somebody to sign in', seen([0, 100], [10, 90]), { for: 'signIn' } as const, 10, null],
  ['nothing is left', seen([0, 100], [10, 0]), null, 10, 0],
] as const)('%s', (_title, samples, hold, now, seconds) => {
  expect(timeToGo(samples, hold, now * 1000)).toBe(seconds === null ? null : seconds * 1000);
});

it('counts by the last five minutes', () => {
  const samples = seen([0, 1000], [200, 999], [400, 799]);
  expect(samples.map(({ at }) => at / 1000)).toEqual([200, 400]);
});

it('keeps one for each second, and the first', () => {
  const samples = seen([0, 100], [0.5, 99], [0.6, 98], [0.7, 97], [2, 90]);
  expect(samples.map(({ left }) => left)).toEqual([100, 97, 90]);
});

it('begins anew where the clock was put back', () => {
  expect(seen([1000, 100], [1001, 90], [5, 80])).toEqual([{ at: 5000, left: 80 }]);
});
