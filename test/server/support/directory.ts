import type { DirectoryInput } from '../../../server/src/directory/directory';

export type SubscriptionInput = DirectoryInput['subscriptions'][number];

/** A subscription of Contoso as a directory has it, on which nobody may do anything yet. */
export function aSubscription(more: Partial<SubscriptionInput> & Pick<SubscriptionInput, 'subscriptionId'>) {
  return {
    displayName: 'Production',
    service: 'azure',
    state: 'Active',
    startDate: '2026-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customerId: 'contoso',
    roles: {},
    ...more,
  } satisfies SubscriptionInput;
}
