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
      'subscriptions.service',
      'start_date',
      'end_date',
      'assigned_at',
    ])
    .select(METERED.as('metered'))
    .$narrowType<{ assigned_at: Date }>()
    .execute();
  return rows.map((row) => ({
    customer: { id: row.customer_id, name: row.customer_name },
    subscriptionId: row.subscription_id,
    displayName: row.display_name,
    service: row.service,
    startDate: row.start_date.toISOString(),
    endDate: row.end_date.toISOString(),
    associatedAt: row.assigned_at.toISOString(),
    usage: sumsOf(row.metered),
  }));
}

/** What was metered of one subscription, column by column: its months, services, currencies, amounts and seats. */
type Metered = readonly [
  months: readonly string[],
  services: readonly CloudService[],
  currencies: readonly (string | null)[],
  amounts: readonly (string | null)[],
  seats: readonly (number | null)[],
];

/**
 * As one value of the subscription's row, for a page has thousands of such rows: to group them there, and to take them in one by one,
 * takes several times as long as all else of the page. What belongs together stands side by side.
 */
const METERED = sql<Metered | null>`(
  select json_build_array(json_agg(month), json_agg(service), json_agg(currency), json_agg(amount::text), json_agg(seats))
  from (
    select month, service, currency, amount, seats from usage
    where usage.subscription_id = subscriptions.subscription_id order by month, service, currency
  ) metered
  having count(*) > 0)`;

/** The sums over all meters, by month, service and currency: no single meter is shown. */
function sumsOf(metered: Metered | null): MonthOfUse[] {
  if (metered === null) return [];
  const [months, services, currencies, amounts, seats] = metered;
  const sums: MonthOfUse[] = [];
  for (let from = 0, to = 1; from < months.length; from = to++) {
    const [month, service, currency] = [months[from], services[from], currencies[from]];
    if (month === undefined || service === undefined) throw new Error('Every column has a value in every row.');
    while (months[to] === month && services[to] === service && currencies[to] === currency) to++;
    // Set one by one: a page has thousands of these, and whatever else is made for each of them is to be cleared away.
    const sum: { -readonly [Key in keyof MonthOfUse]: MonthOfUse[Key] } = { month, service };
    const amount = to - from === 1 ? numberOf(amounts[from]) : sumOfAmounts(amounts.slice(from, to));
    if (amount !== null) sum.amount = amount;
    if (typeof currency === 'string') sum.currency = currency;
    for (let row = from; row < to; row++) {
      const more = seats[row];
      if (typeof more === 'number') sum.seats = (sum.seats ?? 0) + more;
    }
    sums.push(sum);
  }
  return sums;
}

const numberOf = (amount: string | null | undefined) => (typeof amount === 'string' ? Number(amount) : null);

/** In whole hundredths, of which the texts have all, so that no cent is lost on the way; null where nothing is an amount. */
function sumOfAmounts(amounts: readonly (string | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  if (known.length < 2) return numberOf(known[0]);
  const hundredths = known.reduce((sum, amount) => sum + BigInt(amount.replace('.', '')), 0n);
  return Number(`${hundredths}e-2`);
}
