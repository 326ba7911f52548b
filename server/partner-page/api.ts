import * as v from 'valibot';
import { SERVICES } from '../../src/domain/subscription';
import { TEXT } from './strings';

const meSchema = v.object({ name: v.string(), organization: v.string(), partnerId: v.optional(v.string()) });
export type Me = v.InferOutput<typeof meSchema>;

const usageSchema = v.object({
  month: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/)),
  service: v.picklist(SERVICES),
  amount: v.optional(v.number()),
  currency: v.optional(v.string()),
  seats: v.optional(v.number()),
});
export type Usage = v.InferOutput<typeof usageSchema>;

const date = v.pipe(v.string(), v.isoTimestamp());
const sharedSchema = v.object({
  customer: v.object({ id: v.string(), name: v.string() }),
  subscriptionId: v.string(),
  displayName: v.string(),
  service: v.picklist(SERVICES),
  startDate: date,
  endDate: date,
  associatedAt: date,
  usage: v.array(usageSchema),
});
/** One subscription, as far as its customer shares it with the partner. */
export type Shared = v.InferOutput<typeof sharedSchema>;

const sharedPage = v.object({ value: v.array(sharedSchema), nextLink: v.optional(v.string()) });
const partnerSchema = v.object({ name: v.string() });
const errorSchema = v.object({ error: v.object({ message: v.string() }) });

/** The access token is no good, or not any more. */
export class SignedOut extends Error {}
/** Anything else that went wrong; the message is for the person. */
export class Trouble extends Error {}

/** What there is to show to whoever an access token belongs to. */
export interface View {
  readonly me: Me;
  /** Null for someone who is not of a partner. */
  readonly partner: { readonly id: string; readonly name: string; readonly subscriptions: readonly Shared[] } | null;
}

/**
 * Reads everything the page shows, over all pages of the list.
 * @throws {SignedOut} @throws {Trouble}
 */
export async function readView(token: string): Promise<View> {
  const base = new URL('v1/', document.baseURI);
  const me = await read(new URL('me', base), token, meSchema);
  const { partnerId: id } = me;
  if (id === undefined) return { me, partner: null };
  const { name } = await read(new URL(`partners/${encodeURIComponent(id)}`, base), token, partnerSchema);
  const subscriptions: Shared[] = [];
  const address = new URL(`partners/${encodeURIComponent(id)}/subscriptions?pageSize=200`, base);
  for (let more = true; more; ) {
    const { value, nextLink } = await read(address, token, sharedPage);
    subscriptions.push(...value);
    // Only the place in the list is taken from the link: the token goes to no other address.
    const cursor = nextLink === undefined ? null : new URL(nextLink, base).searchParams.get('cursor');
    if (cursor !== null) address.searchParams.set('cursor', cursor);
    more = cursor !== null;
  }
  return { me, partner: { id, name, subscriptions } };
}

async function read<T>(url: URL, token: string, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    credentials: 'omit',
    redirect: 'error',
    cache: 'no-store',
  }).catch(() => {
    throw new Trouble(TEXT.noAnswer);
  });
  if (response.status === 401) throw new SignedOut();
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const refusal = v.safeParse(errorSchema, body);
    const message = refusal.success ? refusal.output.error.message : TEXT.unreadable;
    throw new Trouble(TEXT.refused(message, response.headers.get('x-request-id')));
  }
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) throw new Trouble(TEXT.unreadable);
  return parsed.output;
}
