import { describe, expect, test } from 'vitest';
import {
  afterLaneEvent,
  FRESH_LANE,
  holdOfConnection,
  type Lane,
  type LaneEvent,
  mayLeave,
  WIDER_AFTER,
  WIDEST,
} from '../../../src/domain/lane';
import { HOUR, MINUTE, SECOND, START } from '../../support/clock';

const WALL_MS = 10 * MINUTE;
const END = START + WALL_MS;
const tooMany = (at: number, retryAfterMs: number | null = WALL_MS): LaneEvent => ({
  type: 'askedToWait',
  at,
  retryAfterMs,
  chance: 0,
  isTooMany: true,
});
const away: LaneEvent = { type: 'askedToWait', at: START, retryAfterMs: WALL_MS, chance: 0, isTooMany: false };
const holdOf = (lanes: readonly Lane[], now: number, connectionId = 'one') =>
  holdOfConnection(
    lanes.map((lane) => ({ connectionId: 'one', lane })),
    connectionId,
    now,
  );
const answered = (at = START): LaneEvent => ({ type: 'answered', at });
const signInNeeded: LaneEvent = { type: 'signInNeeded' };
const signedIn: LaneEvent = { type: 'signedIn' };
const tryNow: LaneEvent = { type: 'tryNow' };
const lost: LaneEvent = { type: 'lost', at: START, chance: 0 };
const lostAt = (at: number): LaneEvent => ({ type: 'lost', at, chance: 0 });
const interrupted: LaneEvent = { type: 'interrupted' };

const laneAfter = (...events: readonly LaneEvent[]): Lane => events.reduce(afterLaneEvent, FRESH_LANE);

describe('How many may leave', () => {
  test.each<[string, readonly LaneEvent[], number, number]>([
    ['as many as the lane is wide, before anything has happened', [], START, WIDEST],
    ['none, while the backend asks to wait', [tooMany(START)], END - 1, 0],
    ['one, once that time is over', [tooMany(START)], END, 1],
    ['none, while a 503 asks to wait', [away], END - 1, 0],
    ['half as many after a 429, once one was answered', [tooMany(START), answered(END)], END, WIDEST / 2],
    ['as many as before after a 503, once one was answered', [away, answered(END)], END, WIDEST],
    ['none, when the one that went first is asked to wait too', [tooMany(START), tooMany(END)], END + WALL_MS - 1, 0],
    ['none, while what had left before is answered', [tooMany(START), answered(), answered()], END - 1, 0],
    ['none, however long nobody signs in', [signInNeeded], START + 100 * HOUR, 0],
    ['none, though something that had left before is answered', [signInNeeded, answered()], START, 0],
    ['one, once somebody has signed in', [signInNeeded, signedIn], START, 1],
    ['all, once that one was answered', [signInNeeded, signedIn, answered()], START, WIDEST],
    ['none, when that one is refused too', [signInNeeded, signedIn, signInNeeded], START, 0],
    ['none for a second, when the answer to that one is lost', [signInNeeded, signedIn, lost], START, 0],
    ['one after it', [signInNeeded, signedIn, lost], START + SECOND, 1],
    ['as many as before, when somebody signs in and nobody had to', [signedIn], START, WIDEST],
    ['one, when a person wants it in spite of a wait', [tooMany(START), tryNow], START, 1],
    ['none, once that one was asked to wait', [tooMany(START), tryNow, tooMany(START)], START, 0],
    ['none, once the answer to that one is lost', [tooMany(START), tryNow, lost], START, 0],
    ['none, when that one did not leave after all', [tooMany(START), tryNow, { type: 'unsent' }], START, 0],
    ['as many as before, when one did not leave that could have', [{ type: 'unsent' }], START, WIDEST],
    ['half, once that one was answered', [tooMany(START), tryNow, answered()], START, WIDEST / 2],
    ['one, when a person wants it in spite of a missing sign-in', [signInNeeded, tryNow], START, 1],
    ['all, when a person wants it and nothing holds it up', [tryNow], START, WIDEST],
    ['one, in the place of a worker that ended with some on the wire', [interrupted], START, 1],
    ['none, where a wait is in force besides', [tooMany(START), interrupted], START, 0],
    ['none, where a sign-in is waited for besides', [signInNeeded, interrupted], START, 0],
    ['one, when an answer is lost', [lost], START, 1],
    ['all, when something else is answered after that', [lost, answered()], START, WIDEST],
    ['none for a second, when answers to several are lost', [lost, lost, lost, lost], START + SECOND - 1, 0],
    ['one after it', [lost, lost, lost, lost], START + SECOND, 1],
    [
      'none for two seconds, when the answer to that one is lost too',
      [lost, lost, lostAt(END)],
      END + 2 * SECOND - 1,
      0,
    ],
    ['all, once one is answered', [lost, lost, lostAt(END), answered(END + MINUTE)], END + MINUTE, WIDEST],
    ['one, when the clock was put back before the wait', [tooMany(START)], START - HOUR, 1],
  ])('%s', (_what, events, now, leave) => {
    expect(mayLeave(laneAfter(...events), 0, now)).toBe(leave);
  });

  test('is as many fewer as are on the wire, and never less than none', () => {
    expect([0, 1, 4, 7].map((onTheWire) => mayLeave(FRESH_LANE, onTheWire, START))).toEqual([4, 3, 0, 0]);
    const probing = laneAfter(interrupted);
    expect([0, 1, 2].map((onTheWire) => mayLeave(probing, onTheWire, START))).toEqual([1, 0, 0]);
  });
});

describe('The width', () => {
  test('is halved once for what was refused together, and is never less than one', () => {
    const refused = laneAfter(tooMany(START), tooMany(START + 1), tooMany(START + 2), tooMany(START + 3));
    expect(refused).toMatchObject({ width: 2, refusals: 1 });
    const again = [END, END + WALL_MS, END + 2 * WALL_MS].reduce(
      (lane, at) => afterLaneEvent(lane, tooMany(at)),
      refused,
    );
    expect(again.width).toBe(1);
  });

  test('grows by one after many answers in a row, up to the widest', () => {
    let lane = laneAfter(tooMany(START), tooMany(END));
    const widths = new Set<number>();
    for (let answers = 0; answers < 4 * WIDER_AFTER; answers += 1) {
      lane = afterLaneEvent(lane, answered(END + WALL_MS));
      widths.add(lane.width);
      if (answers === WIDER_AFTER - 2) expect(lane.width).toBe(1);
      if (answers === WIDER_AFTER - 1) expect(lane.width).toBe(2);
    }
    expect([...widths]).toEqual([1, 2, 3, 4]);
  });
});

describe('The hold', () => {
  test('says that nobody answers, and is a minute at most however often nobody does', () => {
    const events = Array.from({ length: 30 }, (_, i) => lostAt(START + i * HOUR));
    const { hold } = laneAfter(...events);
    expect(hold).toEqual({ for: 'time', wait: { from: START + 29 * HOUR, ms: MINUTE }, silent: true });
  });

  const waitOf = (lane: Lane) => (lane.hold?.for === 'time' ? lane.hold.wait : null);

  test('is the longest that was asked for together', () => {
    expect(waitOf(laneAfter(tooMany(START), tooMany(START + SECOND, MINUTE)))).toEqual({ from: START, ms: WALL_MS });
    expect(waitOf(laneAfter(tooMany(START, MINUTE), tooMany(START + SECOND)))).toEqual({
      from: START + SECOND,
      ms: WALL_MS,
    });
  });

  test('is longer and longer where the backend says no time, and 24 hours at most where it says one', () => {
    expect(waitOf(laneAfter(tooMany(START, null)))?.ms).toBe(SECOND);
    expect(waitOf(laneAfter(tooMany(START, null), tooMany(START + SECOND, null)))?.ms).toBe(2 * SECOND);
    expect(waitOf(laneAfter(tooMany(START, 1000 * HOUR)))?.ms).toBe(24 * HOUR);
  });

  test('is told until its time comes, and a missing sign-in until somebody has signed in', () => {
    const held = laneAfter(tooMany(START));
    expect([holdOf([held], END - 1)?.for, holdOf([held], END)]).toEqual(['time', null]);
    expect(holdOf([laneAfter(signInNeeded)], START + HOUR)).toEqual({ for: 'signIn' });
  });

  test('is no hold of a connection with another lane that goes on, or with none', () => {
    const held = laneAfter(tooMany(START));
    expect(holdOf([held, FRESH_LANE], START)).toBeNull();
    expect(holdOf([], START)).toBeNull();
    expect(holdOf([held], START, 'other')).toBeNull();
  });

  test('for a sign-in is not shortened by a wait', () => {
    expect(laneAfter(signInNeeded, tooMany(START)).hold).toEqual({ for: 'signIn' });
  });
});
