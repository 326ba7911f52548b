import { describe, expect, it, test } from 'vitest';
import { MOST_ITEMS } from '../../../src/domain/schemas';
import {
  batchesOf,
  filterPlan,
  type KnownRow,
  type PlanFilter,
  planRow,
  staleRows,
  summaryOf,
} from '../../../src/subscriptions/bulk-plan';
import { CONNECTION_ID } from '../../support/connections';
import { CONTOSO, FABRIKAM, NORTHWIND } from '../../support/partners';
import { state } from '../../support/records';
import { subscriptionId, uuid } from '../../support/targets';

const READER = { mayChange: false, role: 'Reader', reason: null } as const;

function aRow(id: string, more: Partial<KnownRow> = {}): KnownRow {
  const known = { state: state(CONTOSO), readAt: 1000, failure: null, isBusy: false, page: null };
  return { connectionId: CONNECTION_ID, subscriptionId: subscriptionId(id), ...known, ...more };
}

describe('what comes of a row', () => {
  const cases = [
    ['another partner is replaced', { state: state(CONTOSO) }, FABRIKAM, 'changes change'],
    ['one without a partner gets one', { state: state(null) }, FABRIKAM, 'changes assign'],
    ['a partner is removed', { state: state(CONTOSO) }, null, 'changes remove'],
    ['one that has the partner is left alone', { state: state(FABRIKAM) }, FABRIKAM, 'already'],
    ['one without a partner is left alone where none is wanted', { state: state(null) }, null, 'already'],
    ['the caller may not', { state: { ...state(CONTOSO), rights: READER } }, FABRIKAM, 'notPermitted'],
    [
      'the caller may not, but it is so already',
      { state: { ...state(FABRIKAM), rights: READER } },
      FABRIKAM,
      'already',
    ],
    ['a change of it is open', { isBusy: true }, FABRIKAM, 'busy'],
    ['a change of it is open, though it has the partner now', { isBusy: true }, CONTOSO, 'busy'],
    ['it was never read', { state: null, readAt: null }, FABRIKAM, 'unknown'],
    ['reading it again failed', { failure: { reason: 'noAnswer' } }, FABRIKAM, 'unknown'],
    [
      'reading it again failed, though it seems to have the partner',
      { failure: { reason: 'noAnswer' } },
      CONTOSO,
      'unknown',
    ],
  ] as const;
  test.each(cases)('%s', (_title, known, after, fate) => {
    const planned = planRow(aRow('one', known), after).fate;
    expect(planned.kind === 'changes' ? `changes ${planned.plan.kind}` : planned.kind).toBe(fate);
  });

  it('is based on the version that was read', () => {
    const { fate } = planRow(aRow('one', { state: state(CONTOSO, '"7"') }), FABRIKAM);
    expect(fate).toMatchObject({ plan: { before: CONTOSO, basedOn: '"7"' } });
  });
});

const ROWS = [
  aRow('a'),
  aRow('b'),
  aRow('c', { state: state(NORTHWIND) }),
  aRow('d', { state: state(null) }),
  aRow('e', { state: state(FABRIKAM) }),
  aRow('f', { isBusy: true }),
  aRow('g', { state: { ...state(CONTOSO), rights: READER } }),
  aRow('h', { state: null }),
].map((row) => planRow(row, FABRIKAM));

describe('what a plan comes to', () => {
  it('counts what changes, from what to what, and what does not and why', () => {
    const { counts, replacing, groups } = summaryOf(ROWS);
    expect(counts).toEqual({ changes: 4, already: 1, notPermitted: 1, busy: 1, unknown: 1 });
    expect(replacing).toBe(3);
    expect(groups.map(({ before, after, count }) => [before?.name ?? null, after?.name, count])).toEqual([
      ['Contoso', 'Fabrikam', 2],
      ['Northwind', 'Fabrikam', 1],
      [null, 'Fabrikam', 1],
    ]);
  });

  it('counts a removal as no replacement', () => {
    expect(summaryOf([planRow(aRow('a'), null)])).toMatchObject({ counts: { changes: 1 }, replacing: 0 });
  });

  it('keeps partners apart that share an ID and not a name', () => {
    const other = aRow('z', { connectionId: uuid(2), state: state({ ...CONTOSO, name: 'Somebody else' }) });
    expect(summaryOf([planRow(aRow('a'), FABRIKAM), planRow(other, FABRIKAM)]).groups).toHaveLength(2);
  });

  const first = summaryOf(ROWS).groups[0]?.key ?? '';
  test.each<[PlanFilter, string]>([
    ['changes', 'abcd'],
    ['replacing', 'abc'],
    [{ group: first }, 'ab'],
    ['already', 'e'],
    ['busy', 'f'],
    ['notPermitted', 'g'],
    ['unknown', 'h'],
  ])('shows the rows of %j', (filter, ids) => {
    expect(
      filterPlan(ROWS, filter)
        .map((row) => row.subscriptionId)
        .join(''),
    ).toBe(ids);
  });
});

it('reads again what was read before this opening, and what never was; what failed is not read for ever', () => {
  const rows = [
    aRow('old', { readAt: 999 }),
    aRow('new', { readAt: 1000 }),
    aRow('never', { state: null, readAt: null }),
    aRow('failed', { readAt: 999, failure: { reason: 'noAnswer' } }),
  ];
  expect(staleRows(rows, 1000).map((row) => row.subscriptionId)).toEqual(['old', 'never']);
});

it('asks for what really changes, in a batch for each connection', () => {
  const elsewhere = planRow(aRow('z', { connectionId: uuid(2) }), FABRIKAM);
  let ids = 10;
  const batches = batchesOf([...ROWS, elsewhere], 'bulk', () => uuid(ids++));
  expect(batches.map(({ id, connectionId, kind, items }) => [id, connectionId, kind, items.length])).toEqual([
    [uuid(10), CONNECTION_ID, 'bulk', 4],
    [uuid(11), uuid(2), 'bulk', 1],
  ]);
  expect(batches[0]?.items[0]).toEqual({
    subscriptionId: 'a',
    name: 'Production',
    page: null,
    before: { partnerId: CONTOSO.partnerId, name: 'Contoso' },
    basedOn: '"1"',
    after: FABRIKAM.partnerId,
  });
});

it('asks for more changes than one batch can have in as many batches as it takes', () => {
  const rows = Array.from({ length: MOST_ITEMS + 1 }, (_, at) => planRow(aRow(`s${at}`), FABRIKAM));
  let ids = 10;
  const batches = batchesOf(rows, 'bulk', () => uuid(ids++));
  expect(batches.map(({ items }) => items.length)).toEqual([MOST_ITEMS, 1]);
});
