import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { DirectoryInput } from '../server/src/directory/directory';

const PARTNERS = 100;
const CUSTOMERS = 1000;
const CALLERS = 1000;
const ROLES = ['AccountAdministrator', 'Contributor', 'Reader'] as const;
const MONTHS = 12;

/** The rows that a sample directory comes to. */
export const rowsOf = (subscriptions: number) =>
  PARTNERS + CUSTOMERS + CALLERS + subscriptions * (1 + ROLES.length + MONTHS);

/**
 * Writes a directory file for measuring: so many subscriptions, each with three roles and twelve months of usage, whose IDs come in
 * no order. The same at every call.
 */
export function writeSampleDirectory(file: string, subscriptions: number): Promise<void> {
  return pipeline(textOf(subscriptions), createWriteStream(file));
}

function* textOf(subscriptions: number): Generator<string> {
  yield '{"partners": [';
  yield* list(PARTNERS, (index) => ({ partnerId: String(4_000_000 + index), name: `Partner ${index}` }));
  yield '],\n"customers": [';
  yield* list(CUSTOMERS, (index) => ({ id: `customer-${index}`, name: `Customer ${index}` }));
  yield '],\n"callers": [';
  yield* list(CALLERS, (index) => ({ principalId: person(index), name: `Person ${index}`, organization: 'Customers' }));
  yield '],\n"subscriptions": [';
  yield* list(subscriptions, subscription);
  yield ']}\n';
}

function* list(count: number, entry: (index: number) => object): Generator<string> {
  for (let index = 0; index < count; index++) yield `${index === 0 ? '' : ','}\n${JSON.stringify(entry(index))}`;
}

const person = (index: number) => `person-${index % CALLERS}@customer.example`;

function subscription(index: number): DirectoryInput['subscriptions'][number] {
  const hex = createHash('sha256').update(String(index)).digest('hex');
  return {
    subscriptionId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    displayName: `Subscription ${index}`,
    service: 'azure',
    state: 'Active',
    startDate: '2026-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customerId: `customer-${index % CUSTOMERS}`,
    roles: Object.fromEntries(ROLES.map((role, other) => [person(index + other), role])),
    usage: Array.from({ length: MONTHS }, (_, month) => ({
      month: `2026-${String(month + 1).padStart(2, '0')}`,
      service: 'azure',
      amount: ((index * 37 + month * 13) % 100_000) / 100,
      currency: 'USD',
    })),
  };
}
