import { parseSubscriptionId, type SubscriptionId } from '../../src/domain/subscription';
import type { Target } from '../../src/domain/target';
import { CONNECTION_ID } from './connections';

/** A UUID that ends with this number: those of the database that version 1 left. */
export const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export function subscriptionId(text: string): SubscriptionId {
  const id = parseSubscriptionId(text);
  if (id === null) throw new Error(`${text} is no subscription ID`);
  return id;
}

export const SUBSCRIPTION_ID = subscriptionId('5b000000-0000-4000-8000-000000000001');
export const TARGET = { kind: 'subscription', connectionId: CONNECTION_ID, id: SUBSCRIPTION_ID } as const;

/** The subscription with that ID. */
export function targetOf(id: string, connectionId = CONNECTION_ID): Target {
  return { kind: 'subscription', connectionId, id: subscriptionId(id) };
}
