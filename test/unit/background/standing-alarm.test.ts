import { beforeEach, expect, it, vi } from 'vitest';
import { keepAlarm } from '../../../src/background/standing-alarm';
import { CHANGES_ALARM, createWakefulness } from '../../../src/background/wakefulness';
import { browser } from '../../../src/platform/browser';
import { createClock, type HandClock } from '../../support/clock';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

let clock: HandClock;
/** The browser's alarms, by the clock on the wall, as Chromium 156 keeps them. */
let alarms: Map<string, { scheduledTime: number; periodInMinutes: number }>;

beforeEach(() => {
  clock = createClock(START);
  alarms = new Map();
  Object.assign(browser, {
    alarms: {
      get: async (name: string) => alarms.get(name),
      create: (name: string, { periodInMinutes }: { periodInMinutes: number }) =>
        void alarms.set(name, { scheduledTime: clock.now() + periodInMinutes * MINUTE, periodInMinutes }),
      clear: async (name: string) => alarms.delete(name),
    },
  });
});

const comesIn = (name: string) => (alarms.get(name)?.scheduledTime ?? Number.NaN) - clock.now();

it('an alarm is set where there is none, and what it is for is due', async () => {
  expect(await keepAlarm('prune', 60, clock)).toBe(true);
  expect(comesIn('prune')).toBe(60 * MINUTE);
});

it('one that is there is not put off', async () => {
  await keepAlarm('prune', 60, clock);
  clock.moveTo(START + 59 * MINUTE);
  expect(await keepAlarm('prune', 60, clock)).toBe(false);
  expect(comesIn('prune')).toBe(MINUTE);
});

it('one that is past, as with a clock set ahead, is left for the browser to ring', async () => {
  await keepAlarm('prune', 60, clock);
  clock.setBy(DAY);
  expect(await keepAlarm('prune', 60, clock)).toBe(false);
  expect(comesIn('prune')).toBe(60 * MINUTE - DAY);
});

it('one that is further off than its period, with a clock put back, is due and set anew', async () => {
  await keepAlarm('prune', 60, clock);
  clock.setBy(-DAY);
  expect(await keepAlarm('prune', 60, clock)).toBe(true);
  expect(comesIn('prune')).toBe(60 * MINUTE);
});

it('a worker with open work comes back in half a minute after the clock was put back a day', async () => {
  await createWakefulness(CHANGES_ALARM, clock).workOpen();
  clock.setBy(-DAY);
  await createWakefulness(CHANGES_ALARM, clock).workOpen();
  expect(comesIn(CHANGES_ALARM)).toBe(MINUTE / 2);
});
