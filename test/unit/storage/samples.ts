import { type Change, type ChangeLife, newChange } from '../../../src/domain/change';
import type { Check, CheckOutcome, ForeignChange } from '../../../src/domain/history';
import type { PartnerId } from '../../../src/domain/partner';
import type { SubscriptionId, SubscriptionRecord } from '../../../src/domain/subscription';
import { type PartnerState, stateOf } from '../../../src/domain/partner-state';
import type { Target } from '../../../src/domain/target';
import type { Looking } from '../../../src/storage/history';

export const CONNECTION_ID = '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30';
export const FABRIKAM = { partnerId: '654321' as PartnerId, name: 'Fabrikam' };
export const NORTHWIND = { partnerId: '700000' as PartnerId, name: 'Northwind' };

/** Somebody whom nothing is known of looks, long after. */
export const LOOKING: Looking = { viewer: { connectionId: null, person: null, mayChange: null }, now: 1e15 };

/** The UUID with that number. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function record(id: string, etag = '"1"'): SubscriptionRecord {
  return {
    subscriptionId: id as SubscriptionId,
    displayName: `Subscription ${id}`,
    service: 'azure',
    state: 'Active',
    startDate: '2025-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customer: { id: 'c1', name: 'Contoso' },
    caller: { role: 'AccountAdministrator', canChangePartner: true },
    partnerOfRecord: { ...FABRIKAM, assignedAt: '2026-01-01T00:00:00Z', assignedBy: 'Ada' },
    etag,
  };
}

export function target(of: string, connectionId = CONNECTION_ID): Target {
  return { kind: 'subscription', connectionId, id: of as SubscriptionId };
}

export function state(id: string, etag?: string): PartnerState {
  return stateOf(record(id, etag));
}

/** A change of one subscription, waiting unless another life is given. */
export function change(number: number, of: string, more: Partial<Change> = {}): Change {
  return {
    ...newChange({
      id: uuid(number),
      target: target(of),
      targetName: `Subscription ${of}`,
      page: null,
      kind: 'assign',
      before: null,
      after: FABRIKAM,
      basedOn: '"1"',
      replay: 'key',
      askedFrom: 'panel',
      askedAt: number,
      person: null,
    }),
    ...more,
  };
}

export const DONE: ChangeLife = {
  state: 'done',
  attempts: 1,
  endedAt: 1,
  outcome: { partnerOfRecord: null, version: '"2"' },
};
export const CONFLICT: ChangeLife = {
  state: 'conflict',
  attempts: 1,
  endedAt: 1,
  found: { partnerOfRecord: null, version: '"2"' },
  answer: null,
};
export const REFUSED: ChangeLife = {
  state: 'refused',
  attempts: 1,
  endedAt: 1,
  failure: { reason: 'refused', status: 403, code: 'NotPermitted' },
  seen: false,
};

export function check(number: number, outcome: CheckOutcome, partnerId = FABRIKAM.partnerId): Check {
  return { id: uuid(number), connectionId: CONNECTION_ID, partnerId, checkedAt: number, outcome };
}

export function found(number: number, partner = FABRIKAM): Check {
  return check(number, { kind: 'found', partner }, partner.partnerId);
}

export function foreign(number: number, of: string): ForeignChange {
  return {
    id: uuid(number),
    target: target(of),
    targetName: `Subscription ${of}`,
    before: NORTHWIND,
    after: null,
    foundAt: number,
  };
}
