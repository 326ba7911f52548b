import * as v from 'valibot';
import { browser } from '../platform/browser';

/** Where a link was found to count. */
export interface LinkPlaceMet {
  /** Whose link it is: a home account ID. */
  readonly user: string;
  /** The ID of the tenant. */
  readonly tenant: string;
  /** What people call the tenant; null where nobody told. */
  readonly name: string | null;
  readonly isDelegated: boolean;
}

/**
 * Where links were found to count, by the page that asked. In `storage.session`: it outlives a worker that is killed, ends with the
 * browser, and no content script reaches it.
 */
const KEY = 'linkPlaces';
const MOST = 200;

const placeSchema = v.object({
  user: v.string(),
  tenant: v.string(),
  name: v.nullable(v.string()),
  isDelegated: v.boolean(),
}) satisfies v.GenericSchema<unknown, LinkPlaceMet>;
const placesSchema = v.array(v.object({ page: v.string(), place: placeSchema }));

/** Nothing that can be read counts as nothing met yet: only the worker of this version writes it. */
async function readAll(): Promise<v.InferOutput<typeof placesSchema>> {
  const parsed = v.safeParse(placesSchema, (await browser.storage.session.get(KEY))[KEY]);
  return parsed.success ? parsed.output : [];
}

/**
 * Of each account.
 * @param page one text for each page
 */
export async function readLinkPlaces(page: string): Promise<readonly LinkPlaceMet[]> {
  return (await readAll()).filter((one) => one.page === page).map(({ place }) => place);
}

/** In the place of what was noted for that account there. Only the worker calls it. */
export async function writeLinkPlace(page: string, place: LinkPlaceMet): Promise<void> {
  const others = (await readAll()).filter((one) => one.page !== page || one.place.user !== place.user);
  await browser.storage.session.set({ [KEY]: [...others, { page, place }].slice(-MOST) });
}
