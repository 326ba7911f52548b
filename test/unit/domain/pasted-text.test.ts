import { describe, expect, test } from 'vitest';
import { parsePartnerId } from '../../../src/domain/partner';
import { readPastedIds } from '../../../src/domain/pasted-ids';
import { pastedPartnerId } from '../../../src/domain/pasted-partner-id';
import { pastedAddress, pastedId, pastedToken } from '../../../src/domain/pasted-text';

const code = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
const from = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));
const named = (characters: readonly string[]) => characters.map((character) => [code(character), character] as const);

const UNSEEN = [
  '\u00ad',
  '\u061c',
  ...from(0x200b, 0x200f),
  ...from(0x2060, 0x2064),
  ...from(0x2066, 0x2069),
  '\ufeff',
];
const ORDERING = from(0x202a, 0x202e);
/** Every space of Unicode, every line end, every control. */
const PARTING = [
  ...from(0, 0x20),
  ...from(0x7f, 0xa0),
  '\u1680',
  ...from(0x2000, 0x200a),
  '\u2028',
  '\u2029',
  '\u202f',
  '\u205f',
  '\u3000',
];
/** Nothing but a glance says that they are spaces or nothing; none is dropped or parts anything. */
const OTHERS = [
  '\u034f',
  '\u115f',
  '\u180e',
  '\u2065',
  '\u206a',
  '\u206f',
  '\u2800',
  '\u3164',
  '\ufe0f',
  '\ufff9',
  '\u{e0031}',
];

const single = (typed: string): string => {
  const read = pastedPartnerId(typed);
  return read.ok ? read.partnerId : read.problem;
};
const many = (typed: string): string[] =>
  readPastedIds(typed).items.map((item) => ('partnerId' in item ? item.partnerId : item.problem));

describe.each(named(UNSEEN))('%s, which is not seen', (_code, unseen) => {
  test('is dropped wherever it stands in an ID', () => {
    for (const at of [0, 1, 3, 6, 7]) {
      const typed = `4852013`.slice(0, at) + unseen + `4852013`.slice(at);
      expect(single(typed)).toBe('4852013');
      expect(many(typed)).toEqual(['4852013']);
      expect(pastedId(typed)).toEqual({ ok: true, text: '4852013' });
      expect(parsePartnerId(typed).ok).toBe(false);
    }
  });

  test('does not make one ID of two', () => {
    for (const typed of [
      `12345${unseen}67890`,
      `12345${unseen}${unseen}67890`,
      `1${unseen}2345${unseen}6789${unseen}0`,
    ]) {
      expect(single(typed)).toBe('grouped');
      expect(many(typed)).toEqual(['grouped']);
    }
    expect(single(`12345${unseen} ${unseen}67890`)).toBe('several');
    expect(many(`12345${unseen}\n${unseen}67890`)).toEqual(['12345', '67890']);
    expect(single(`1234567${unseen}7654321`)).toBe('tooLong');
  });

  test('is dropped within and around an address and a token', () => {
    expect(pastedAddress(`${unseen}https://por.${unseen}example.com/v1${unseen}`)).toEqual({
      ok: true,
      text: 'https://por.example.com/v1',
    });
    expect(pastedToken(`${unseen}Bearer ${unseen}ab${unseen}c${unseen}`)).toBe('abc');
  });
});

describe.each(named(PARTING))('%s, a space, line end or control,', (_code, parting) => {
  test('parts two IDs, so that they are never a third one', () => {
    expect(single(`12345${parting}67890`)).toBe('several');
    expect(many(`12345${parting}67890`)).toEqual(['12345', '67890']);
    expect(single(`123${parting}4567`)).toBe('notDigits');
  });

  test('is forgiven around an ID, an address and a token', () => {
    expect(single(`${parting}4852013${parting}${parting}`)).toBe('4852013');
    expect(pastedId(`${parting}anna@x.example${parting}`)).toEqual({ ok: true, text: 'anna@x.example' });
    expect(pastedAddress(`${parting}https://por.example.com${parting}`)).toEqual({
      ok: true,
      text: 'https://por.example.com',
    });
    expect(pastedToken(`${parting}abc${parting}`)).toBe('abc');
  });

  test('within an address is named', () => {
    expect(pastedAddress(`https://por.example.com/${parting}v1`)).toEqual({ ok: false, problem: 'hasSpaces' });
  });
});

describe.each(named(ORDERING))('%s, which shows what follows in another order,', (_code, ordering) => {
  test('is refused by name within an ID and an address', () => {
    expect(single(`485${ordering}2013`)).toBe('reordered');
    expect(many(`485${ordering}2013`)).toEqual(['reordered']);
    expect(pastedId(`485${ordering}2013`)).toEqual({ ok: false, problem: 'reordered' });
    expect(pastedAddress(`https://por.example.com/${ordering}v1`)).toEqual({ ok: false, problem: 'reordered' });
  });

  test('is refused whatever else is hidden beside it', () => {
    expect(single(`485\u200b${ordering}\u00ad2013`)).toBe('reordered');
    expect(many(`485\u200b${ordering}\u00ad2013`)).toEqual(['reordered']);
  });
});

test.each(named(['\u202a', '\u202d']))('%s around an ID, as some dialogs copy it, is forgiven', (_code, opening) => {
  const typed = `${opening}4852013\u202c`;
  expect(single(typed)).toBe('4852013');
  expect(many(`“${typed}”, MPN:${typed}`)).toEqual(['4852013']);
  expect(pastedAddress(`${opening}https://por.example.com\u202c`)).toEqual({
    ok: true,
    text: 'https://por.example.com',
  });
});

describe('what is shown from its end is refused', () => {
  test.each([
    ['around one ID', '\u202e3102584\u202c', ['reordered']],
    ['around several', '\u202e3102584 6480215\u202c', ['reordered', 'reordered']],
    ['begun by a word before', '\u202eMPN 3102584', ['reordered']],
    ['in a cell before', '\u202eName\tID\n\u202eFabrikam\t3102584', ['reordered']],
    ['in its own line alone', '\u202e3102584\n5120846', ['reordered', '5120846']],
  ])('%s', (_where, typed, read) => {
    expect(many(typed)).toEqual(read);
  });

  test('in a text box too', () => {
    expect(single('\u202e3102584\u202c')).toBe('reordered');
    expect(single('\u202b3102584')).toBe('reordered');
  });
});

test.each(named(OTHERS))('%s is neither dropped nor a space: an ID with it is none', (_code, other) => {
  expect(single(`485${other}2013`)).toBe('notDigits');
  expect(single(`12345${other}67890`)).toBe('notDigits');
  expect(single(`4852013${other}`)).toBe('notDigits');
});

describe('one Partner ID is read from', () => {
  test.each([
    ['six digits', '123456', '123456'],
    ['spaces around it', '  1234567 \t\n', '1234567'],
    ['full-width digits', '１２３４５６７', '1234567'],
    ['a mixture of both widths', '12３４56', '123456'],
    ['full-width digits and what is not seen', '４８５\u200d２０１３', '4852013'],
    ['the greatest length, parted elsewhere than in two IDs', '1234\u200b567\u200b890', '1234567890'],
    ['leading zeros, which are part of it', '0012345', '0012345'],
  ])('%s', (_what, typed, partnerId) => {
    expect(pastedPartnerId(typed)).toMatchObject({ ok: true, partnerId });
  });
});

describe('what a person typed and is no Partner ID is named', () => {
  test.each([
    ['', 'empty'],
    [' \u200b\u3000', 'empty'],
    ['\u202a\u202c', 'empty'],
    ['a1b2c3d4-0000-4000-8000-00000000abcd', 'usageAttributionId'],
    [' {A1B2C3D4-0000-4000-8000-00000000ABCD}\u200b', 'usageAttributionId'],
    ['１２３', 'tooShort'],
    ['12345678901', 'tooLong'],
    ['9'.repeat(100_000), 'tooLong'],
    ['123 456', 'notDigits'],
    ['ID 123456', 'notDigits'],
    ['123456²', 'notDigits'],
    ['١٢٣٤٥٦', 'notDigits'],
    ['4852013, 5120846', 'several'],
    ['4852013;5120846', 'several'],
    ['4852013/5120846', 'several'],
    ['４８５２０１３、５１２０８４６', 'several'],
    ['4852013 and 5120846', 'several'],
  ])('%j is %s', (typed, problem) => {
    expect(pastedPartnerId(typed)).toEqual({ ok: false, problem });
  });
});

describe('an address is read from', () => {
  test.each([
    ['quotes', '"https://por.example.com/v1"'],
    ['typographic quotes', '“https://por.example.com/v1”'],
    ['brackets of a mail', '<https://por.example.com/v1>'],
    ['spaces within the quotes', "' https://por.example.com/v1\u00a0'"],
    ['line ends', 'https://por.example.com/v1\r\n'],
  ])('%s', (_what, typed) => {
    expect(pastedAddress(typed)).toEqual({ ok: true, text: 'https://por.example.com/v1' });
  });

  test.each([
    ['a joiner in a host’s name, which is a part of it', 'https://نامه\u200cای.example'],
    ['a group of a pattern', 'https://b.example/{s/}?:subscriptionId'],
  ])('%s, as it is', (_what, typed) => {
    expect(pastedAddress(typed)).toEqual({ ok: true, text: typed });
  });
});

describe('an access token is read from', () => {
  const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw==';
  test.each([
    ['itself', TOKEN],
    ['its scheme', `Bearer ${TOKEN}`],
    ['its scheme in another case', `BEARER  ${TOKEN}`],
    ['its scheme and a colon', `Bearer: ${TOKEN}`],
    ['its scheme on a line of its own', `Bearer\n${TOKEN}\n`],
    ['a header', `Authorization: Bearer ${TOKEN}\r\n`],
    ['a header of a command', `"Authorization: Bearer ${TOKEN}"`],
    ['a header as JSON', `"Authorization": "Bearer ${TOKEN}",`],
    ['double quotes', `"${TOKEN}"`],
    ['quotes around its scheme', `'Bearer ${TOKEN}'`],
    ['quotes behind its scheme', `Bearer "${TOKEN}"`],
    ['typographic quotes', `„${TOKEN}“`],
    ['backticks', `\`${TOKEN}\``],
    ['brackets', `<${TOKEN}>`],
    ['line ends within, as a terminal breaks it', `${TOKEN.slice(0, 40)}\n${TOKEN.slice(40)}`],
    ['the spaces that a text box makes of them', `Bearer ${TOKEN.slice(0, 40)} ${TOKEN.slice(40)} `],
    ['what cannot be seen', `\u200b${TOKEN.slice(0, 9)}\u00ad${TOKEN.slice(9)}\ufeff`],
  ])('%s', (_what, typed) => {
    expect(pastedToken(typed)).toBe(TOKEN);
  });

  test.each([
    ['Bearer', ''],
    ['Authorization: Bearer', ''],
    [' "" ', ''],
    ['two words', 'two words'],
    ['bearertoken', 'bearertoken'],
    ['a+b/c==', 'a+b/c=='],
  ])('%j: %j', (typed, token) => {
    expect(pastedToken(typed)).toBe(token);
  });
});

test.each([
  ['digits parted by what is not seen', '1\u200b'],
  ['joiners', '\u200d'],
  ['letters and joiners', 'م\u200d'],
  ['spaces', ' '],
  ['spaces and letters', ' a'],
  ['quotes', '"'],
  ['frames', '\u202a'],
  ['overrides', '\u202e1 '],
])('the longest text of %s takes well under a second of work', (_what, unit) => {
  const typed = unit.repeat(200_000 / unit.length);
  const before = process.cpuUsage();
  for (const read of [pastedPartnerId, readPastedIds, pastedId, pastedAddress, pastedToken]) read(typed);
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
});
