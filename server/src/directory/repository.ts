import type { Kysely, Selectable, Transaction } from 'kysely';
import type { PartnerId } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { Table } from '../database/portions';
import type {
  CallerRolesTable,
  CallersTable,
  CustomersTable,
  Schema,
  SubscriptionsTable,
  UsageTable,
} from '../database/schema';
import { searchColumns } from '../database/search';
import { recordEffect } from '../subscriptions/changes-repository';
import type { Directory } from './directory';

/** Those of the IDs that partners have. */
export function partnersAmong(db: Kysely<Schema>, ids: readonly PartnerId[]) {
  return db.selectFrom('partners').where('partner_id', 'in', ids).select('partner_id as id').execute();
}

/** Those of the IDs that customers have. */
export function customersAmong(db: Kysely<Schema>, ids: readonly string[]) {
  return db.selectFrom('customers').where('customer_id', 'in', ids).select('customer_id as id').execute();
}

/** Those of the IDs that callers have. */
export function callersAmong(db: Kysely<Schema>, ids: readonly string[]) {
  return db.selectFrom('callers').where('principal_id', 'in', ids).select('principal_id as id').execute();
}

/** Which of the subscriptions the service does not have. */
export async function newAmong(
  db: Kysely<Schema>,
  entries: Directory['subscriptions'],
): Promise<ReadonlySet<SubscriptionId>> {
  const ids = new Set(entries.map(({ subscriptionId }) => subscriptionId));
  if (ids.size === 0) return ids;
  const rows = await db
    .selectFrom('subscriptions')
    .where('subscription_id', 'in', [...ids])
    .select('subscription_id')
    .execute();
  for (const { subscription_id } of rows) ids.delete(subscription_id);
  return ids;
}

export function wantedCustomer({ id, name }: Directory['customers'][number]): CustomersTable {
  return { customer_id: id, name, ...searchColumns(name, id) };
}

export function customersTable(db: Kysely<Schema>): Table<CustomersTable, CustomersTable> {
  return {
    keyOf: (row) => row.customer_id,
    read: (rows) => {
      const ids = rows.map((row) => row.customer_id);
      return db.selectFrom('customers').where('customer_id', 'in', ids).selectAll().execute();
    },
    async write(trx, rows) {
      await trx
        .insertInto('customers')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('customer_id').doUpdateSet(({ ref }) => ({
            name: ref('excluded.name'),
            search_text: ref('excluded.search_text'),
            search_fold: ref('excluded.search_fold'),
            search_name: ref('excluded.search_name'),
          })),
        )
        .execute();
    },
  };
}

export function wantedCaller({
  principalId,
  name,
  organization,
  partnerId,
}: Directory['callers'][number]): CallersTable {
  return { principal_id: principalId, name, organization, partner_id: partnerId ?? null };
}

export function callersTable(db: Kysely<Schema>): Table<CallersTable, CallersTable> {
  return {
    keyOf: (row) => row.principal_id,
    read: (rows) => {
      const ids = rows.map((row) => row.principal_id);
      return db.selectFrom('callers').where('principal_id', 'in', ids).selectAll().execute();
    },
    async write(trx, rows) {
      await trx
        .insertInto('callers')
        .values(rows)
        .onConflict((conflict) =>
          conflict.column('principal_id').doUpdateSet(({ ref }) => ({
            name: ref('excluded.name'),
            organization: ref('excluded.organization'),
            partner_id: ref('excluded.partner_id'),
          })),
        )
        .execute();
    },
  };
}

const SUBSCRIPTION_COLUMNS = [
  'subscription_id',
  'display_name',
  'service',
  'state',
  'start_date',
  'end_date',
  'customer_id',
  'search_text',
  'search_fold',
  'search_name',
] as const;

type SubscriptionRow = Pick<Selectable<SubscriptionsTable>, (typeof SUBSCRIPTION_COLUMNS)[number]>;
type PartnerColumns = Pick<Selectable<SubscriptionsTable>, 'partner_id' | 'assigned_at' | 'assigned_by'>;

export function wantedSubscription(entry: Directory['subscriptions'][number]): SubscriptionRow & PartnerColumns {
  const { subscriptionId, displayName, partnerOfRecord } = entry;
  return {
    subscription_id: subscriptionId,
    display_name: displayName,
    service: entry.service,
    state: entry.state,
    start_date: entry.startDate,
    end_date: entry.endDate,
    customer_id: entry.customerId,
    ...searchColumns(displayName, subscriptionId),
    partner_id: partnerOfRecord?.partnerId ?? null,
    assigned_at: partnerOfRecord?.assignedAt ?? null,
    assigned_by: partnerOfRecord?.assignedBy ?? null,
  };
}

/** New ones come with the partner of record that the directory names; of the others the partner is neither compared nor written. */
export function subscriptionsTable(db: Kysely<Schema>): Table<SubscriptionRow, SubscriptionRow & PartnerColumns> {
  return {
    keyOf: (row) => row.subscription_id,
    read: (rows) => {
      const ids = rows.map((row) => row.subscription_id);
      return db
        .selectFrom('subscriptions')
        .where('subscription_id', 'in', ids)
        .select([...SUBSCRIPTION_COLUMNS])
        .execute();
    },
    write: writeSubscriptions,
  };
}

async function writeSubscriptions(
  trx: Transaction<Schema>,
  rows: readonly (SubscriptionRow & PartnerColumns)[],
): Promise<void> {
  const inserted = await trx
    .insertInto('subscriptions')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .returning(['subscription_id', 'partner_id', 'assigned_at', 'assigned_by'])
    .execute();
  for (const { subscription_id, partner_id, assigned_at, assigned_by } of inserted) {
    if (partner_id === null || assigned_at === null || assigned_by === null) continue;
    const { name } = await trx
      .selectFrom('partners')
      .where('partner_id', '=', partner_id)
      .select('name')
      .executeTakeFirstOrThrow();
    await recordEffect(trx, {
      subscriptionId: subscription_id,
      before: null,
      after: { partnerId: partner_id, name },
      at: assigned_at,
      by: assigned_by,
      request: null,
    });
  }
  const isNew = new Set(inserted.map(({ subscription_id }) => subscription_id));
  const known = rows
    .filter((row) => !isNew.has(row.subscription_id))
    .map(({ partner_id: _partner, assigned_at: _at, assigned_by: _by, ...row }) => row);
  if (known.length === 0) return;
  await trx
    .insertInto('subscriptions')
    .values(known)
    .onConflict((conflict) =>
      conflict.column('subscription_id').doUpdateSet(({ ref }) => ({
        display_name: ref('excluded.display_name'),
        service: ref('excluded.service'),
        state: ref('excluded.state'),
        start_date: ref('excluded.start_date'),
        end_date: ref('excluded.end_date'),
        customer_id: ref('excluded.customer_id'),
        search_text: ref('excluded.search_text'),
        search_fold: ref('excluded.search_fold'),
        search_name: ref('excluded.search_name'),
      })),
    )
    .execute();
}

export function wantedRoles({ subscriptionId, roles }: Directory['subscriptions'][number]): CallerRolesTable[] {
  return Object.entries(roles).map(([principalId, role]) => ({
    principal_id: principalId,
    subscription_id: subscriptionId,
    role,
  }));
}

export function rolesTable(db: Kysely<Schema>): Table<CallerRolesTable, CallerRolesTable> {
  return {
    keyOf: (row) => keyOf(row.subscription_id, row.principal_id),
    read: (rows) =>
      db
        .selectFrom('caller_roles')
        .where('subscription_id', 'in', distinct(rows.map((row) => row.subscription_id)))
        .where('principal_id', 'in', distinct(rows.map((row) => row.principal_id)))
        .select(['principal_id', 'subscription_id', 'role'])
        .execute(),
    async write(trx, rows) {
      await trx
        .insertInto('caller_roles')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['principal_id', 'subscription_id'])
            .doUpdateSet(({ ref }) => ({ role: ref('excluded.role') })),
        )
        .execute();
    },
  };
}

export function wantedUsage({ subscriptionId, usage }: Directory['subscriptions'][number]): Selectable<UsageTable>[] {
  return usage.map(({ month, service, meter, amount, currency, seats }) => ({
    subscription_id: subscriptionId,
    month,
    service,
    meter,
    amount: amount?.toFixed(2) ?? null,
    currency: currency ?? null,
    seats: seats ?? null,
  }));
}

export function usageTable(db: Kysely<Schema>): Table<Selectable<UsageTable>, Selectable<UsageTable>> {
  return {
    keyOf: (row) => keyOf(row.subscription_id, row.month, row.service, row.meter),
    read: (rows) =>
      db
        .selectFrom('usage')
        .where('subscription_id', 'in', distinct(rows.map((row) => row.subscription_id)))
        .where('month', 'in', distinct(rows.map((row) => row.month)))
        .selectAll()
        .execute(),
    async write(trx, rows) {
      await trx
        .insertInto('usage')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['subscription_id', 'month', 'service', 'meter']).doUpdateSet(({ ref }) => ({
            amount: ref('excluded.amount'),
            currency: ref('excluded.currency'),
            seats: ref('excluded.seats'),
          })),
        )
        .execute();
    },
  };
}

/** A key of several columns; no text that is stored holds the separator. */
function keyOf(...columns: readonly string[]): string {
  return columns.join('\0');
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
