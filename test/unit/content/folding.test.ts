import { describe, expect, it } from 'vitest';
import { isFoldedByItself, mayFold } from '../../../src/content/folding';
import { type Shown, whatIsShown } from '../../../src/content/panel-state';
import { STATES } from './panel-states';

function shownIn(name: string): Shown {
  const state = STATES.find((one) => one.name === name);
  if (state === undefined) throw new Error(`No state ${name}`);
  return whatIsShown(state.known, state.draft);
}

describe('a docked panel', () => {
  it.each([
    'asked whether to remove',
    'asking the worker',
    'the worker did not answer',
    'the record has changed since it was seen',
    'saving',
    'removing',
    'still trying',
    'change needs sign-in',
    'being stopped',
    'settling',
    'another person is signed in',
    'connection missing',
    'outcome unknown',
    'conflict',
    'refused',
    'unknown',
    'sign-in needed',
    'stale, sign-in needed',
    'many changes',
    'gone',
  ])('is never folded while it shows “%s”', (name) => {
    expect(mayFold(shownIn(name))).toBe(false);
  });

  const byItself: readonly (readonly [name: string, atFirst: boolean, whereWanted: boolean])[] = [
    ['reading', true, true],
    ['none', true, true],
    ['one partner', true, true],
    ['not permitted', true, true],
    ['withheld', true, true],
    ['stale', true, true],
    // It tells what is wrong until the person has had enough of that.
    ['not configured', false, true],
    ['unreachable', false, true],
    ['unknown subscription', false, true],
    // What the person is at, or was just told, is not taken from before their eyes.
    ['typing', false, false],
    ['checked', false, false],
    ['changed', false, false],
    ['removed', false, false],
    ['stopped', false, false],
  ];

  it.each(byItself)(
    'that shows “%s” begins folded: %s, where the person folded one on this portal: %s',
    (name, atFirst, whereWanted) => {
      const shown = shownIn(name);
      expect(mayFold(shown)).toBe(true);
      expect(isFoldedByItself(shown, 'sure', null)).toBe(atFirst);
      expect(isFoldedByItself(shown, 'sure', true)).toBe(whereWanted);
      expect(isFoldedByItself(shown, 'sure', false)).toBe(false);
    },
  );

  it('that cannot be sure that it is seen offers the way on unless the person folded it on this portal', () => {
    expect(isFoldedByItself(shownIn('one partner'), 'unsure', null)).toBe(false);
    expect(isFoldedByItself(shownIn('one partner'), 'unsure', true)).toBe(true);
  });
});
