import { type Cloud, CLOUDS } from '../domain/place';
import type { SubscriptionId } from '../domain/subscription';
import { parseTenant } from '../domain/tenant';
import { hashRoute, segmentsOf, subscriptionGuid } from './address-parts';
import type { BuiltInPortal } from './portal';

/** Behind these lie resources of a subscription: pages of their own. */
const DEEPER = ['resourcegroups', 'providers'];
const BLADES = ['subscriptionsblade', 'subscriptiondetails.reactview'];

const HOSTS: Record<Cloud, string> = {
  public: 'portal.azure.com',
  usGovernment: 'portal.azure.us',
  // Both of the government's share one portal.
  usDefence: 'portal.azure.us',
  china: 'portal.azure.cn',
};

export const azure: BuiltInPortal = {
  id: 'azure',
  hosts: [
    'portal.azure.com',
    'ms.portal.azure.com',
    'preview.portal.azure.com',
    'rc.portal.azure.com',
    'portal.azure.us',
    'portal.azure.cn',
  ],
  anchors: [
    '.fxs-portal-main .fxs-blade-content-wrapper',
    '.fxs-portal-main .fxs-blade-content-container',
    // Seen in the wild in place of the plain class.
    '.fxs-portal-main .fxs-blade-content-container-default',
  ],
  subscriptionAt(url) {
    if (url.pathname !== '/') return null;
    const segments = segmentsOf(hashRoute(url));
    if (segments === null) return null;
    const route = segments[0]?.startsWith('@') ? segments.slice(1) : segments;
    return resourceRoute(route) ?? bladeRoute(route);
  },
  placeAt(url) {
    const [first] = segmentsOf(hashRoute(url)) ?? [];
    return {
      cloud: CLOUDS.find((cloud) => HOSTS[cloud] === url.host) ?? 'public',
      tenant: first?.startsWith('@') ? parseTenant(first.slice(1)) : null,
    };
  },
  services: ['azure'],
  pageOf: (subscriptionId, { cloud, tenant }) =>
    `https://${HOSTS[cloud]}/#${tenant === null ? '' : `@${encodeURIComponent(tenant)}/`}resource/subscriptions/${subscriptionId}/overview`,
};

/** `resource/subscriptions/{guid}[/{menu}]` */
function resourceRoute(route: readonly string[]): SubscriptionId | null {
  const [resource, subscriptions, guid, menu, ...rest] = route;
  if (resource?.toLowerCase() !== 'resource' || subscriptions?.toLowerCase() !== 'subscriptions') return null;
  if (rest.length > 0 || (menu !== undefined && DEEPER.includes(menu.toLowerCase()))) return null;
  return subscriptionGuid(guid);
}

/** `view/Microsoft_Azure_Billing/{blade}/subscriptionId/{guid}`, in older addresses `blade/…` */
function bladeRoute(route: readonly string[]): SubscriptionId | null {
  const [view, extension, blade, parameter, guid, ...rest] = route;
  const known =
    (view?.toLowerCase() === 'view' || view?.toLowerCase() === 'blade') &&
    extension?.toLowerCase() === 'microsoft_azure_billing' &&
    blade !== undefined &&
    BLADES.includes(blade.toLowerCase()) &&
    parameter?.toLowerCase() === 'subscriptionid' &&
    rest.length === 0;
  return known ? subscriptionGuid(guid) : null;
}
