import type { BuiltInPortalId } from '../domain/settings';
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
  /** The address of that subscription's page in the portal's public cloud. */
  readonly addressOf: (subscriptionId: SubscriptionId) => string;
}

/** A page that shows one subscription. */
export interface SubscriptionPage {
  readonly portal: BuiltInPortalId | 'own';
  readonly subscriptionId: SubscriptionId;
}
