import type { Cloud, Place } from '../domain/place';
import type { CloudService } from '../domain/cloud-service';
import type { BuiltInPortalId } from '../domain/portal';
import type { SubscriptionId } from '../domain/subscription';
import type { DetectorWord } from './detector-words';

/** A portal that the extension knows from the start: all that there is to know about it. */
export interface BuiltInPortal {
  readonly id: BuiltInPortalId;
  /** Served over https on the default port only. */
  readonly hosts: readonly string[];
  /** By what the detect script knows an address that {@link BuiltInPortal.shownAt} is to read. */
  readonly detectorWord: DetectorWord;
  /** CSS selectors of the places where a panel goes inline, best first; of several matches the last visible one. */
  readonly anchors: readonly string[];
  /**
   * What an address on one of the hosts shows: a subscription, and the place that the address names; null when the page is not a
   * subscription's. It forgives the spelling of an address, and is exact about what the page is.
   */
  readonly shownAt: (url: URL) => ShownSubscription | null;
  /** The kinds of subscription that have a page here. */
  readonly services: readonly CloudService[];
  /** The address of that subscription's page, which recognition leads back to; null where that cloud has no such portal. */
  readonly pageOf: (subscriptionId: SubscriptionId, place: Place) => string | null;
}

export interface ShownSubscription extends Place {
  readonly subscriptionId: SubscriptionId;
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
