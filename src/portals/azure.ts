import { type Cloud, CLOUDS } from '../domain/place';
import type { SubscriptionId } from '../domain/subscription';
import { isName, partsAfter, partsOf, routeOf, subscriptionGuid, tenantIn } from './address-parts';
import type { BuiltInPortal } from './portal';

/** Behind these lie resources of a subscription: pages of their own. */
const DEEPER = ['resourcegroups', 'providers'];
const BILLING = 'microsoft_azure_billing';
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
  detectorWord: 'subscription',
  anchors: [
    '.fxs-portal-main .fxs-blade-content-wrapper',
    '.fxs-portal-main .fxs-blade-content-container',
    // Seen in the wild in place of the plain class.
    '.fxs-portal-main .fxs-blade-content-container-default',
  ],
  shownAt(url) {
    const path = partsOf(url.pathname);
    const route = routeOf(url);
    if (path === null || route === null) return null;
    const [pathTenant, ...deeper] = path;
    // Any other path is a page of its own, such as the one to sign in.
    if (deeper.length > 0 || (pathTenant !== undefined && tenantIn(pathTenant) === null)) return null;
    const routeTenant = route[0]?.startsWith('@') ? route[0] : undefined;
    const names = routeTenant === undefined ? route : route.slice(1);
    const subscriptionId = resourceRoute(names) ?? bladeRoute(names);
    const cloud = CLOUDS.find((one) => HOSTS[one] === url.host) ?? 'public';
    // The route's is the directory of what the page shows, the path's only the one to sign in to.
    return subscriptionId && { subscriptionId, cloud, tenant: tenantIn(routeTenant) ?? tenantIn(pathTenant) };
  },
  services: ['azure'],
  pageOf: (subscriptionId, { cloud, tenant }) =>
    `https://${HOSTS[cloud]}/#${tenant === null ? '' : `@${encodeURIComponent(tenant)}/`}resource/subscriptions/${subscriptionId}/overview`,
};

/** `resource/subscriptions/{guid}[/{menu}]` */
function resourceRoute(route: readonly string[]): SubscriptionId | null {
  const [guid, menu, ...deeper] = partsAfter(['resource', 'subscriptions'], route) ?? [];
  const isItsOwn = menu === undefined || (isName(menu) && !DEEPER.includes(menu.toLowerCase()));
  return isItsOwn && deeper.length === 0 ? subscriptionGuid(guid) : null;
}

/** `view/Microsoft_Azure_Billing/{blade}/subscriptionId/{guid}`, in older addresses `blade/…` */
function bladeRoute(route: readonly string[]): SubscriptionId | null {
  const blade = partsAfter(['view', BILLING], route) ?? partsAfter(['blade', BILLING], route);
  const found = BLADES.map((name) => partsAfter([name, 'subscriptionid'], blade)).find((parts) => parts !== null);
  return found?.length === 1 ? subscriptionGuid(found[0]) : null;
}
