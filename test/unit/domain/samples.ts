import * as v from 'valibot';
import { type Change, type ChangeEvent, newChange } from '../../../src/domain/change';
import type { ChangeRequest } from '../../../src/domain/change-request';
import type { Partner, PartnerOfRecord } from '../../../src/domain/partner';
import { type Holding, type PartnerState, stateOf } from '../../../src/domain/partner-state';
import type { Person } from '../../../src/domain/person';
import { partnerIdSchema, subscriptionIdSchema } from '../../../src/domain/schemas';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { noWait, type Wait } from '../../../src/domain/wait';

/** Whole numbers of milliseconds are easier to read from a round start. */
export const START = 1_800_000_000_000;
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export function partner(partnerId: string, name = `Partner ${partnerId}`): Partner {
  return { partnerId: v.parse(partnerIdSchema, partnerId), name };
}

export const OLD = partner('100001', 'Old Partner');
export const WANTED = partner('200002', 'Wanted Partner');
export const FOREIGN = partner('300003', 'Foreign Partner');

export const ADA = {
  kind: 'openIdConnect',
  issuer: 'https://login.example',
  sub: 'ada',
  name: 'Ada',
} as const satisfies Person;
export const BEN = {
  kind: 'openIdConnect',
  issuer: 'https://login.example',
  sub: 'ben',
  name: 'Ben',
} as const satisfies Person;

export const CONNECTION_ID = '0c000000-0000-4000-8000-000000000001';
export const subscriptionId = (text: string) => v.parse(subscriptionIdSchema, text);
export const SUBSCRIPTION_ID = subscriptionId('5b000000-0000-4000-8000-000000000001');
export const TARGET = { kind: 'subscription', connectionId: CONNECTION_ID, id: SUBSCRIPTION_ID } as const;

/** A UUID that ends with this number. */
export const uuid = (number: number): string => `1d000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export function attached(to: Partner): PartnerOfRecord {
  return { ...to, assignedAt: '2026-01-02T03:04:05Z', assignedBy: 'Ada' };
}

export function record(holder: Partner | null, etag = '"1"', id = SUBSCRIPTION_ID): SubscriptionRecord {
  return {
    subscriptionId: id,
    displayName: 'Production',
    service: 'azure',
    state: 'Active',
    startDate: '2025-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customer: { id: 'c1', name: 'Contoso' },
    caller: { role: 'AccountAdministrator', canChangePartner: true },
    partnerOfRecord: holder === null ? null : attached(holder),
    etag,
  };
}

export function state(holder: Partner | null, version = '"1"'): PartnerState {
  return stateOf(record(holder, version));
}

export function outcome(holder: Partner | null, version = '"1"'): Holding {
  return { partnerOfRecord: holder === null ? null : attached(holder), version };
}

export function request(overrides: Partial<ChangeRequest> = {}): ChangeRequest {
  return {
    id: uuid(1),
    target: TARGET,
    targetName: 'Production',
    page: null,
    kind: 'change',
    before: OLD,
    after: WANTED,
    basedOn: '"1"',
    replay: 'key',
    askedFrom: 'panel',
    askedAt: START,
    person: ADA,
    ...overrides,
  };
}

export function asked(overrides: Partial<ChangeRequest> = {}): Change {
  return newChange(request(overrides));
}

type Failed = Extract<ChangeEvent, { type: 'failed' }>;

/** An event; of a read the wait that it was begun after may be left out. */
export type Happening = Unwaited<ChangeEvent>;
type Unwaited<E> = E extends { readonly since: Wait } ? Omit<E, 'since'> & { readonly since?: Wait } : E;

/** The event as it happens to the change now: a read was begun after the change's present wait, unless another is told. */
export function happening(change: Change, event: Happening): ChangeEvent {
  if (event.type !== 'stateRead' && event.type !== 'readFailed') return event;
  const present = change.life.state === 'waiting' ? change.life.wait : noWait(event.at);
  return { ...event, since: event.since ?? present };
}

/** A failed attempt or read whose pause is not shortened by chance. */
export function failing<T extends 'failed' | 'readFailed'>(
  type: T,
  at: number,
  failure: Failed['failure'],
  retryAfterMs: number | null = null,
): Omit<Failed, 'type'> & { readonly type: T } {
  return { type, at, failure, retryAfterMs, chance: 0 };
}
