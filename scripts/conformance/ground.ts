import { randomInt, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import {
  type Answer,
  type Call,
  type Client,
  must,
  NotChecked,
  pageOf,
  partnerSchema,
  recordOf,
  recordSchema,
  type SubscriptionRecord,
} from './client';

export interface Partner {
  readonly partnerId: string;
  readonly name: string;
}

export interface Wishes {
  /** The subscription to work on; one in which the caller may change the partner is looked for when it is not said. */
  readonly subscriptionId?: string;
  /** Partner IDs to assign; looked for among the subscriptions' partners when fewer than two are said. */
  readonly partnerIds: readonly string[];
  /** Another caller who may change the partner of the same subscription. */
  readonly otherToken?: string;
  /** One of a partner's own people. */
  readonly partnerToken?: string;
}

const MAX_ROWS = 5000;
const TRIES_FOR_UNKNOWN = 20;

/** What a change is sent with beside the partner; what is not said is what a caller would rightly send, null is left out. */
export interface ChangeWish {
  readonly id?: string;
  readonly token?: string | null;
  readonly key?: string | null;
  readonly ifMatch?: string | null;
  readonly body?: unknown;
}

/**
 * Finds what the checks stand on: a subscription in which the caller may change the partner, two partners to assign, and
 * what nobody has. Throws Broken or NotChecked with what is missing.
 */
export async function prepareGround(client: Client, wishes: Wishes) {
  const { call } = client;
  const listed = await listAll('/subscriptions?pageSize=200');
  const { otherToken } = wishes;
  const listedForOther = otherToken === undefined ? [] : await listAll('/subscriptions?pageSize=200', otherToken);
  const freeForOther = new Set(listedForOther.filter(mayChange).map(({ subscriptionId }) => subscriptionId));
  // Where both callers may change the partner comes first, and among those where there is none yet.
  const free = listed.filter(mayChange).toSorted((a, b) => rank(b) - rank(a));
  const wanted = wishes.subscriptionId?.toLowerCase();
  const subject =
    wanted === undefined ? free[0] : free.find(({ subscriptionId }) => subscriptionId.toLowerCase() === wanted);
  if (subject === undefined) {
    throw new NotChecked(
      wanted === undefined
        ? 'No subscription is listed in which this caller may change the partner: nothing can be checked.'
        : `${wanted} is not listed among the subscriptions in which this caller may change the partner.`,
    );
  }
  const [first, second] = await findPartners();
  const unknownPartner = await findUnknownPartner();
  const unknownSubscription = randomUUID();

  function rank({ subscriptionId, partnerOfRecord }: SubscriptionRecord): number {
    return (freeForOther.has(subscriptionId) ? 2 : 0) + (partnerOfRecord === null ? 1 : 0);
  }

  /** Every row of a list, page after page. */
  async function listAll(address: string, token?: string): Promise<SubscriptionRecord[]> {
    const rows: SubscriptionRecord[] = [];
    for (let link: string | undefined = address; link !== undefined; ) {
      const page: { rows: SubscriptionRecord[]; nextLink: string | undefined } = pageOf(
        await call('GET', link, token === undefined ? {} : { token }),
        recordSchema,
      );
      rows.push(...page.rows);
      if (rows.length >= MAX_ROWS) throw new NotChecked(`more than ${MAX_ROWS} subscriptions are listed`);
      must(page.nextLink !== link, `${address} has a nextLink to itself`);
      link = page.nextLink;
    }
    return rows;
  }

  async function findPartners(): Promise<[Partner, Partner]> {
    const found: Partner[] = [];
    const inUse = listed.flatMap(({ partnerOfRecord }) => partnerOfRecord?.partnerId ?? []);
    for (const partnerId of new Set([...(await ownPartner()), ...wishes.partnerIds, ...inUse])) {
      const answer = await call('GET', `/partners/${partnerId}`);
      const partner = v.safeParse(partnerSchema, answer.json);
      if (answer.status === 200 && partner.success) found.push(partner.output);
      const [one, other] = found;
      if (one !== undefined && other !== undefined) return [one, other];
    }
    throw new NotChecked('Two partners are needed and were not found: name them with --partner ID --partner ID.');
  }

  /** The partner whose own people the partner's caller is one of, if there is such a caller and `/me` says so. */
  async function ownPartner(): Promise<string[]> {
    if (wishes.partnerToken === undefined) return [];
    const { json } = await call('GET', '/me', { token: wishes.partnerToken });
    const me = v.safeParse(v.object({ partnerId: v.string() }), json);
    return me.success ? [me.output.partnerId] : [];
  }

  async function findUnknownPartner(): Promise<string> {
    for (let tries = 0; tries < TRIES_FOR_UNKNOWN; tries++) {
      const partnerId = String(randomInt(1_000_000_000, 9_999_999_999));
      if ((await call('GET', `/partners/${partnerId}`)).status !== 200) return partnerId;
    }
    throw new NotChecked('Every Partner ID that was tried is answered 200: there is none that nobody has.');
  }

  const pathOf = (id: string) => `/subscriptions/${encodeURIComponent(id)}`;
  const path = pathOf(subject.subscriptionId);

  async function readRecord(token?: string): Promise<SubscriptionRecord> {
    return recordOf(await call('GET', path, token === undefined ? {} : { token }));
  }

  async function change(method: string, wish: ChangeWish, body: unknown): Promise<Answer> {
    const { id = subject?.subscriptionId ?? '', token, key = randomUUID() } = wish;
    const ifMatch = wish.ifMatch === undefined ? (await readRecord(token ?? undefined)).etag : wish.ifMatch;
    const headers = { 'idempotency-key': key ?? undefined, 'if-match': ifMatch ?? undefined };
    const more: Call = { headers, body, ...(token !== undefined && { token }) };
    return call(method, `${pathOf(id)}/partnerOfRecord`, more);
  }

  const put = (partnerId: string, wish: ChangeWish = {}) =>
    change('PUT', wish, 'body' in wish ? wish.body : { partnerId });
  const remove = (wish: ChangeWish = {}) => change('DELETE', wish, undefined);

  /** Makes the subscription have that partner, or none, whatever it has now. */
  async function bringTo(partnerId: string | null): Promise<SubscriptionRecord> {
    const present = await readRecord();
    if ((present.partnerOfRecord?.partnerId ?? null) === partnerId) return present;
    const record = recordOf(partnerId === null ? await remove() : await put(partnerId));
    must(
      (record.partnerOfRecord?.partnerId ?? null) === partnerId,
      `the subscription could not be brought to ${partnerId ?? 'no partner'}`,
    );
    return record;
  }

  return {
    ...client,
    otherMayChange: freeForOther.has(subject.subscriptionId),
    ...wishes,
    listed,
    listAll,
    subject,
    path,
    readOnly: listed.find(({ caller }) => !caller.canChangePartner),
    first,
    second,
    unknownPartner,
    unknownSubscription,
    readRecord,
    put,
    remove,
    bringTo,
  };
}

function mayChange({ caller }: SubscriptionRecord): boolean {
  return caller.canChangePartner;
}

export type Ground = Awaited<ReturnType<typeof prepareGround>>;
