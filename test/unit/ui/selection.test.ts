import { describe, expect, it, test } from 'vitest';
import {
  cameLater,
  countSelected,
  NOTHING_SELECTED,
  pressed,
  pressedAll,
  pressedGroup,
  type Selection,
  tickOf,
  withLater,
} from '../../../src/ui/selection';
import { rowKey } from '../../../src/subscriptions/row-id';
import { SUBSCRIPTION_ID } from '../../support/targets';

const SHOWN = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Presses boxes in a row: `b` plainly, `B` with Shift. */
function pressing(presses: string, shown: readonly string[] = SHOWN, begin: Selection = NOTHING_SELECTED): Selection {
  return [...presses].reduce((selection, letter) => {
    const key = letter.toLowerCase();
    return pressed(selection, key, letter !== key, shown);
  }, begin);
}
const keysOf = ({ keys }: Selection) => [...keys].sort().join('');

describe('a range by Shift', () => {
  const cases: readonly (readonly [title: string, presses: string, selected: string])[] = [
    ['a press selects one row', 'b', 'b'],
    ['a second press takes it back', 'bb', ''],
    ['Shift selects up to the row that was pressed before, downwards', 'bD', 'bcd'],
    ['and upwards', 'dB', 'bcd'],
    ['a second Shift makes the range shorter', 'bEC', 'bc'],
    ['and turns it around its first row', 'cEA', 'abc'],
    ['what was selected before the range stays when the range leaves it', 'dbEC', 'bcd'],
    ['from a row that was taken back, Shift takes back', 'aFcE', 'abf'],
    ['a plain press begins another range', 'aBdF', 'abdef'],
    ['Shift with no row pressed before is a plain press, and begins a range', 'BD', 'bcd'],
    ['Shift on the very row of the beginning leaves that one alone', 'bB', 'b'],
  ];
  test.each(cases)('%s', (_title, presses, selected) => expect(keysOf(pressing(presses))).toBe(selected));

  it('goes by the order in which the rows stand now', () => {
    expect(keysOf(pressing('F', ['b', 'f', 'a', 'c', 'd', 'e'], pressing('b')))).toBe('bf');
  });

  it('leaves rows that are not shown as they are', () => {
    const inAll = pressing('aC');
    const filtered = pressing('E', ['a', 'e', 'f'], inAll);
    expect(keysOf(filtered)).toBe('abce');
  });

  it('begins anew where the row that was pressed before is not shown any more', () => {
    expect(keysOf(pressing('D', ['c', 'd', 'e'], pressing('a')))).toBe('ad');
  });

  it('does not begin at a row that was pressed before a whole group was', () => {
    expect(keysOf(pressing('F', SHOWN, pressedGroup(pressing('a'), ['b', 'c'])))).toBe('abcf');
  });
});

describe('a box for several rows', () => {
  test.each([
    [[], 'none'],
    [['a', 'b'], 'none'],
    [['b', 'c'], 'some'],
    [['c', 'b'], 'some'],
    [['c', 'd'], 'all'],
  ] as const)('of %s is ticked: %s', (rows, tick) => expect(tickOf(pressing('cD'), rows)).toBe(tick));

  it('selects all of a customer where some are, and none where all are', () => {
    const some = pressing('b');
    const all = pressedGroup(some, ['b', 'c']);
    expect(keysOf(all)).toBe('bc');
    expect(keysOf(pressedGroup(all, ['b', 'c']))).toBe('');
  });
});

describe('"Select all"', () => {
  it('takes what the filter shows, beside what was selected under another', () => {
    const selection = pressedAll(pressing('f'), ['a', 'b'], 'contoso');
    expect(keysOf(selection)).toBe('abf');
    expect(countSelected(selection, SHOWN, ['a', 'b'])).toEqual({ selected: 3, notShown: 1 });
  });

  it('takes back what the filter shows where all of it is selected, and nothing else', () => {
    expect(keysOf(pressedAll(pressing('abf'), ['a', 'b'], 'contoso'))).toBe('f');
  });

  it('has no row in it that streams in later, and offers those to be added', () => {
    const selection = pressedAll(NOTHING_SELECTED, ['a', 'b'], 'contoso');
    const shown = ['a', 'c', 'b', 'd'];
    expect(keysOf(selection)).toBe('ab');
    expect(cameLater(selection, shown, 'contoso')).toEqual(['c', 'd']);
    const added = withLater(selection, shown, 'contoso');
    expect(keysOf(added)).toBe('abcd');
    expect(cameLater(added, [...shown, 'e'], 'contoso')).toEqual(['e']);
  });

  it('does not offer again what a person took back by hand, nor what another filter shows', () => {
    const selection = pressing('b', SHOWN, pressedAll(NOTHING_SELECTED, ['a', 'b'], 'contoso'));
    expect(cameLater(selection, ['a', 'b'], 'contoso')).toEqual([]);
    expect(cameLater(selection, SHOWN, 'all')).toEqual([]);
    expect(withLater(selection, SHOWN, 'all')).toBe(selection);
  });

  it('offers nothing once it was taken back', () => {
    const all = pressedAll(NOTHING_SELECTED, ['a', 'b'], 'contoso');
    expect(cameLater(pressedAll(all, ['a', 'b'], 'contoso'), ['a', 'b', 'c'], 'contoso')).toEqual([]);
  });
});

it('counts no row that is gone from the list', () => {
  expect(countSelected(pressing('ab'), ['b', 'c'], ['c'])).toEqual({ selected: 1, notShown: 1 });
});

it('tells a subscription from the same one at another connection', () => {
  const [here, there] = ['one', 'two'].map((connectionId) => rowKey({ connectionId, subscriptionId: SUBSCRIPTION_ID }));
  expect(here).not.toBe(there);
});
