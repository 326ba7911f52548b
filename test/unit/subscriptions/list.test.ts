import { describe, expect, it } from 'vitest';
import type { SubscriptionView } from '../../../src/messaging/protocol';
import type { Standing } from '../../../src/domain/standing';
import { createList, type List } from '../../../src/subscriptions/list';
import { CONNECTION_ID, SERVICE_CAN } from '../../support/connections';
import { attached, CONTOSO, FABRIKAM } from '../../support/partners';
import { aRecord, listedOf } from '../../support/records';
import { subscriptionId } from '../../support/targets';

const NOW = 1_000_000;
type Partner = typeof CONTOSO | null;

const listed = (id: string, partner: Partner = null) =>
  listedOf(aRecord({ subscriptionId: subscriptionId(id), partnerOfRecord: partner && attached(partner) }));

function told(id: string, partner: Partner, readAt: number | null = NOW, phase?: Standing['at']): SubscriptionView {
  return {
    source: 'Contoso partners',
    ...listed(id, partner),
    can: SERVICE_CAN,
    readAt,
    order: 1,
    failure: null,
    standing: phase === undefined ? null : ({ at: phase } as Standing),
    changeOrder: 0,
    support: null,
  };
}

/** Each row's ID, with its partner's initial. */
const rows = (list: List) =>
  list
    .view()
    .rows.map(({ subscriptionId: id, partner }) => id + partner.slice(0, 1))
    .join(' ');

const aList = (now = NOW) => createList(CONNECTION_ID, () => now);

describe('a list that is read', () => {
  it('has what was kept, then what was read, and once it is whole nothing else', () => {
    const list = aList();
    list.keep([listed('a'), listed('b', CONTOSO), listed('c')], 5);
    list.begin();
    expect(list.view()).toMatchObject({ kept: { count: 3, oldest: 5 }, readAt: null, state: { at: 'reading' } });
    list.page(list.asking(), [listed('b', FABRIKAM)], 90);
    list.page(list.asking(), [listed('d')], 95);
    expect(rows(list)).toBe('a bF c d');
    list.end();
    expect(rows(list)).toBe('bF d');
    expect(list.view()).toMatchObject({ kept: null, readAt: 90, state: { at: 'here' } });
  });

  it('that fails keeps the rest, and says since when it is known', () => {
    const list = aList();
    list.keep([listed('a'), listed('b')], 5);
    list.begin();
    list.page(list.asking(), [listed('a', CONTOSO)], 90);
    list.fail({ at: 'failed', failure: { reason: 'busy' } });
    expect(rows(list)).toBe('aC b');
    expect(list.view().kept).toEqual({ count: 1, oldest: 5 });
  });

  it('shows what has not ended by what storage says, until that says otherwise or more is told', () => {
    const list = aList();
    list.begin();
    list.page(list.asking(), [listed('a'), listed('b')], 90);
    const changes = () => list.view().rows.map(({ change }) => change);
    list.underWay(list.asking(), new Map([[subscriptionId('a'), 'open' as const]]));
    expect(changes()).toEqual(['open', 'none']);
    list.page(list.asking(), [listed('a'), listed('b')], 95);
    expect(changes()).toEqual(['open', 'none']);
    const asking = list.asking();
    list.went({ subscriptionId: subscriptionId('b'), outcome: 'open' });
    list.underWay(asking, new Map());
    expect(changes()).toEqual(['none', 'open']);
    list.went({ subscriptionId: subscriptionId('b'), outcome: 'done', state: listed('b', CONTOSO).state });
    expect([rows(list), changes()]).toEqual(['a bC', ['none', 'none']]);
  });

  it('is none that what was kept comes back to, once it is whole', () => {
    const list = aList();
    list.begin();
    list.page(list.asking(), [listed('a')], 90);
    list.end();
    list.keep([listed('gone')], 5);
    expect(rows(list)).toBe('a');
  });

  it('has a row once, wherever it moved meanwhile', () => {
    const list = aList();
    list.begin();
    list.page(list.asking(), [listed('a'), listed('b')], 90);
    list.page(list.asking(), [listed('b'), listed('c')], 91);
    expect(rows(list)).toBe('a b c');
  });
});

describe('what is told while a list is read', () => {
  it('is newer than a page that was asked for before, and older than one that is asked for later', () => {
    const list = aList();
    list.begin();
    const early = list.asking();
    expect(list.told(told('a', FABRIKAM))).toBe(false);
    list.page(early, [listed('a', CONTOSO)], NOW);
    expect(rows(list)).toBe('aF');
    list.page(list.asking(), [listed('a', CONTOSO)], NOW);
    expect(rows(list)).toBe('aC');
  });

  it('does not make the list show what was read before it did', () => {
    const list = aList();
    list.begin();
    list.page(list.asking(), [listed('a', FABRIKAM)], 500);
    list.told(told('a', CONTOSO, 400, { phase: 'sending' }));
    expect(rows(list)).toBe('aF');
    expect(list.view().rows[0]?.change).toBe('open');
  });

  it('counts although the clock was put back since the list was read', () => {
    const list = aList(300);
    list.begin();
    list.page(list.asking(), [listed('a', FABRIKAM)], 500);
    list.told(told('a', CONTOSO, 300));
    expect(rows(list)).toBe('aC');
  });

  it('leaves an open change open whatever page comes, and one whose outcome nobody knows until it is read again', () => {
    const list = aList();
    list.begin();
    list.page(list.asking(), [listed('a'), listed('b')], 500);
    list.told(told('a', null, 600, { phase: 'sending' }));
    list.told(told('b', null, 600, { phase: 'unknown', cause: { reason: 'keyExpired' }, found: null, seen: false }));
    expect(list.view().rows.map(({ change }) => change)).toEqual(['open', 'outcomeUnknown']);
    list.page(list.asking(), [listed('a'), listed('b')], 700);
    expect(list.view().rows.map(({ change }) => change)).toEqual(['open', 'none']);
  });

  it('of a subscription that is not listed makes no row', () => {
    const list = aList();
    list.begin();
    expect(list.told(told('x', CONTOSO))).toBe(false);
    expect(rows(list)).toBe('');
  });
});
