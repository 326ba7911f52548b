import { describe, expect, test } from 'vitest';
import { visibleText } from '../../../src/domain/visible-text';

describe('is left as it is', () => {
  test.each(['Contoso Ltd', 'Société Générale', '株式会社　東京', 'שלום', '<b>&amp;</b>', '= 1 + 1', '🏢', ''])(
    '%j',
    (text) => {
      expect(visibleText(text)).toBe(text);
    },
  );
});

describe('is written out', () => {
  test.each([
    ['right-to-left override', 'Con\u202etoso', 'Con[U+202E]toso'],
    ['left-to-right override', '\u202dContoso\u202c', '[U+202D]Contoso[U+202C]'],
    ['isolates', '\u2066Contoso\u2069', '[U+2066]Contoso[U+2069]'],
    ['marks', '\u200eContoso\u200f\u061c', '[U+200E]Contoso[U+200F][U+061C]'],
    ['zero-width space', 'Con\u200btoso', 'Con[U+200B]toso'],
    ['zero-width joiners', 'Con\u200c\u200dtoso', 'Con[U+200C][U+200D]toso'],
    ['byte order mark', '\ufeffContoso', '[U+FEFF]Contoso'],
    ['soft hyphen', 'Con\u00adtoso', 'Con[U+00AD]toso'],
    ['word joiner', 'Con\u2060toso', 'Con[U+2060]toso'],
    ['lines', 'Con\ntoso\r\u2028\u2029', 'Con[U+000A]toso[U+000D][U+2028][U+2029]'],
    ['controls', '\u0000\u0008\u001b[31m\u007f\u0085', '[U+0000][U+0008][U+001B][31m[U+007F][U+0085]'],
    ['tab', 'A\tB', 'A[U+0009]B'],
    ['tag characters', 'Contoso\u{e0041}', 'Contoso[U+E0041]'],
    ['variation selectors', 'Contoso\ufe0f\u{e0100}', 'Contoso[U+FE0F][U+E0100]'],
    [
      'fillers',
      'Con\u3164\u115f\u1160\uffa0\u034f\u2800toso',
      'Con[U+3164][U+115F][U+1160][U+FFA0][U+034F][U+2800]toso',
    ],
    ['private use', 'Contoso\ue000', 'Contoso[U+E000]'],
    ['what is not assigned', 'Contoso\u0378', 'Contoso[U+0378]'],
    ['first half of a surrogate pair', 'A\ud83c', 'A[U+D83C]'],
    ['second half of a surrogate pair', '\udfe2A', '[U+DFE2]A'],
    ['surrogate halves in the wrong order', '\udfe2\ud83c', '[U+DFE2][U+D83C]'],
  ])('%s', (_what, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });
});

/** Everything in Unicode that no one can see, or that moves what stands beside it. */
const UNSEEN = /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]$/u;

test('nothing unseen of all Unicode is left, so that no name passes for another by it', () => {
  const left: string[] = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (UNSEEN.test(character) && visibleText(`Contoso${character}`) === `Contoso${character}`)
      left.push(code.toString(16));
  }
  expect(left).toEqual([]);
});

describe('combining marks', () => {
  test('as languages use them are left as they are', () => {
    for (const name of ['Việt Nam Đám Mây', 'e\u0301', 'เพื่อนร่วมงาน', 'साझेदारी', 'שָׁלוֹם'])
      expect(visibleText(name)).toBe(name);
  });

  test('that would sit on what stands before the name are written out', () => {
    expect(visibleText('\u0338Contoso')).toBe('[U+0338]Contoso');
  });

  test('that pile up over other lines are written out after the fourth', () => {
    expect(visibleText(`o${'\u0300'.repeat(6)}k`)).toBe(`o${'\u0300'.repeat(4)}[U+0300][U+0300]k`);
  });
});

describe('a long name', () => {
  test('of 200 characters is whole, of 201 is cut with an ellipsis', () => {
    expect(visibleText('x'.repeat(200))).toBe('x'.repeat(200));
    expect(visibleText('x'.repeat(201))).toBe(`${'x'.repeat(200)}…`);
  });

  test('is never cut within a character', () => {
    expect(visibleText('🏢'.repeat(201))).toBe(`${'🏢'.repeat(200)}…`);
  });

  test('of nothing but overrides stays bounded', () => {
    expect(visibleText('\u202e'.repeat(4096))).toBe(`${'[U+202E]'.repeat(200)}…`);
  });
});
