import { partsAfter, partsOf, subscriptionGuid, valuesOf } from './address-parts';
import type { BuiltInPortal } from './portal';

export const accountCentre: BuiltInPortal = {
  id: 'accountCentre',
  hosts: ['account.azure.com', 'account.windowsazure.com'],
  detectorWord: 'subscription',
  anchors: ['main', '[role="main"]', '#mainContent'],
  shownAt(url) {
    if (partsAfter(['subscriptions', 'statement'], partsOf(url.pathname))?.length !== 0) return null;
    const [value, ...others] = valuesOf('subscriptionid', url);
    // Which of two the page would show is its own affair.
    const subscriptionId = others.length > 0 ? null : subscriptionGuid(value);
    return subscriptionId && { subscriptionId, cloud: 'public', tenant: null };
  },
  services: ['azure'],
  pageOf: (subscriptionId, { cloud }) =>
    cloud === 'public' ? `https://account.azure.com/Subscriptions/Statement?subscriptionId=${subscriptionId}` : null,
};
