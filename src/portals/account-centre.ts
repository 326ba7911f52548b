import { segmentsOf, subscriptionGuid } from './address-parts';
import type { BuiltInPortal } from './portal';

export const accountCentre: BuiltInPortal = {
  id: 'accountCentre',
  hosts: ['account.azure.com', 'account.windowsazure.com'],
  anchors: ['main', '[role="main"]', '#mainContent'],
  subscriptionAt(url) {
    if (segmentsOf(url.pathname)?.join('/').toLowerCase() !== '/subscriptions/statement') return null;
    const values = [...url.searchParams].filter(([name]) => name.toLowerCase() === 'subscriptionid');
    // Which of two the page would show is its own affair.
    return values.length === 1 ? subscriptionGuid(values[0]?.[1]) : null;
  },
  placeAt: () => ({ cloud: 'public', tenant: null }),
  services: ['azure'],
  pageOf: (subscriptionId, { cloud }) =>
    cloud === 'public' ? `https://account.azure.com/Subscriptions/Statement?subscriptionId=${subscriptionId}` : null,
};
