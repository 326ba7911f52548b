import { expect, test } from 'vitest';
import { describe as inWords } from '../../../src/platform/log';

test.each([
  [new Error('No room'), 'No room'],
  [new DOMException('Gone', 'AbortError'), 'Gone'],
  ['text', 'text'],
  [null, 'null'],
  [undefined, 'undefined'],
])('%s in words is %j', (cause, words) => {
  expect(inWords(cause)).toBe(words);
});
