import { type Kysely, sql, type Transaction } from 'kysely';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { SignedIn } from '../callers/signed-in';
import type { Schema } from '../database/schema';
import type { SubscriptionState } from './records';
import { planSearch } from './search-repository';

/** The statement for the subscriptions in which the caller has a role; those of others are as good as absent. */
function selectSubscriptions(db: Kysely<Schema>, caller: SignedIn) {
  return db
    .selectFrom('caller_roles')
    .innerJoin('subscriptions', 'subscriptions.subscription_id', 'caller_roles.subscription_id')
    .innerJoin('customers', 'customers.customer_id', 'subscriptions.customer_id')
    .leftJoin('partners', 'partners.partner_id', 'subscriptions.partner_id')
    .where('caller_roles.principal_id', '=', caller.principalId)
    .select([
      'subscriptions.subscription_id',
      'subscriptions.display_name',
      'subscriptions.service',
      'subscriptions.state',
      'subscriptions.start_date',
      'subscriptions.end_date',
      'subscriptions.customer_id',
      'customers.name as customer_name',
      'caller_roles.role',
      'subscriptions.revision',
      'subscriptions.partner_id',
      'partners.name as partner_name',
      'subscriptions.assigned_at',
      'subscriptions.assigned_by',
      'subscriptions.assigned_by_id',
    ]);
}

type SubscriptionRow = Awaited<ReturnType<ReturnType<typeof selectSubscriptions>['executeTakeFirstOrThrow']>>;

function toState(row: SubscriptionRow): SubscriptionState {
  return {
    subscriptionId: row.subscription_id,
    displayName: row.display_name,
    service: row.service,
    state: row.state,
    startDate: row.start_date,
    endDate: row.end_date,
    customerId: row.customer_id,
    customerName: row.customer_name,
    role: row.role,
    revision: row.revision,
    partner:
      row.partner_id === null || row.partner_name === null
        ? null
        : { partnerId: row.partner_id, name: row.partner_name },
    assignedAt: row.assigned_at,
    assignedBy: row.assigned_by,
    assignedById: row.assigned_by_id,
  };
}

/** One subscription as the caller sees it; null when there is none or the caller has no role in it. */
export async function readSubscription(
  db: Kysely<Schema>,
  caller: SignedIn,
  id: SubscriptionId,
): Promise<SubscriptionState | null> {
  const row = await selectSubscriptions(db, caller).where('subscriptions.subscription_id', '=', id).executeTakeFirst();
  return row === undefined ? null : toState(row);
}

/** Those of the caller's subscriptions that hold the text, by name, beginning behind a position. */
export async function listSubscriptions(
  db: Kysely<Schema>,
  caller: SignedIn,
  {
    filter,
    after,
    limit,
  }: { readonly filter: string; readonly after: readonly [string, string] | null; readonly limit: number },
): Promise<SubscriptionState[]> {
  const search = filter === '' ? null : await planSearch(db, filter);
  const all = selectSubscriptions(db, caller)
    .$if(search !== null, (query) => query.where(search?.condition ?? sql<boolean>`true`))
    .$if(after !== null, (query) =>
      query.where(
        sql<boolean>`(subscriptions.display_name, subscriptions.subscription_id) > (${after?.[0]}, ${after?.[1]})`,
      ),
    )
    // A fence, so that the order and the limit do not tempt the database into going through all by name.
    .$if(search?.way === 'collected', (query) => query.offset(0));
  const rows = await db
    .selectFrom(all.as('found'))
    .selectAll()
    .orderBy('display_name')
    .orderBy('subscription_id')
    .limit(limit)
    .execute();
  return rows.map(toState);
}

/** Waits until nobody else is changing the subscription, then reads it; null when the caller sees none. */
export async function lockSubscription(
  trx: Transaction<Schema>,
  caller: SignedIn,
  id: SubscriptionId,
): Promise<SubscriptionState | null> {
  // A statement of its own: one that joined the partner and then waited for the lock would show the partner of before.
  await trx
    .selectFrom('subscriptions')
    .where('subscription_id', '=', id)
    .select('subscription_id')
    .forUpdate()
    .execute();
  return readSubscription(trx, caller, id);
}

/** Writes who is the partner of record from now on, and who made it so. */
export async function writePartner(
  trx: Transaction<Schema>,
  id: SubscriptionId,
  wanted: Pick<SubscriptionState, 'partner' | 'revision' | 'assignedAt' | 'assignedBy' | 'assignedById'>,
): Promise<void> {
  await trx
    .updateTable('subscriptions')
    .set({
      partner_id: wanted.partner?.partnerId ?? null,
      assigned_at: wanted.assignedAt,
      assigned_by: wanted.assignedBy,
      assigned_by_id: wanted.assignedById,
      revision: wanted.revision,
    })
    .where('subscription_id', '=', id)
    .execute();
}
