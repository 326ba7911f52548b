import { describe, expect, it } from 'vitest';
import { fold } from '../../../src/domain/fold';

describe('a text is found', () => {
  it.each([
    ['İSTANBUL', 'istanbul'],
    ['ISPARTA', 'ısparta'],
    ['Dı\u0307yarbakır', 'diyarbakir'],
    ['I\u0327\u0307', 'i\u0327'],
    ['Su\u0308dwind', 'südwind'],
    ['SÜDWIND', 'su\u0308dwind'],
    ['Großmann', 'GROSSMANN'],
    ['STRAẞE', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδος', 'οδοσ'],
    ['ᾳ', 'ΑΙ'],
    ['ＡＢＣ', 'abc'],
    ['ｶﾞｽ', 'ガス'],
    ['ﬁnance', 'FINANCE'],
    ['Contoso\u00a0Ltd', 'contoso ltd'],
    ['Contoso\u3000\u2009Ltd', 'contoso ltd'],
    ['Contoso\tLtd', 'contoso  ltd'],
    ['O’Neill', "o'neill"],
    ['O´Neill', 'o`neill'],
    ['Hawaiʻi', 'hawai‘i'],
    ['Sued\u00adwind', 'suedwind'],
    ['Sued\u200bwind\ufeff', 'suedwind'],
    ['５０％', '50%'],
  ])('“%s” by “%s”', (text, wanted) => {
    expect(fold(text)).toBe(fold(wanted));
  });

  it.each([
    ['Südwind', 'sudwind'],
    ['Süd wind', 'südwind'],
    ['ψ', 'φ'],
    ['ı', 'ï'],
  ])('“%s” not by “%s”', (text, wanted) => {
    expect(fold(text)).not.toContain(fold(wanted));
  });
});

it('the fold of every character, alone and between others, stays as it is when it is folded again', () => {
  const altered: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    // Beside what is looked at across characters: dots, a mark before them, sigmas at an end, what composes with others.
    const texts =
      code < 0x2000 ? [character, `i${character}\u0307 I\u0327${character} Σ${character}\u0345\u1100`] : [character];
    for (const text of texts) {
      const folded = fold(text);
      if (folded !== text && fold(folded) !== folded) altered.push(code.toString(16));
    }
  }
  expect(altered).toEqual([]);
});

it('the fold of every character is that of its upper and lower case and of its decomposition', () => {
  const others: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    for (const other of [character.toUpperCase(), character.toLowerCase(), character.normalize('NFD')]) {
      if (other !== character && fold(other) !== fold(character)) others.push(`${code.toString(16)} ${other}`);
    }
  }
  expect(others).toEqual([]);
});
