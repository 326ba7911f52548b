import type { Place } from '../domain/place';
import type { BuiltInPortalId } from '../domain/settings';
import type { CloudService } from '../domain/cloud-service';
import type { SubscriptionId } from '../domain/subscription';

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
  readonly services: readonly CloudService[];
  /** The address of that subscription's page, which recognition leads back to; null where that cloud has no such portal. */
  readonly pageOf: (subscriptionId: SubscriptionId, place: Place) => string | null;
}

/** A page that shows one subscription. Of a portal of one's own nobody knows in which cloud it is. */
export type SubscriptionPage =
  | { readonly portal: BuiltInPortalId; readonly subscriptionId: SubscriptionId; readonly place: Place }
  | { readonly portal: 'own'; readonly subscriptionId: SubscriptionId };
