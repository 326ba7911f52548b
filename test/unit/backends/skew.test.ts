import { expect, it } from 'vitest';
import { createSkew } from '../../../src/backends/skew';
import { createClock } from '../../support/clock';

const START = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SERVICE = 'https://por.example.com/v1/health';
const PROVIDER = 'https://login.example.com/token';

/** A computer whose clock is so far ahead of everybody's, and one of them that answers after a while, as its clock says. */
function computer(ahead: number) {
  const clock = createClock(START + ahead);
  let next: { headers: Record<string, string>; afterMs: number; setBy: number };
  const skew = createSkew(clock, async () => {
    clock.moveTo(clock.now() + next.afterMs);
    clock.setBy(next.setBy);
    return new Response(null, { headers: next.headers });
  });
  const said = (at: number) => ({ date: new Date(at).toUTCString() });
  return {
    clock,
    skew,
    said,
    answer(address: string, headers: Record<string, string> = said(START), afterMs = 0, setBy = 0) {
      next = { headers, afterMs, setBy };
      return skew.fetch(address);
    },
  };
}

it.each([
  ['is right', 0, 0],
  ['is right within the second that a Date has', 999, 0],
  ['is two hours ahead', 2 * HOUR, 2 * HOUR - 1000],
  ['is two hours behind', -2 * HOUR, -2 * HOUR],
])('a computer whose clock %s hears so of an answer', async (_what, ahead, told) => {
  const { skew, answer } = computer(ahead);
  expect(skew.aheadOf(SERVICE)).toBeNull();
  await answer(SERVICE);
  expect(skew.aheadOf(SERVICE)).toBe(told);
  expect(skew.aheadOf('https://por.example.com/another/path')).toBe(told);
});

it('an answer that took long says no more than is certain', async () => {
  const { skew, answer } = computer(0);
  await answer(SERVICE, undefined, 10 * MINUTE);
  expect(skew.aheadOf(SERVICE)).toBe(0);
});

it('an answer that a cache has kept tells the time that it has become there', async () => {
  const { skew, said, answer } = computer(0);
  await answer(SERVICE, { ...said(START - HOUR), age: '3600' });
  expect(skew.aheadOf(SERVICE)).toBe(0);
});

it.each([
  ['no Date', {}],
  ['a Date that is none', { date: 'today' }],
])('an answer with %s says nothing, and leaves what another said', async (_what, headers) => {
  const { skew, answer } = computer(2 * HOUR);
  await answer(SERVICE, headers);
  expect([skew.aheadOf(SERVICE), skew.trustedNow()]).toEqual([null, null]);
  await answer(SERVICE);
  await answer(SERVICE, headers);
  expect(skew.aheadOf(SERVICE)).toBe(2 * HOUR - 1000);
});

it('what one host said is not what another says', async () => {
  const { skew, said, answer } = computer(0);
  await answer(SERVICE);
  await answer(PROVIDER, said(START - HOUR));
  expect([skew.aheadOf(SERVICE), skew.aheadOf(PROVIDER)]).toEqual([0, HOUR - 1000]);
});

it.each([
  ['ahead', HOUR],
  ['back', -HOUR],
])(
  'a clock that was set %s since is one of which nothing is known, until somebody answers again',
  async (_what, by) => {
    const { clock, skew, said, answer } = computer(0);
    await answer(SERVICE);
    clock.moveTo(START + HOUR);
    expect(skew.aheadOf(SERVICE)).toBe(0);
    clock.setBy(by);
    expect([skew.aheadOf(SERVICE), skew.trustedNow()]).toEqual([null, null]);
    await answer(SERVICE, said(START + HOUR));
    expect(skew.aheadOf(SERVICE)).toBe(by > 0 ? by - 1000 : by);
  },
);

it('a clock that is set while the answer is on its way makes that answer say nothing', async () => {
  const { skew, answer } = computer(0);
  await answer(SERVICE, undefined, 0, HOUR);
  expect(skew.aheadOf(SERVICE)).toBeNull();
});

it.each([
  ['right', 0, 0],
  ['a year ahead', 365 * 24 * HOUR, 1000],
  ['a day behind', -24 * HOUR, -24 * HOUR],
])('the time to judge ages by is past for everybody, with a clock that is %s', async (_what, ahead, from) => {
  const { clock, skew, answer } = computer(ahead);
  await answer(SERVICE);
  expect(skew.trustedNow()).toBe(START + from);
  clock.moveTo(clock.now() + HOUR);
  expect(skew.trustedNow()).toBe(START + from + HOUR);
});

it('a service whose own clock is mad makes nothing older than it is', async () => {
  const { skew, said, answer } = computer(0);
  await answer(SERVICE, said(START + 3650 * 24 * HOUR));
  expect(skew.trustedNow()).toBe(START);
});
