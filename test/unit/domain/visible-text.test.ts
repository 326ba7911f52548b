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

describe('joiners and variation selectors that letters and emoji are drawn by are left as they are', () => {
  test.each([
    ['a person at a computer', '👩\u200d💻 Cloud'],
    ['a person with a skin tone at a computer', '👩🏽\u200d💻'],
    ['a family', '👨\u200d👩\u200d👧\u200d👦'],
    ['a heart', '❤\ufe0f'],
    ['a heart on fire', '❤\ufe0f\u200d🔥'],
    ['the rainbow flag', '🏳\ufe0f\u200d🌈'],
    ['two people who hold hands', '👩🏿\u200d🤝\u200d👨🏻'],
    ['flags of countries, side by side', '🇩🇪🇫🇷'],
    ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
    ['keycaps', '1\ufe0f\u20e3#\ufe0f\u20e3'],
    ['a trade mark', 'Contoso™\ufe0f'],
    ['a skin tone', '👍🏽'],
    ['Persian', 'شرکت می\u200cخواهم کتاب\u200cها'],
    ['Persian with a mark between', 'نِ\u200cمی'],
    ['Urdu', 'عالم\u200cگیر'],
    ['Hindi, a half letter', 'क्\u200dष'],
    ['Hindi, a virama to be seen', 'क्\u200cष'],
    ['Marathi', 'दर्\u200dया'],
    ['Bengali', 'র\u200d্যাব'],
    ['Kannada', 'ರ\u200d್ಯಾಂಕ್'],
    ['Malayalam, an old chillu at the end', 'അവന്\u200d'],
    ['Sinhala', 'ශ්\u200dරී ලංකා'],
    ['Telugu', 'సాఫ్ట్\u200cవేర్'],
  ])('%s', (_what, text) => {
    expect(visibleText(text)).toBe(text);
  });
});

describe('joiners and variation selectors that change nothing to be seen are written out', () => {
  test.each([
    ['a joiner at the start', '\u200dContoso', '[U+200D]Contoso'],
    ['a joiner at the end', 'Contoso\u200d', 'Contoso[U+200D]'],
    ['a joiner before an emoji', '\u200d💻', '[U+200D]💻'],
    ['a joiner behind an emoji', '👩\u200d', '👩[U+200D]'],
    ['a joiner twice', '👩\u200d\u200d💻', '👩[U+200D][U+200D]💻'],
    ['a joiner behind a whole sequence', '👩\u200d💻\u200d', '👩\u200d💻[U+200D]'],
    ['a joiner between emoji that nothing joins', '🏢\u200d🏢', '🏢[U+200D]🏢'],
    ['a joiner between an emoji and a letter', '👩\u200da', '👩[U+200D]a'],
    ['a joiner between flags', '🇩🇪\u200d🇫🇷', '🇩🇪[U+200D]🇫🇷'],
    ['a selector behind a letter', 'Contoso\ufe0f', 'Contoso[U+FE0F]'],
    ['a selector behind a digit that is no keycap', '1\ufe0f2', '1[U+FE0F]2'],
    ['a second selector', '❤\ufe0f\ufe0f', '❤\ufe0f[U+FE0F]'],
    ['a selector behind what is an emoji without', '🏢\ufe0f', '🏢[U+FE0F]'],
    ['a selector for text', '☎\ufe0e', '☎[U+FE0E]'],
    ['a selector behind a Han letter', '葛\u{e0100}', '葛[U+E0100]'],
    ['a tag behind a letter', 'Contoso\u{e0067}\u{e007f}', 'Contoso[U+E0067][U+E007F]'],
    ['a flag of tags that is none', '🏴\u{e0061}\u{e007f}', '🏴[U+E0061][U+E007F]'],
    ['a flag of tags without its end', '🏴\u{e0067}\u{e0062}', '🏴[U+E0067][U+E0062]'],
    ['a non-joiner between Latin letters', 'Con\u200ctoso', 'Con[U+200C]toso'],
    ['a non-joiner behind a letter that joins no next one', 'دا\u200cر', 'دا[U+200C]ر'],
    ['a non-joiner before a space', 'می\u200c خواهم', 'می[U+200C] خواهم'],
    ['a non-joiner at the end', 'می\u200c', 'می[U+200C]'],
    ['a non-joiner twice', 'می\u200c\u200cخواهم', 'می[U+200C][U+200C]خواهم'],
    ['a joiner between Persian letters, which join', 'م\u200dی', 'م[U+200D]ی'],
    ['a non-joiner between two scripts', 'ب\u200ca', 'ب[U+200C]a'],
    ['a joiner in Hindi without a virama', 'क\u200dष', 'क[U+200D]ष'],
    ['a joiner twice behind a virama', 'क्\u200d\u200dष', 'क्\u200d[U+200D]ष'],
    ['a non-joiner behind a virama at the end', 'क्\u200c', 'क्[U+200C]'],
    ['a joiner behind a Tamil virama', 'ம்\u200dப', 'ம்[U+200D]ப'],
    ['a joiner behind a virama without a letter', ' \u094d\u200dक', ' \u094d[U+200D]क'],
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

  test('that ends within a sequence of emoji leaves no joiner behind', () => {
    expect(visibleText(`${'x'.repeat(198)}👩\u200d💻`)).toBe(`${'x'.repeat(198)}👩…`);
  });

  test('of nothing but overrides stays bounded', () => {
    expect(visibleText('\u202e'.repeat(4096))).toBe(`${'[U+202E]'.repeat(200)}…`);
  });
});
