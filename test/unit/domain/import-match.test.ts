import { describe, expect, it } from 'vitest';
import type { CheckOutcome } from '../../../src/domain/history';
import type { ImportRow } from '../../../src/domain/import-file';
import { type KnownSubscription, matchImport, rowsAt } from '../../../src/domain/import-match';
import type { PartnerId } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';

const CONTOSO = '4852013' as PartnerId;
const FABRIKAM = '5112233' as PartnerId;
const GONE = '9999999' as PartnerId;
const FAILING = '8888888' as PartnerId;
const UNASKED = '7777777' as PartnerId;

const row = (line: number, id: string, after: PartnerId | null): ImportRow => ({
  line,
  connection: '',
  subscriptionId: id as SubscriptionId,
  after,
  unusualLength: false,
});

function held(partnerId: PartnerId | null): KnownSubscription & { readonly name: string } {
  const partnerOfRecord = partnerId && { partnerId, name: 'Present', assignedAt: null, assignedBy: null };
  const rights = { mayChange: true, role: null, reason: null };
  return { name: 'One', state: { partnerOfRecord, version: '"1"', rights, subscription: null } };
}

const UNREAD = { name: 'Two', state: null };
const LIST = new Map<SubscriptionId, KnownSubscription & { readonly name: string }>([
  ['of-contoso' as SubscriptionId, held(CONTOSO)],
  ['of-gone' as SubscriptionId, held(GONE)],
  ['free' as SubscriptionId, held(null)],
  ['unread' as SubscriptionId, UNREAD],
]);
const failure = { reason: 'busy' } as const;
const CHECKS = new Map<PartnerId, CheckOutcome>([
  [CONTOSO, { kind: 'found', partner: { partnerId: CONTOSO, name: 'Contoso' } }],
  [FABRIKAM, { kind: 'found', partner: { partnerId: FABRIKAM, name: 'Fabrikam' } }],
  [GONE, { kind: 'unknownPartner' }],
  [FAILING, { kind: 'failed', failure }],
]);

describe('the rows of a file, beside the list of subscriptions', () => {
  it('change what they differ from, by the name that the check gave', () => {
    const rows = [row(2, 'of-contoso', FABRIKAM), row(3, 'free', CONTOSO), row(4, 'of-contoso', null)];
    const { differing, ...rest } = matchImport(rows, LIST, CHECKS);
    expect(differing.map(({ row, known, after }) => [row.line, known.name, after?.name])).toEqual([
      [2, 'One', 'Fabrikam'],
      [3, 'One', 'Contoso'],
      [4, 'One', undefined],
    ]);
    expect(rest).toEqual({ already: [], problems: [], waiting: [] });
  });

  it('are so already where that partner is there, or none, whatever is known of the partner', () => {
    const rows = [row(2, 'of-contoso', CONTOSO), row(3, 'free', null), row(4, 'of-gone', GONE)];
    const { differing, already, problems } = matchImport(rows, LIST, CHECKS);
    expect(already.map(({ row }) => row.line)).toEqual([2, 3, 4]);
    expect([differing, problems]).toEqual([[], []]);
  });

  it('differ where nobody knows who the partner is: unknown is not none', () => {
    const { differing } = matchImport([row(2, 'unread', null), row(3, 'unread', CONTOSO)], LIST, CHECKS);
    expect(differing.map(({ row, known }) => [row.line, known.state])).toEqual([
      [2, null],
      [3, null],
    ]);
  });

  it('are named where the list has no such subscription, or nobody knows the partner, and stop no other', () => {
    const rows = [
      row(2, 'nowhere', CONTOSO),
      row(3, 'free', GONE),
      row(4, 'free', FAILING),
      row(5, 'of-contoso', FABRIKAM),
    ];
    const { differing, problems } = matchImport(rows, LIST, CHECKS);
    expect(problems).toEqual([
      { kind: 'notListed', line: 2, subscriptionId: 'nowhere' },
      { kind: 'unknownPartner', line: 3, partnerId: GONE },
      { kind: 'notChecked', line: 4, partnerId: FAILING, failure },
    ]);
    expect(differing.map(({ row }) => row.line)).toEqual([5]);
  });

  it('wait while their partner is not checked', () => {
    const { waiting, differing } = matchImport([row(2, 'free', UNASKED)], LIST, CHECKS);
    expect(waiting.map(({ line }) => line)).toEqual([2]);
    expect(differing).toEqual([]);
  });
});

describe('rows that name their connection', () => {
  const named = (line: number, connection: string) => ({ ...row(line, 'a', null), connection });

  it('are those of the connection that was chosen, those that name none, and of others only counted', () => {
    const rows = [named(2, 'contoso '), named(3, ''), named(4, 'Second'), named(5, 'Gone')];
    const { here, elsewhere, problems } = rowsAt(rows, 'Contoso', ['Second']);
    expect(here.map(({ line }) => line)).toEqual([2, 3]);
    expect(elsewhere).toBe(1);
    expect(problems).toEqual([{ kind: 'unknownConnection', line: 5, connection: 'Gone' }]);
  });
});
