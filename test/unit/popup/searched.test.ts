import { describe, expect, it } from 'vitest';
import { cutAtMatches } from '../../../src/popup/searched';

describe('a text', () => {
  it.each([
    ['Contoso', '', ['Contoso']],
    ['Contoso', '  ', ['Contoso']],
    ['Contoso', 'x', ['Contoso']],
    ['Contoso', ' TOS ', ['Con', 'tos', 'o']],
    ['aXbxc', 'x', ['a', 'X', 'b', 'x', 'c']],
    ['xx', 'x', ['', 'x', '', 'x', '']],
    ['a.b*c', '.b*', ['a', '.b*', 'c']],
    ['[1](2){3}|4^5$6?7\\8/9', '(2){3}|4^5$6?7\\8/9', ['[1]', '(2){3}|4^5$6?7\\8/9', '']],
    ['ÄRGER Straße', 'ärger s', ['', 'ÄRGER S', 'traße']],
    ['משרד הענן', 'הענן', ['משרד ', 'הענן', '']],
  ])('%j is cut at %j', (text, searched, parts) => {
    expect(cutAtMatches(text, searched)).toEqual(parts);
    expect(cutAtMatches(text, searched).join('')).toBe(text);
  });
});
