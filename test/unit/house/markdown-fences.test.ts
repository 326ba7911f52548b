import { expect, test } from 'vitest';
import { fencesOf } from '../../../scripts/markdown-fences';

test('a page has its fences read with language, heading and line, and without their indentation', () => {
  const page = ['# One', '```', 'plain', '```', '## Two', '', '1. First', '', '   ```sh', '   a', '     b', '   ```'];
  expect(fencesOf(page.join('\n'))).toEqual([
    { language: '', heading: 'One', line: 2, text: 'plain\n' },
    { language: 'sh', heading: 'Two', line: 9, text: 'a\n  b\n' },
  ]);
});

test('a heading within a fence is text of the fence', () => {
  expect(fencesOf('# One\n```sh\n# a comment\n```\n```sh\nb\n```').map(({ heading }) => heading)).toEqual([
    'One',
    'One',
  ]);
});

test('a fence that is not closed is named by its line', () => {
  expect(() => fencesOf('# One\n\n```sh\na')).toThrow('The block that opens on line 3 is not closed.');
});
