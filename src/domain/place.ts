import type { SubscriptionId } from './subscription';

/** Microsoft's clouds, each with portals of its own. */
export const CLOUDS = ['public', 'usGovernment', 'usDefence', 'china'] as const;
export type Cloud = (typeof CLOUDS)[number];

/** Where a subscription is kept, as far as the addresses of its pages tell. */
export interface Place {
  readonly cloud: Cloud;
  /** As `parseTenant` spells it; null: whichever the person is signed in to. */
  readonly tenant: string | null;
}

/** Where subscriptions were met on their portals' pages. */
export interface KnownPlaces {
  /** Where the person was last. */
  readonly cloud: Cloud;
  /** The newest last. */
  readonly met: readonly { readonly subscriptionId: SubscriptionId; readonly place: Place }[];
}

/** Where a subscription's page is to be looked for: where it was met, or else in the cloud where the person was last. */
export function placeOf(subscriptionId: SubscriptionId, { cloud, met }: KnownPlaces): Place {
  return met.findLast((one) => one.subscriptionId === subscriptionId)?.place ?? { cloud, tenant: null };
}

const MOST_MET = 500;

/** What is known after a subscription was met; the same object when that is nothing new. */
export function withPlace(known: KnownPlaces, subscriptionId: SubscriptionId, place: Place): KnownPlaces {
  const before = known.met.find((one) => one.subscriptionId === subscriptionId)?.place;
  const isKnown = before?.cloud === place.cloud && before.tenant === place.tenant;
  if (isKnown && known.cloud === place.cloud) return known;
  const others = known.met.filter((one) => one.subscriptionId !== subscriptionId);
  return { cloud: place.cloud, met: [...others, { subscriptionId, place }].slice(-MOST_MET) };
}
