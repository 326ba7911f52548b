import * as v from 'valibot';
import { CLOUD_SERVICES } from '../../src/domain/cloud-service';
import { visibleText } from '../../src/domain/visible-text';
import { Trouble } from './trouble';

const meSchema = v.object({
  name: v.string(),
  organization: v.string(),
  /** Whom to ask. */
  support: v.optional(v.string()),
  partnerId: v.optional(v.string()),
});
export type Me = v.InferOutput<typeof meSchema>;

const usageSchema = v.object({
  month: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}$/)),
  service: v.picklist(CLOUD_SERVICES),
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
  service: v.picklist(CLOUD_SERVICES),
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

/** What there is to show to whoever an access token belongs to. */
export interface View {
  readonly me: Me;
  /** Null for someone who is not of a partner. */
  readonly partner: Partner | null;
}

/** A partner, with what its customers share. */
export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly subscriptions: readonly Shared[];
  /** The month in which all this was read, such as `2026-03`: it has not ended. */
  readonly month: string;
}

/**
 * Reads everything the page shows, over all pages of the list.
 * @throws {SignedOut} @throws {Trouble}
 */
export async function readView(token: string): Promise<View> {
  const base = new URL('v1/', document.baseURI);
  const { body: me } = await read(new URL('me', base), token, meSchema);
  const { partnerId: id } = me;
  if (id === undefined) return { me, partner: null };
  const { body, at } = await read(new URL(`partners/${encodeURIComponent(id)}`, base), token, partnerSchema);
  const subscriptions: Shared[] = [];
  const address = new URL(`partners/${encodeURIComponent(id)}/subscriptions?pageSize=200`, base);
  for (let more = true; more; ) {
    const {
      body: { value, nextLink },
    } = await read(address, token, sharedPage);
    subscriptions.push(...value);
    // Only the place in the list is taken from the link: the token goes to no other address.
    const cursor = nextLink === undefined ? null : new URL(nextLink, base).searchParams.get('cursor');
    if (cursor !== null) address.searchParams.set('cursor', cursor);
    more = cursor !== null;
  }
  return { me, partner: { id, name: body.name, subscriptions, month: at.toISOString().slice(0, 7) } };
}

/** `at`: when the service answered, by its own clock. */
async function read<T>(
  url: URL,
  token: string,
  schema: v.GenericSchema<unknown, T>,
): Promise<{ readonly body: T; readonly at: Date }> {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    credentials: 'omit',
    redirect: 'error',
    cache: 'no-store',
  }).catch(() => {
    throw new Trouble({ code: 'noAnswer' });
  });
  if (response.status === 401) throw new SignedOut();
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) {
    const refusal = v.safeParse(errorSchema, body);
    if (!refusal.success) throw new Trouble({ code: 'unreadable' });
    throw new Trouble({
      code: 'refused',
      said: visibleText(refusal.output.error.message),
      requestId: response.headers.get('x-request-id'),
    });
  }
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) throw new Trouble({ code: 'unreadable' });
  const sentAt = new Date(response.headers.get('date') ?? Number.NaN);
  return { body: parsed.output, at: Number.isNaN(sentAt.getTime()) ? new Date() : sentAt };
}
