import { type Kysely, sql } from 'kysely';
import type { PartnerId } from '../../../src/domain/partner';
import type { CloudService } from '../../../src/domain/cloud-service';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { Schema } from '../database/schema';

/** A month's use of one service, as consumption or as seats. */
interface MonthOfUse {
  readonly month: string;
  readonly service: CloudService;
  readonly amount?: number;
  readonly currency?: string;
  readonly seats?: number;
}

/** All that a partner sees of a subscription (the domain's rule 7), and no more. */
export interface PartnerSubscription {
  readonly customer: { readonly id: string; readonly name: string };
  readonly subscriptionId: SubscriptionId;
  readonly displayName: string;
  readonly service: CloudService;
  readonly startDate: string;
  readonly endDate: string;
  readonly associatedAt: string;
  readonly usage: readonly MonthOfUse[];
}

/** The subscriptions that name the partner now, by name, beginning behind a position. */
export async function listPartnerSubscriptions(
  db: Kysely<Schema>,
  partnerId: PartnerId,
  after: readonly [string, string] | null,
  limit: number,
): Promise<PartnerSubscription[]> {
  const rows = await db
    .selectFrom('subscriptions')
    .innerJoin('customers', 'customers.customer_id', 'subscriptions.customer_id')
    .where('partner_id', '=', partnerId)
    .$if(after !== null, (query) =>
      query.where(sql<boolean>`(display_name, subscription_id) > (${after?.[0]}, ${after?.[1]})`),
    )
    .orderBy('display_name')
    .orderBy('subscription_id')
    .limit(limit)
    .select([
      'subscriptions.customer_id',
      'customers.name as customer_name',
      'subscription_id',
      'display_name',
      'service',
      'start_date',
      'end_date',
      'assigned_at',
    ])
    .$narrowType<{ assigned_at: Date }>()
    .execute();
  const usage = await usageOf(
    db,
    rows.map((row) => row.subscription_id),
  );
  return rows.map((row) => ({
    customer: { id: row.customer_id, name: row.customer_name },
    subscriptionId: row.subscription_id,
    displayName: row.display_name,
    service: row.service,
    startDate: row.start_date.toISOString(),
    endDate: row.end_date.toISOString(),
    associatedAt: row.assigned_at.toISOString(),
    usage: usage.get(row.subscription_id) ?? [],
  }));
}

/** The sums over all meters, by month, service and currency: no single meter is shown. */
async function usageOf(
  db: Kysely<Schema>,
  ids: readonly SubscriptionId[],
): Promise<ReadonlyMap<SubscriptionId, MonthOfUse[]>> {
  const usage = new Map<SubscriptionId, MonthOfUse[]>();
  if (ids.length === 0) return usage;
  const rows = await db
    .selectFrom('usage')
    .where('subscription_id', 'in', ids)
    .groupBy(['subscription_id', 'month', 'service', 'currency'])
    .orderBy('month')
    .orderBy('service')
    .orderBy('currency')
    .select(['subscription_id', 'month', 'service', 'currency'])
    .select(({ fn }) => [fn.sum<string | null>('amount').as('amount'), fn.sum<string | null>('seats').as('seats')])
    .execute();
  for (const { subscription_id, month, service, amount, currency, seats } of rows) {
    const months = usage.get(subscription_id) ?? [];
    months.push({
      month,
      service,
      ...(amount !== null && { amount: Number(amount) }),
      ...(currency !== null && { currency }),
      ...(seats !== null && { seats: Number(seats) }),
    });
    usage.set(subscription_id, months);
  }
  return usage;
}
