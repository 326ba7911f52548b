import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limitStop, STOP_WITHIN_MS } from '../../server/src/commands/stop-limit';

let ends: unknown[];
const log = { error: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  ends = [];
  log.error.mockReset();
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    ends.push(code);
    // As nothing comes after it.
    throw new Error('Ended.');
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const NEVER = new Promise<void>(() => undefined);
const SENTENCE = 'The service could not finish within 25 s and ends as it is';

it.each([
  ['nothing that is to be done, as it would have ended by itself', [], [undefined]],
  ['mails', ['mails'], [1]],
  ['requests and the database', ['requests', 'the database'], [1]],
] as const)('ends a process after 25 s that waits for %s', async (_what, names, codes) => {
  const { until } = limitStop(log);
  expect(await until('what is done', Promise.resolve('so'))).toBe('so');
  await expect(until('what fails', Promise.reject(new Error('no')))).rejects.toThrow('no');
  for (const name of names) void until(name, NEVER);
  vi.advanceTimersByTime(STOP_WITHIN_MS - 1);
  expect([ends, log.error.mock.calls]).toEqual([[], []]);
  expect(() => vi.advanceTimersByTime(1)).toThrow('Ended.');
  expect(ends).toEqual(codes);
  expect(log.error.mock.calls).toEqual(
    names.length === 0 ? [] : [[{ event: 'notStopped', waitedFor: names }, SENTENCE]],
  );
});

it('keeps no process that ends before', () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  limitStop(log);
  expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
});
