import { describe, expect, it } from 'vitest';
import {
  isPresent,
  judge,
  manyChangesSeen,
  NO_USES,
  type PortalUses,
  type PortalWish,
} from '../../../src/domain/portal-limits';
import { HOUR, MINUTE, SECOND, START } from '../../support/clock';
import { subscriptionId } from '../../support/targets';

const id = (number: number) => subscriptionId(`subscription-${number}`);
const show = (tabId: number, number: number, pressed = false): PortalWish => ({
  kind: 'show',
  tabId,
  subscriptionId: id(number),
  pressed,
});
const change = (tabId: number, number = tabId): PortalWish => ({ kind: 'change', tabId, subscriptionId: id(number) });
const check = (tabId: number): PortalWish => ({ kind: 'check', tabId });
const openWindow = (tabId: number): PortalWish => ({ kind: 'window', tabId });

type Asked = readonly [at: number, wish: PortalWish];

/** What became of wishes, one after the other. */
function run(asked: readonly Asked[], from: PortalUses = NO_USES): { granted: boolean[]; state: PortalUses } {
  let state = from;
  const granted = asked.map(([at, wish]) => {
    const judged = judge(state, wish, START + at);
    state = judged.after;
    return judged.granted;
  });
  return { granted, state };
}
const count = (granted: readonly boolean[]) => granted.filter((one) => one).length;
const times = (number: number) => Array.from({ length: number }, (_, index) => index);

describe('Showing subscriptions to a tab', () => {
  it('lets eight through at once, then one every two seconds', () => {
    const burst = run(times(20).map((number) => [0, show(1, number)]));
    expect(burst.granted).toEqual(times(20).map((number) => number < 8));
    const later = [1999, 2000, 3999, 4000].map((at, index): Asked => [at, show(1, 100 + index)]);
    expect(run(later, burst.state).granted).toEqual([false, true, false, true]);
  });

  it('lets a page that goes through 400 in 14 s have fourteen of them', () => {
    const { granted } = run(times(400).map((number) => [number * 35, show(1, number)]));
    expect(count(granted)).toBe(14);
  });

  it('is full again after sixteen quiet seconds', () => {
    const { state } = run(times(8).map((number) => [0, show(1, number)]));
    expect(
      count(
        run(
          times(9).map((number) => [16_000, show(1, 100 + number)]),
          state,
        ).granted,
      ),
    ).toBe(8);
  });

  it('costs nothing for what the tab is showing, however often it reads it', () => {
    const { granted, state } = run(times(1000).map((number) => [number, show(1, 1)]));
    expect(count(granted)).toBe(1000);
    expect(state.uses.shown).toHaveLength(1);
  });

  it('counts each time when a page goes to another subscription and back', () => {
    const { granted } = run(times(100).map((number) => [number * 10, show(1, number % 2)]));
    expect(granted).toEqual(times(100).map((number) => number < 8));
  });

  it('gives nothing away again to a page that comes back from what it was not shown', () => {
    const { state } = run(times(9).map((number) => [0, show(1, number)]));
    expect(isPresent(state, 1, id(7))).toBe(false);
    expect(run([[0, show(1, 7)]], state).granted).toEqual([false]);
  });

  it('has a pace for each tab, and 300 an hour for all', () => {
    const asked = times(1000).map((number): Asked => [number * SECOND, show(number % 100, number)]);
    const { granted, state } = run(asked);
    expect(count(granted)).toBe(300);
    expect(granted.indexOf(false)).toBe(300);
    expect(run([[HOUR - 1, show(500, 2000)]], state).granted).toEqual([false]);
    expect(run([[HOUR, show(500, 2000)]], state).granted).toEqual([true]);
  });

  it('goes on at a press when the pace is used up, and at a person’s pace', () => {
    const { state } = run(times(8).map((number) => [0, show(1, number)]));
    const presses = run(
      times(10).map((number) => [100, show(1, 20 + number, true)]),
      state,
    );
    expect(count(presses.granted)).toBe(5);
    // What a press brought is the tab's present page, and then costs nothing.
    const pressed = run([[100, show(1, 20, true)]], state);
    expect(run([[200, show(1, 20)]], pressed.state).granted).toEqual([true]);
    const everywhere = run(times(100).map((number) => [number, show(number, number, true)]));
    expect(count(everywhere.granted)).toBe(20);
  });

  it('goes on at a press when the hour is used up', () => {
    const { state } = run(times(300).map((number) => [number * SECOND, show(number, number)]));
    expect(run([[400 * SECOND, show(1, 999)]], state).granted).toEqual([false]);
    expect(run([[400 * SECOND, show(1, 999, true)]], state).granted).toEqual([true]);
  });

  it('tells which tab shows what', () => {
    const { state } = run([
      [0, show(1, 1)],
      [0, show(2, 2)],
      [0, show(1, 3)],
    ]);
    expect([isPresent(state, 1, id(1)), isPresent(state, 1, id(3)), isPresent(state, 2, id(2))]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('Changes from portals', () => {
  it('are ten a minute a tab', () => {
    const { granted, state } = run(times(30).map((number) => [number, change(1)]));
    expect(granted).toEqual(times(30).map((number) => number < 10));
    expect(run([[MINUTE - 1, change(1)]], state).granted).toEqual([false]);
    expect(run([[MINUTE, change(1)]], state).granted).toEqual([true]);
  });

  it('are twenty a minute over all tabs, and 120 an hour', () => {
    expect(count(run(times(60).map((number) => [number, change(number)])).granted)).toBe(20);
    expect(count(run(times(600).map((number) => [number * 6 * SECOND - number, change(number % 7)])).granted)).toBe(
      120,
    );
  });

  it('of what the tab was not shown count as showing it', () => {
    const { state } = run(times(8).map((number) => [0, show(1, number)]));
    expect(run([[0, change(1, 99)]], state).granted).toEqual([false]);
    expect(run([[0, change(1, 7)]], state).granted).toEqual([true]);
    // Asked in vain for a change, the tab still shows what it showed.
    expect(isPresent(run([[0, change(1, 99)]], state).state, 1, id(7))).toBe(true);
  });

  it('that are too many leave their trace once, until it was seen and they have become fewer', () => {
    const ten = run(times(10).map((number) => [number * SECOND, change(number)]));
    expect(ten.state.manyChanges).toBeNull();
    const eleven = run([[20 * SECOND, change(99)]], ten.state);
    expect(eleven.state.manyChanges).toEqual({ seen: false });
    const seen = manyChangesSeen(eleven.state);
    const more = run([[2 * MINUTE, change(1)]], seen);
    expect(more.state.manyChanges).toEqual({ seen: true });
    const quiet = run([[30 * MINUTE, change(1)]], more.state);
    expect(quiet.state.manyChanges).toBeNull();
    expect(
      run(
        times(11).map((number) => [31 * MINUTE, change(number)]),
        quiet.state,
      ).state.manyChanges,
    ).toEqual({
      seen: false,
    });
  });

  it('that were many are told until somebody has seen it, however quiet it gets', () => {
    const many = run(times(11).map((number) => [0, change(number)]));
    expect(run([[5 * HOUR, change(1)]], many.state).state.manyChanges).toEqual({ seen: false });
  });
});

describe('Checks from portals', () => {
  it('are twenty a minute a tab and forty over all', () => {
    expect(count(run(times(1500).map((number) => [number, check(1)])).granted)).toBe(20);
    expect(count(run(times(1500).map((number) => [number, check(number % 5)])).granted)).toBe(40);
  });

  it('neither use up changes nor are used up by them', () => {
    const { state } = run(times(100).map(() => [0, check(1)]));
    expect(
      count(
        run(
          times(10).map(() => [0, change(1)]),
          state,
        ).granted,
      ),
    ).toBe(10);
  });
});

describe('A clock that is put back', () => {
  it('locks nobody out, whatever was used up before', () => {
    const used = run([
      ...times(300).map((number): Asked => [0, show(number, number)]),
      ...times(20).map((number): Asked => [0, change(number)]),
      ...times(40).map((number): Asked => [0, check(number)]),
    ]).state;
    for (const back of [SECOND, HOUR, 24 * HOUR, 365 * 24 * HOUR]) {
      expect(
        run(
          [
            [-back, show(1, 999)],
            [-back, change(1)],
            [-back, check(1)],
          ],
          used,
        ).granted,
      ).toEqual([true, true, true]);
    }
  });
});

describe('Bringing the extension’s own window before the person', () => {
  it('happens six times a minute, whichever tabs ask', () => {
    const burst = run(times(9).map((number) => [number * SECOND, openWindow(number)]));
    expect(burst.granted).toEqual(times(9).map((number) => number < 6));
    expect(
      run(
        [59_999, 60_000, 60_001, 61_000].map((at) => [at, openWindow(1)]),
        burst.state,
      ).granted,
    ).toEqual([false, true, false, true]);
  });

  it('costs neither checks nor changes', () => {
    const { state } = run(times(6).map((number) => [0, openWindow(number)]));
    expect(
      run(
        [
          [1, check(1)],
          [1, change(1)],
        ],
        state,
      ).granted,
    ).toEqual([true, true]);
  });
});

describe('Whatever is asked, in whatever order', () => {
  /** A small generator of numbers, the same for the same seed. */
  function chance(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
  }

  it.each(times(40))('no tab and no window of time gets more than its limits (seed %i)', (seed) => {
    const next = chance(seed);
    const got: { wish: PortalWish; at: number; counted: boolean }[] = [];
    let state = NO_USES;
    let at = START;
    for (let step = 0; step < 2000; step += 1) {
      at += [0, 1, 40, 900, 7000][next(5)] ?? 0;
      const tabId = next(4);
      const wish =
        [show(tabId, next(30)), change(tabId, next(30)), check(tabId), openWindow(tabId)][next(4)] ?? check(tabId);
      const before = state.uses.shown.at(-1);
      const judged = judge(state, wish, at);
      if (!judged.granted) expect(judged.after.uses).toBe(state.uses);
      state = judged.after;
      if (judged.granted) got.push({ wish, at, counted: state.uses.shown.at(-1) !== before });
    }
    const most = (kind: PortalWish['kind'], tab: number | null, inMs: number) => {
      const of = got.filter(
        ({ wish, counted }) => (kind === 'show' ? counted : wish.kind === kind) && (tab === null || wish.tabId === tab),
      );
      return Math.max(0, ...of.map(({ at: from }) => of.filter(({ at }) => at >= from && at < from + inMs).length));
    };
    for (const tab of times(4)) {
      expect(most('change', tab, MINUTE)).toBeLessThanOrEqual(10);
      expect(most('check', tab, MINUTE)).toBeLessThanOrEqual(20);
      for (const seconds of [2, 10, 60]) {
        expect(most('show', tab, seconds * SECOND)).toBeLessThanOrEqual(8 + seconds / 2);
      }
    }
    expect(most('change', null, MINUTE)).toBeLessThanOrEqual(20);
    expect(most('change', null, HOUR)).toBeLessThanOrEqual(120);
    expect(most('check', null, MINUTE)).toBeLessThanOrEqual(40);
    expect(most('window', null, MINUTE)).toBeLessThanOrEqual(6);
    expect(most('show', null, HOUR)).toBeLessThanOrEqual(300);
    expect(state.uses.shown.length).toBeLessThanOrEqual(300);
  });
});
