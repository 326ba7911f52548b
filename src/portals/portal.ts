import type { Cloud, Place } from '../domain/place';
import type { BuiltInPortalId } from '../domain/settings';
import type { Service, SubscriptionId } from '../domain/subscription';

/** A portal that the extension knows from the start. */
export interface BuiltInPortal {
  readonly id: BuiltInPortalId;
  /** Served over https on the default port only. */
  readonly hosts: readonly string[];
  /** CSS selectors of the places where a panel goes inline, best first; of several matches the last visible one. */
  readonly anchors: readonly string[];
  /** The subscription that an address on one of the hosts shows, or null. */
  readonly subscriptionAt: (url: URL) => SubscriptionId | null;
  /** The place that such an address names by its host and, where the portal's addresses have one, by their tenant. */
  readonly placeAt: (url: URL) => Place;
  /** The kinds of subscription that have a page here. */
  readonly services: readonly Service[];
  /** The address of that subscription's page, which recognition leads back to; null where that cloud has no such portal. */
  readonly pageOf: (subscriptionId: SubscriptionId, place: Place) => string | null;
}

/** A page that shows one subscription. */
export type SubscriptionPage = {
  readonly subscriptionId: SubscriptionId;
  /** The tenant that the address names, as `parseTenant` spells it; null where it names none. */
  readonly tenant: string | null;
} & (
  | { readonly portal: BuiltInPortalId; readonly cloud: Cloud }
  // In which cloud a portal of one's own is nobody knows.
  | { readonly portal: 'own' }
);
