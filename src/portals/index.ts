import type { Place } from '../domain/place';
import type { CloudService } from '../domain/cloud-service';
import type { BuiltInPortalId } from '../domain/portal';
import type { PortalSettings } from '../domain/settings';
import type { SubscriptionId } from '../domain/subscription';
import { accountCentre } from './account-centre';
import { subscriptionGuid } from './address-parts';
import { azure } from './azure';
import { microsoft365Admin } from './microsoft365-admin';
import { originOfPattern, subscriptionByPattern } from './own';
import { ownPageOf } from './own-page';
import type { BuiltInPortal, SubscriptionPage } from './portal';

export { findAnchor } from './find-anchor';
export { type CheckedOwnPattern, checkOwnPattern, type OwnPatternProblem } from './own';
export { ownPatternFrom } from './own-from-address';
export type { BuiltInPortal, SubscriptionPage } from './portal';

/** Every portal known from the start, in the order in which people are shown them. */
export const builtInPortals: readonly BuiltInPortal[] = [azure, accountCentre, microsoft365Admin];

const BACKSLASH_BEFORE_QUERY = /^[^?#]*\\/;
const OWN_ANCHORS: readonly string[] = ['main', '[role="main"]'];

/**
 * The subscription's page that an address is: a pure function of both. Null when it is none, or when its portal is switched
 * off. Never throws, whatever the address and the own patterns are.
 */
export function recognise(address: string, portals: PortalSettings): SubscriptionPage | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  // Browsers take user names out of a page's address and write a slash for a backslash: one that holds them is no page's, but
  // made to mislead.
  if (url.username !== '' || url.password !== '' || BACKSLASH_BEFORE_QUERY.test(address)) return null;

  const builtIn = servedBuiltIns(portals).find(
    (portal) => url.protocol === 'https:' && portal.hosts.includes(url.host),
  );
  const shown = builtIn?.shownAt(url);
  if (builtIn && shown) return { portal: builtIn.id, ...shown };

  for (const pattern of portals.own) {
    const subscriptionId = subscriptionByPattern(pattern, url.href);
    if (subscriptionId) return { portal: 'own', subscriptionId, tenant: null };
  }
  return null;
}

/** Whether the address still is a page of that subscription, on a portal that is served. */
export function isPageOf(address: string, subscriptionId: SubscriptionId, portals: PortalSettings): boolean {
  return recognise(address, portals)?.subscriptionId === subscriptionId;
}

/** The origins of a built-in portal. */
export function builtInOrigins({ hosts }: BuiltInPortal): string[] {
  return hosts.map((host) => `https://${host}`);
}

/** Whether that origin (as in a message's `sender.origin`) is one of a served portal. */
export function isPortalOrigin(origin: string, portals: PortalSettings): boolean {
  return servedOrigins(portals).includes(origin);
}

/**
 * Match patterns of all served portals, without repeats, for `tabs.query`, `scripting` and `permissions`. They name no port:
 * Firefox refuses one (MDN, Match patterns), and without it every port matches in both browsers; {@link recognise} looks at the port.
 */
export function matchPatterns(portals: PortalSettings): string[] {
  return [...new Set(servedOrigins(portals).map(matchPatternOf))];
}

/** The match pattern that covers an origin such as `http://localhost:5173`, on every port. */
export function matchPatternOf(origin: string): string {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}/*`;
}

/** The hosts of all portals that people may come back to: those switched off, too, since that is no removal. */
export function knownHosts(portals: PortalSettings): string[] {
  return servedOrigins({ ...portals, off: [] }).map((origin) => new URL(origin).host);
}

/** CSS selectors of the places where the panel goes inline, best first; see {@link findAnchor} for the choice among them. */
export function anchorsFor(portal: SubscriptionPage['portal']): readonly string[] {
  return builtInPortals.find(({ id }) => id === portal)?.anchors ?? OWN_ANCHORS;
}

/**
 * The address of a subscription's page: in the built-in portal for its kind, in the cloud and tenant that `place` names, or
 * else in the first portal of one's own whose pattern says enough. Null when no portal that is switched on has such a page.
 * {@link recognise} leads back from it to the same subscription.
 */
export function pageOf(
  { subscriptionId, service }: { readonly subscriptionId: SubscriptionId; readonly service: CloudService },
  place: Place,
  portals: PortalSettings,
): string | null {
  const builtIns = servedBuiltIns(portals).filter(({ services }) => services.includes(service));
  // The built-in portals know no other IDs.
  const pages =
    subscriptionGuid(subscriptionId) === null ? [] : builtIns.map((one) => one.pageOf(subscriptionId, place));
  const page = pages.find((one) => one !== null) ?? null;
  if (page !== null) return page;
  // A pattern takes far longer, and a list has tens of thousands of rows.
  for (const pattern of portals.own) {
    const own = ownPageOf(pattern, subscriptionId);
    if (own !== null) return own;
  }
  return null;
}

function servedBuiltIns({ off }: { readonly off: readonly BuiltInPortalId[] }): readonly BuiltInPortal[] {
  return builtInPortals.filter(({ id }) => !off.includes(id));
}

function servedOrigins(portals: PortalSettings): string[] {
  const builtIn = servedBuiltIns(portals).flatMap(builtInOrigins);
  const own = portals.own.map(originOfPattern).filter((origin) => origin !== null);
  return [...builtIn, ...own];
}
