import { type Cloud, CLOUDS } from '../domain/place';
import { isName, partsAfter, partsOf, routeOf, subscriptionGuid, tenantIn, valuesOf } from './address-parts';
import type { BuiltInPortal } from './portal';

const HOSTS: Record<Cloud, string> = {
  public: 'admin.microsoft.com',
  usGovernment: 'portal.office365.us',
  usDefence: 'portal.apps.mil',
  china: 'portal.partner.microsoftonline.cn',
};

/** The parameter of the query by which a partner's administrator opens the portal of a customer. */
const TENANT = 'delegatedorg';

export const microsoft365Admin: BuiltInPortal = {
  id: 'microsoft365Admin',
  hosts: [
    'admin.microsoft.com',
    'admin.cloud.microsoft',
    'portal.office365.us',
    'portal.apps.mil',
    'portal.partner.microsoftonline.cn',
  ],
  detectorWord: 'subscription',
  anchors: ['#mainContent', 'main', '[role="main"]'],
  shownAt(url) {
    if (!isHome(url)) return null;
    const [view, guid, ...deeper] = partsAfter(['subscriptions'], routeOf(url)) ?? [];
    if (view === undefined || !isName(view) || isShop(view) || deeper.length > 0) return null;
    const [tenant, ...others] = valuesOf(TENANT, url);
    // Which of two the page would show is its own affair.
    const subscriptionId = others.length > 0 ? null : subscriptionGuid(guid);
    const cloud = CLOUDS.find((one) => HOSTS[one] === url.host) ?? 'public';
    return subscriptionId && { subscriptionId, cloud, tenant: tenantIn(tenant) };
  },
  services: ['office365', 'crmOnline', 'dynamics365', 'intune', 'ems'],
  // Without the tenant: what the portal makes of it for an administrator of that tenant itself is not known.
  pageOf: (subscriptionId, { cloud }) =>
    `https://${HOSTS[cloud]}/Adminportal/Home#/subscriptions/assets/${subscriptionId}`,
};

/** The application is at the host's root and at `/Adminportal/Home`. */
function isHome({ pathname }: URL): boolean {
  const path = partsOf(pathname);
  return path?.length === 0 || partsAfter(['adminportal', 'home'], path)?.length === 0;
}

/** Pages of the catalogue and of software licences that only look like a subscription's. */
function isShop(view: string): boolean {
  const name = view.toLowerCase();
  return name.startsWith('vlnew') || name === 'software-assets';
}
