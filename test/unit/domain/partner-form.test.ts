import { expect, test } from 'vitest';
import { type PartnerId, parsePartnerId } from '../../../src/domain/partner';
import { partnerFormOf } from '../../../src/domain/partner-form';

const idOf = (digits: string): PartnerId => {
  const parsed = parsePartnerId(digits);
  if (!parsed.ok) throw new Error(`${digits} is no Partner ID`);
  return parsed.partnerId;
};
/** Whether what is typed counts as the ID that was checked. */
const counts = (typed: string, digits: string) =>
  partnerFormOf({ typed, check: { partnerId: idOf(digits), outcome: null }, problem: null }, null, true).check !== null;

test.each(['\u00ad', '\u061c', '\u2061', '\u2064', '\u2066', '\u2069', '\u200b'])(
  'a text box with an ID with %j in it, which is not seen, holds the ID that is seen',
  (unseen) => {
    expect(counts(`485${unseen}2013${unseen}`, '4852013')).toBe(true);
  },
);

test.each([
  ' ',
  '\u00a0',
  '\u0085',
  '\u2028',
  '\n',
  '\t',
  '\0',
  '\u001e',
  '\u200b',
  '\u200b\u00ad',
  '\u202e',
  '\u202a',
])('a text box with two IDs and %j between them holds no third one', (parting) => {
  expect(counts(`12345${parting}67890`, '1234567890')).toBe(false);
});

test('a text box with an ID that is shown from its end holds none', () => {
  expect(counts('\u202e3102584\u202c', '3102584')).toBe(false);
  expect(counts('\u202a4852013\u202c', '4852013')).toBe(true);
});
