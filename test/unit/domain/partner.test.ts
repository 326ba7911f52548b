import { describe, expect, test } from 'vitest';
import { parsePartnerId } from '../../../src/domain/partner';

test.each([
  ['six digits', '123456'],
  ['leading zeros, which are part of it', '0012345'],
])('a Partner ID is read from %s', (_what, partnerId) => {
  expect(parsePartnerId(partnerId)).toMatchObject({ ok: true, partnerId });
});

test.each([
  [4, null],
  [5, true],
  [6, false],
  [7, false],
  [8, false],
  [9, true],
  [10, true],
  [11, null],
])('of %i digits: unusual %s, null means refused', (length, unusual) => {
  const parsed = parsePartnerId('1234567890123'.slice(0, length));
  expect(parsed.ok ? parsed.unusualLength : null).toBe(unusual);
});

describe('what is no Partner ID is named', () => {
  test.each([
    ['', 'empty'],
    ['a1b2c3d4-0000-4000-8000-00000000abcd', 'usageAttributionId'],
    ['{A1B2C3D4-0000-4000-8000-00000000ABCD}', 'usageAttributionId'],
    ['a1b2c3d4-0000-4000-8000', 'notDigits'],
    ['1234', 'tooShort'],
    ['12345678901', 'tooLong'],
    ['9'.repeat(100_000), 'tooLong'],
    ['123 456', 'notDigits'],
    ['-123456', 'notDigits'],
    ['123456.0', 'notDigits'],
    ['1e6', 'notDigits'],
    ['0x123456', 'notDigits'],
    ['123456²', 'notDigits'],
    ['①②③④⑤⑥', 'notDigits'],
    ['𝟏𝟐𝟑𝟒𝟓𝟔', 'notDigits'],
    ['١٢٣٤٥٦', 'notDigits'],
    ['१२३४५६', 'notDigits'],
  ])('%j is %s', (written, problem) => {
    expect(parsePartnerId(written)).toEqual({ ok: false, problem });
  });

  test.each([
    ['a space around it', ' 1234567'],
    ['a line end', '1234567\n'],
    ['full-width digits', '１２３４５６７'],
    ['a zero-width space', '123\u200b4567'],
    ['a soft hyphen', '1234567\u00ad'],
    ['a byte order mark', '\ufeff1234567'],
    ['an embedding', '\u202a1234567\u202c'],
    ['an override', '\u202e1234567'],
  ])('%s, which only people are forgiven', (_what, written) => {
    expect(parsePartnerId(written)).toEqual({ ok: false, problem: 'notDigits' });
  });
});
