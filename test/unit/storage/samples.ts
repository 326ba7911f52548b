import type { Change, ChangeLife } from '../../../src/domain/change';
import type { Check, CheckOutcome, ForeignChange } from '../../../src/domain/history';
import { type PartnerState, stateOf } from '../../../src/domain/partner-state';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { aChange } from '../../support/changes';
import { check as checkOf } from '../../support/checks';
import { NORTHWIND, partner } from '../../support/partners';
import { aRecord } from '../../support/records';
import { subscriptionId, targetOf, uuid } from '../../support/targets';

/** As in the database that version 1 left (`fixtures/version-1.json`), and so in all that is stored here. */
export const FABRIKAM = partner('654321', 'Fabrikam');

export function record(id: string, etag = '"1"'): SubscriptionRecord {
  return aRecord({
    subscriptionId: subscriptionId(id),
    displayName: `Subscription ${id}`,
    customer: { id: 'c1', name: 'Contoso' },
    partnerOfRecord: { ...FABRIKAM, assignedAt: '2026-01-01T00:00:00Z', assignedBy: 'Ada' },
    etag,
  });
}

export function state(id: string, etag?: string): PartnerState {
  return stateOf(record(id, etag));
}

/** A change of one subscription, waiting unless another life is given. */
export function change(number: number, of: string, more: Partial<Change> = {}): Change {
  const asked = aChange({
    id: uuid(number),
    target: targetOf(of),
    targetName: `Subscription ${of}`,
    kind: 'assign',
    before: null,
    after: FABRIKAM,
    askedAt: number,
    person: null,
  });
  return { ...asked, ...more };
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
  return { ...checkOf(partnerId, outcome, number), id: uuid(number) };
}

export function found(number: number, partner = FABRIKAM): Check {
  return check(number, { kind: 'found', partner }, partner.partnerId);
}

export function foreign(number: number, of: string): ForeignChange {
  return {
    id: uuid(number),
    target: targetOf(of),
    targetName: `Subscription ${of}`,
    before: NORTHWIND,
    after: null,
    foundAt: number,
    by: null,
    version: null,
    seen: true,
  };
}
