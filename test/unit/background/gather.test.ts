import { beforeEach, expect, test } from 'vitest';
import { ANNOUNCE_WITHIN_MS, createGathering, GATHER_MS, type Gathering } from '../../../src/background/gather';
import { createClock, type HandClock, START } from '../../support/clock';

let clock: HandClock;
let errors: string[];
let announced: string[];
let gathering: Gathering;

beforeEach(() => {
  clock = createClock(START);
  errors = [];
  announced = [];
  const error = (sentence: string, cause: unknown) => void errors.push(`${sentence}: ${String(cause)}`);
  gathering = createGathering({ clock, log: { info: () => undefined, error } });
});

const add = (name: string, what = name) => gathering.add(name, async () => void announced.push(what));

function pass(ms: number): Promise<void> {
  clock.moveTo(clock.now() + ms);
  return gathering.settled();
}

test('what comes within the time is announced together at its end: of each name the last, and nothing before', async () => {
  add('badge');
  add('change', 'waiting');
  clock.moveTo(START + GATHER_MS - 1);
  add('change', 'sending');
  add('change', 'done');
  expect(announced).toEqual([]);
  await pass(1);
  expect(announced).toEqual(['badge', 'done']);
});

test('what comes later is gathered anew, and no timer is left once all is announced', async () => {
  add('change', 'sending');
  await pass(GATHER_MS);
  add('change', 'done');
  expect(announced).toEqual(['sending']);
  await pass(GATHER_MS);
  expect([announced, clock.pending()]).toEqual([['sending', 'done'], 0]);
});

test('one that fails, at once or later, is logged by its name and keeps no other from its audience', async () => {
  gathering.add('badge', () => {
    throw new Error('No toolbar');
  });
  gathering.add('pages', async () => {
    throw new Error('No pages');
  });
  add('panels');
  await pass(GATHER_MS);
  expect(announced).toEqual(['panels']);
  expect(errors).toEqual([
    'This could not be announced: badge: Error: No toolbar',
    'This could not be announced: pages: Error: No pages',
  ]);
});

test('one that never ends holds up only what is next of its name, which is announced once it is given up', async () => {
  gathering.add('badge', () => new Promise(() => undefined));
  clock.moveTo(clock.now() + GATHER_MS);
  await Promise.resolve();
  add('badge', 'badge, older');
  add('badge', 'badge, newest');
  add('panels');
  clock.moveTo(clock.now() + GATHER_MS);
  await expect.poll(() => announced, { interval: 1 }).toEqual(['panels']);
  await pass(ANNOUNCE_WITHIN_MS);
  expect(errors).toEqual([
    `This could not be announced: badge: Error: It has not ended within ${ANNOUNCE_WITHIN_MS} ms`,
  ]);
  await pass(GATHER_MS);
  expect(announced).toEqual(['panels', 'badge, newest']);
});

test('what wants a rest after the last of its name comes when that is over, as it is then, unless somebody wants it at once', async () => {
  const addPaced = (what: string) => gathering.add('batch', async () => void announced.push(what), 5 * GATHER_MS);
  addPaced('first');
  await pass(GATHER_MS);
  addPaced('second');
  clock.moveTo(clock.now() + GATHER_MS);
  addPaced('third');
  clock.moveTo(clock.now() + 3 * GATHER_MS);
  expect(announced).toEqual(['first']);
  await pass(GATHER_MS);
  expect(announced).toEqual(['first', 'third']);
  addPaced('fourth');
  add('batch', 'at once');
  await pass(GATHER_MS);
  expect([announced, clock.pending()]).toEqual([['first', 'third', 'at once'], 0]);
});
