import { describe, expect, test } from 'vitest';
import { parsePartnerId } from '../../../src/domain/partner';

describe('a Partner ID is read from', () => {
  test.each([
    ['six digits', '123456', '123456'],
    ['spaces around it', '  1234567 \t\n', '1234567'],
    ['spaces of other kinds around it', '\u00a0\u30001234567\u2003', '1234567'],
    ['full-width digits', '１２３４５６７', '1234567'],
    ['a mixture of both widths', '12３４56', '123456'],
    ['zero-width characters within', '12\u200b34\u200d56\ufeff', '123456'],
    ['the direction marks that some dialogs copy along', '\u202a123456\u202c', '123456'],
    ['leading zeros, which are part of it', '0012345', '0012345'],
  ])('%s', (_what, typed, partnerId) => {
    expect(parsePartnerId(typed)).toMatchObject({ ok: true, partnerId });
  });
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
    [' \u200b\u3000', 'empty'],
    ['a1b2c3d4-0000-4000-8000-00000000abcd', 'usageAttributionId'],
    [' {A1B2C3D4-0000-4000-8000-00000000ABCD}\u200b', 'usageAttributionId'],
    ['a1b2c3d4-0000-4000-8000', 'notDigits'],
    ['1234', 'tooShort'],
    ['１２３', 'tooShort'],
    ['12345678901', 'tooLong'],
    ['9'.repeat(100_000), 'tooLong'],
    ['123 456', 'notDigits'],
    ['-123456', 'notDigits'],
    ['123456.0', 'notDigits'],
    ['1e6', 'notDigits'],
    ['0x123456', 'notDigits'],
    ['ID 123456', 'notDigits'],
    ['123456²', 'notDigits'],
    ['①②③④⑤⑥', 'notDigits'],
    ['𝟏𝟐𝟑𝟒𝟓𝟔', 'notDigits'],
    ['١٢٣٤٥٦', 'notDigits'],
    ['१२३४५६', 'notDigits'],
    ['123\u202e456', 'notDigits'],
    ['123\u0000456', 'notDigits'],
  ])('%j is %s', (typed, problem) => {
    expect(parsePartnerId(typed)).toEqual({ ok: false, problem });
  });
});
