import type { Partner } from '../../src/domain/partner';
import { type Holding, type ListedSubscription, type PartnerState, stateOf } from '../../src/domain/partner-state';
import type { SubscriptionRecord } from '../../src/domain/subscription';
import { attached } from './partners';
import { SUBSCRIPTION_ID } from './targets';

/** What the service holds of a subscription without a partner, before somebody who may change that. */
export function aRecord(more: Partial<SubscriptionRecord> = {}): SubscriptionRecord {
  return {
    subscriptionId: SUBSCRIPTION_ID,
    displayName: 'Production',
    service: 'azure',
    state: 'Active',
    startDate: '2025-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customer: { id: 'c1', name: 'Northwind' },
    caller: { role: 'AccountAdministrator', canChangePartner: true },
    partnerOfRecord: null,
    etag: '"1"',
    ...more,
  };
}

/** The record as a list has it. */
export function listedOf(listed: SubscriptionRecord): ListedSubscription {
  return { subscriptionId: listed.subscriptionId, state: stateOf(listed) };
}

export function state(holder: Partner | null, version = '"1"'): PartnerState {
  return stateOf(aRecord({ partnerOfRecord: holder && attached(holder), etag: version }));
}

export function outcome(holder: Partner | null, version = '"1"'): Holding {
  return { partnerOfRecord: holder && attached(holder), version };
}
