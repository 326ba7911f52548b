import { describe, expect, it, test } from 'vitest';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { facetsOf, offered } from '../../../src/subscriptions/facets';
import { filterRows, rowsSummarised } from '../../../src/subscriptions/filter-rows';
import { groupedLines } from '../../../src/subscriptions/group-rows';
import { type Row, type RowChange, rowOf } from '../../../src/subscriptions/row';
import { sortRows } from '../../../src/subscriptions/sort-rows';
import { summarise } from '../../../src/subscriptions/summary';
import { COLUMNS, type View, WHOLE_LIST } from '../../../src/subscriptions/view';
import { CONNECTION_ID } from '../../support/connections';
import { attached, CONTOSO, FABRIKAM, partner } from '../../support/partners';
import { aRecord, listedOf } from '../../support/records';
import { subscriptionId, uuid } from '../../support/targets';

function row(id: string, more: Partial<SubscriptionRecord> = {}, change: RowChange = 'none', of = CONNECTION_ID): Row {
  return rowOf(of, listedOf(aRecord({ subscriptionId: subscriptionId(id), displayName: id, ...more })), 1, change);
}
const ids = (rows: readonly Row[]) => rows.map(({ subscriptionId: id }) => id).join(' ');
const seen = (rows: readonly Row[], view: Partial<View>, starred: readonly string[] = []) =>
  ids(filterRows(rows, { ...WHOLE_LIST, ...view }, new Set(starred)));

const ROWS = [
  row('a', { partnerOfRecord: attached(CONTOSO), service: 'ems' }),
  row('b', { customer: { id: 'c2', name: 'Straße AG' } }),
  row('c', { caller: { role: 'Reader', canChangePartner: false } }, 'none', uuid(2)),
  row('q', {}, 'outcomeUnknown'),
];

describe('a filter', () => {
  it.each([
    ['a name, in any case', { text: 'B' }, 'b'],
    ['an ID', { text: ' q ' }, 'q'],
    ['a customer, however it is spelt', { text: 'STRASSE' }, 'b'],
    ['a partner’s name', { text: 'contoso' }, 'a'],
    ['a partner’s ID', { text: '34567' }, 'a'],
    ['a service', { service: 'ems' }, 'a'],
    ['a customer', { customerId: 'c2' }, 'b'],
    ['a connection', { connectionId: uuid(2) }, 'c'],
    ['a partner', { partnerId: '1234567' }, 'a'],
    ['those with a partner', { show: 'with' }, 'a'],
    ['those of which it is known that they have none', { show: 'without' }, 'b c'],
    ['those that may not be changed', { show: 'notPermitted' }, 'c'],
  ] as const)('finds by %s', (_by, view, found) => {
    expect(seen(ROWS, view)).toBe(found);
  });

  it('finds what is starred, by connection', () => {
    const [, second] = ROWS;
    expect(seen(ROWS, { show: 'starred' }, [second?.key ?? ''])).toBe('b');
  });

  it('never finds by two texts that meet', () => {
    expect(seen([row('ab', { displayName: 'xy' })], { text: 'yab' })).toBe('');
  });
});

test('a summary counts nobody’s guess, is of whatever the other filters let through, and names the most first', () => {
  const rows = [
    ...ROWS,
    row('e', { partnerOfRecord: attached(FABRIKAM) }),
    row('f', { partnerOfRecord: attached(FABRIKAM) }),
  ];
  expect(summarise(rowsSummarised(rows, { ...WHOLE_LIST, show: 'without', partnerId: '1234567' }))).toEqual({
    withPartner: 3,
    without: 2,
    unknown: 1,
    partners: [
      { partnerId: FABRIKAM.partnerId, name: 'Fabrikam', count: 2 },
      { partnerId: CONTOSO.partnerId, name: 'Contoso', count: 1 },
    ],
  });
  expect(summarise(rowsSummarised(rows, { ...WHOLE_LIST, connectionId: uuid(2) })).without).toBe(1);
});

describe('an order', () => {
  it.each(COLUMNS)('by %s is turned round by the same press, with what has nothing last either way', (column) => {
    const rows = [
      row('b', {
        displayName: 'Web 10',
        partnerOfRecord: { ...attached(CONTOSO), assignedAt: '2026-01-02T03:04:05+09:00' },
      }),
      row('a', {
        displayName: 'Web 9',
        partnerOfRecord: { ...attached(FABRIKAM), assignedAt: '2026-01-01T23:00:00Z' },
        service: 'ems',
        state: 'Disabled',
        customer: { id: 'x', name: 'Ä' },
        caller: { role: 'Reader', canChangePartner: false },
      }),
    ];
    const up = ids(sortRows(rows, { column, descending: false }));
    expect(ids(sortRows(rows, { column, descending: true }))).toBe(up.split(' ').reverse().join(' '));
  });

  it('is people’s: numbers by their size, letters with their accents', () => {
    const rows = ['Test 10', 'Test 9', 'Äpfel', 'Birnen'].map((displayName, at) => row(String(at), { displayName }));
    expect(sortRows(rows, { column: 'name', descending: false }).map(({ name }) => name)).toEqual([
      'Äpfel',
      'Birnen',
      'Test 9',
      'Test 10',
    ]);
  });

  it('by since has subscriptions without a partner last, either way', () => {
    for (const descending of [true, false]) expect(ids(sortRows(ROWS, { column: 'since', descending }))[0]).toBe('a');
  });
});

test('groups are by customer and connection, with each row once', () => {
  const lines = groupedLines(ROWS).map((line) =>
    line.kind === 'row' ? line.row.subscriptionId : `${line.group.customer}: ${line.group.rows.length}`,
  );
  expect(lines).toEqual(['Northwind: 2', 'a', 'q', 'Northwind: 1', 'c', 'Straße AG: 1', 'b']);
});

test('lists to choose from have each once, in the order of the names, and no more than a list can offer', () => {
  const { services, partners, customers } = facetsOf(ROWS);
  expect(services).toEqual(['azure', 'ems']);
  expect(partners).toEqual([{ id: '1234567', name: 'Contoso' }]);
  expect(customers.map(({ name }) => name)).toEqual(['Northwind', 'Straße AG']);
  const many = Array.from({ length: 900 }, (_, n) => ({ id: `c${n}`, name: `Customer ${n}` }));
  expect(offered(many, null)).toHaveLength(500);
  expect(offered(many, 'c800').at(-1)).toEqual({ id: 'c800', name: 'Customer 800' });
  expect(offered(many, 'gone').at(-1)).toEqual({ id: 'gone', name: 'gone' });
});

test('what is typed over 50,000 rows costs a fraction of going by their records', () => {
  const rows = Array.from({ length: 50_000 }, (_, n) =>
    row(`s-${n}`, { partnerOfRecord: n % 3 === 0 ? attached(partner(String(100_000 + (n % 40)))) : null }),
  );
  const best = (work: () => void) =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const began = performance.now();
        work();
        return performance.now() - began;
      }),
    );
  // As it would be if nothing were made ready once.
  const making = best(() => void rows.map((one) => rowOf(CONNECTION_ID, one, 1, 'none')));
  const filtering = best(() => void filterRows(rows, { ...WHOLE_LIST, text: 's-4999', show: 'without' }, new Set()));
  expect(filtering).toBeLessThan(making);
});
