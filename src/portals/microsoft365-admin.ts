import { type Cloud, CLOUDS } from '../domain/place';
import { hashRoute, segmentsOf, subscriptionGuid } from './address-parts';
import type { BuiltInPortal } from './portal';

const HOSTS: Record<Cloud, string> = {
  public: 'admin.microsoft.com',
  usGovernment: 'portal.office365.us',
  usDefence: 'portal.apps.mil',
  china: 'portal.partner.microsoftonline.cn',
};

export const microsoft365Admin: BuiltInPortal = {
  id: 'microsoft365Admin',
  hosts: [
    'admin.microsoft.com',
    'admin.cloud.microsoft',
    'portal.office365.us',
    'portal.apps.mil',
    'portal.partner.microsoftonline.cn',
  ],
  anchors: ['#mainContent', 'main', '[role="main"]'],
  subscriptionAt(url) {
    if (!isHome(url)) return null;
    const [root, subscriptions, view, guid, ...rest] = segmentsOf(hashRoute(url)) ?? [];
    if (root !== '' || subscriptions?.toLowerCase() !== 'subscriptions' || rest.length > 0) return null;
    return view && !isShop(view) ? subscriptionGuid(guid) : null;
  },
  placeAt: (url) => ({ cloud: CLOUDS.find((cloud) => HOSTS[cloud] === url.host) ?? 'public', tenant: null }),
  services: ['office365', 'crmOnline', 'dynamics365', 'intune', 'ems'],
  pageOf: (subscriptionId, { cloud }) =>
    `https://${HOSTS[cloud]}/Adminportal/Home#/subscriptions/assets/${subscriptionId}`,
};

/** The two addresses of the application itself: `/Adminportal/Home` and `/?`, the latter told from `/` by its question mark. */
function isHome(url: URL): boolean {
  if (url.pathname === '/') return url.href.startsWith(`${url.origin}/?`);
  return segmentsOf(url.pathname)?.join('/').toLowerCase() === '/adminportal/home';
}

/** Pages of the catalogue and of software licences that only look like a subscription's. */
function isShop(view: string): boolean {
  const name = view.toLowerCase();
  return name.startsWith('vlnew') || name === 'software-assets';
}
