import * as v from 'valibot';
import { CLOUDS, type KnownPlaces, type Place, withPlace } from '../domain/place';
import { subscriptionIdSchema } from '../domain/schemas';
import type { SubscriptionId } from '../domain/subscription';
import { browser } from '../platform/browser';

/**
 * Which subscriptions were met where is in `storage.session`, which ends with the browser and which no content script reaches.
 * The cloud alone, which tells of none of them, stays in `storage.local`.
 */
const MET_KEY = 'placesMet';
const CLOUD_KEY = 'cloud';

const cloudSchema = v.picklist(CLOUDS);
const metSchema = v.array(
  v.object({
    subscriptionId: subscriptionIdSchema,
    place: v.object({ cloud: cloudSchema, tenant: v.nullable(v.string()) }),
  }),
) satisfies v.GenericSchema<unknown, KnownPlaces['met']>;

/** Nothing that can be read counts as nothing met yet: only the worker of this version writes it. */
export async function readPlaces(): Promise<KnownPlaces> {
  const [session, local] = await Promise.all([
    browser.storage.session.get(MET_KEY),
    browser.storage.local.get(CLOUD_KEY),
  ]);
  const met = v.safeParse(metSchema, session[MET_KEY]);
  const cloud = v.safeParse(cloudSchema, local[CLOUD_KEY]);
  return { cloud: cloud.success ? cloud.output : 'public', met: met.success ? met.output : [] };
}

/** Notes where a subscription's page was met. Only the worker calls it. */
export async function notePlace(subscriptionId: SubscriptionId, place: Place): Promise<void> {
  const before = await readPlaces();
  const known = withPlace(before, subscriptionId, place);
  if (known.met !== before.met) await browser.storage.session.set({ [MET_KEY]: known.met });
  if (known.cloud !== before.cloud) await browser.storage.local.set({ [CLOUD_KEY]: known.cloud });
}
