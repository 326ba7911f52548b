import { expect, test } from 'vitest';
import { nameOrId, parseSubscriptionId } from '../../../src/domain/subscription';

test.each([
  ['A1B2C3D4-0000-4000-8000-00000000ABCD', 'a1b2c3d4-0000-4000-8000-00000000abcd'],
  ['  Sub/1 \n', 'sub/1'],
  ['ÄÖÜ', 'äöü'],
  ['x', 'x'],
  ['...', '...'],
  ['.a', '.a'],
  ['%2e%2e%2e', '%2e%2e%2e'],
  ['X'.repeat(128), 'x'.repeat(128)],
  [` ${'x'.repeat(128)} `, 'x'.repeat(128)],
])('%j is written %j', (text, id) => {
  expect(parseSubscriptionId(text)).toBe(id);
});

test.each([
  ['nothing', ''],
  ['spaces alone', ' \t\n'],
  ['129 characters', 'x'.repeat(129)],
  ['128 that grow when written in lower case', 'İ'.repeat(128)],
  ['a step that an address takes for the folder itself', '.'],
  ['a step that an address takes for the folder above', ' .. '],
  ['such a step percent-encoded', '%2E'],
  ['such a step percent-encoded in part', '.%2e'],
  ['a text with half of a character', 'half \ud800'],
])('%s is none', (_what, text) => {
  expect(parseSubscriptionId(text)).toBeNull();
});

test('reading an ID again changes nothing', () => {
  for (const text of ['ABC', 'İstanbul', 'ΣΑΣ', 'ẞ']) {
    const id = parseSubscriptionId(text);
    expect(parseSubscriptionId(id ?? '')).toBe(id);
  }
});

test.each([
  ['Production', 'Production'],
  [' Production\n', 'Production'],
  ['', 'sub-1'],
  [' \u00a0\t', 'sub-1'],
  [null, 'sub-1'],
  [undefined, 'sub-1'],
])('a subscription called %j is shown as %s', (name, shown) => {
  expect(nameOrId(name, 'sub-1')).toBe(shown);
});
