import type { Capabilities } from '../../../src/domain/capabilities';
import { type ListedSubscription, stateOf } from '../../../src/domain/partner-state';
import type { Target } from '../../../src/domain/target';
import { type Change, type ChangeLife, newChange } from '../../../src/domain/change';
import type { Check, CheckOutcome } from '../../../src/domain/history';
import { parsePartnerId, type PartnerId, type PartnerOfRecord } from '../../../src/domain/partner';
import { parseSubscriptionId, type SubscriptionId, type SubscriptionRecord } from '../../../src/domain/subscription';
import { ADA } from '../domain/samples';

export const CONNECTION_ID = '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30';
export const CONNECTION = {
  id: CONNECTION_ID,
  name: 'localhost:8787',
  kind: 'service',
  address: 'http://localhost:8787/v1',
  portals: [],
  tenants: [],
  signIn: 'none',
} as const;
export const GUID = '11111111-2222-4333-8444-555555555555';
export const HOSTILE = '<img src=x onerror=alert(1)>=1+1';

export function partnerId(digits: string): PartnerId {
  const parsed = parsePartnerId(digits);
  if (!parsed.ok) throw new Error(`${digits} is no Partner ID`);
  return parsed.partnerId;
}

export function subscriptionId(text: string): SubscriptionId {
  const id = parseSubscriptionId(text);
  if (id === null) throw new Error(`${text} is no subscription ID`);
  return id;
}

export const CONTOSO = { partnerId: partnerId('1234567'), name: 'Contoso' };
export const FABRIKAM = { partnerId: partnerId('7654321'), name: 'Fabrikam' };

export function ofRecord(partner: typeof CONTOSO): PartnerOfRecord {
  return { ...partner, assignedAt: '2026-01-02T00:00:00Z', assignedBy: 'Ada' };
}

export function record(more: Partial<SubscriptionRecord> = {}): SubscriptionRecord {
  return {
    subscriptionId: subscriptionId(GUID),
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

/** What the service can do. */
export const SERVICE_CAN: Capabilities = {
  check: true,
  list: true,
  changeLog: true,
  mails: true,
  shares: true,
  replay: 'key',
};

export function targetOf(id: string): Target {
  return { kind: 'subscription', connectionId: CONNECTION_ID, id: subscriptionId(id) };
}

/** A change from no partner to Contoso that Ada asked for, with that life; waiting when none is given. */
export function change(life: ChangeLife | null, more: Partial<Change> = {}): Change {
  const asked = newChange({
    id: crypto.randomUUID(),
    target: targetOf(GUID),
    targetName: 'Production',
    page: null,
    kind: 'assign',
    before: null,
    after: CONTOSO,
    basedOn: '"1"',
    replay: 'key',
    askedFrom: 'panel',
    askedAt: Date.now(),
    person: ADA,
  });
  return { ...asked, ...(life !== null && { life }), ...more };
}

export function check(digits: string, outcome: CheckOutcome, checkedAt = Date.now()): Check {
  return { id: crypto.randomUUID(), connectionId: CONNECTION_ID, partnerId: partnerId(digits), checkedAt, outcome };
}
