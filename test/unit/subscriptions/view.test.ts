import { describe, expect, it, test } from 'vitest';
import { nextSort, queryOf, type View, viewIn, WHOLE_LIST } from '../../../src/subscriptions/view';

const FULL: View = {
  text: 'Straße & co',
  show: 'notPermitted',
  service: 'office365',
  partnerId: '1234567',
  customerId: 'c/1?',
  connectionId: '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30',
  sort: { column: 'since', descending: true },
  byCustomer: true,
};

describe('a view in an address', () => {
  test('comes back as it was, and the whole list needs no words', () => {
    expect(viewIn(queryOf(FULL))).toEqual(FULL);
    expect(queryOf(WHOLE_LIST)).toBe('');
    expect(viewIn('')).toEqual(WHOLE_LIST);
  });

  it.each([
    '?show=everything',
    '?service=word',
    '?sort=--name',
    '?sort=price',
    '?group=partner',
    '?partner=',
    `?customer=${'x'.repeat(5000)}`,
    '?unheard=of',
    '?%E0%A4%A',
  ])('takes %s for nothing said', (search) => {
    expect(viewIn(search)).toEqual(WHOLE_LIST);
  });

  it('cuts a text that no box would hold', () => {
    expect(viewIn(`?filter=${'x'.repeat(1000)}`).text).toHaveLength(200);
  });
});

it('a column is ordered upwards, downwards, and not at all', () => {
  const up = nextSort(null, 'name');
  const down = nextSort(up, 'name');
  expect([up, down, nextSort(down, 'name')]).toEqual([
    { column: 'name', descending: false },
    { column: 'name', descending: true },
    null,
  ]);
  expect(nextSort(down, 'role')).toEqual({ column: 'role', descending: false });
});
