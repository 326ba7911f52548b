import type { Kysely, Selectable, Transaction } from 'kysely';
import type { PartnerId } from '../../src/domain/partner';
import type { SubscriptionId } from '../../src/domain/subscription';
import { compareWith, type Portion, type PutAside, type Table } from './database/portions';
import type {
  CallerRolesTable,
  CallersTable,
  CustomersTable,
  Schema,
  SubscriptionsTable,
  UsageTable,
} from './database/schema';
import type { Directory, DirectoryList } from './directory';
import { absence, placeOf } from './directory-problems';
import { recordEffect } from './effects';
import { partnersTable, wantedPartner } from './partner-directory';
import { searchColumns } from './search';

/** The entries of a directory, some at a time and in their order; as often as they are asked for. */
export type DirectorySource = {
  readonly [List in DirectoryList]: () => AsyncIterable<Directory[List]>;
};

export interface Planning {
  /** Where rows that differ are kept until they are written. */
  readonly putAside: PutAside;
  /** Hears what the directory speaks of and neither it nor the database has, one sentence each. */
  readonly problem: (sentence: string) => void;
  /** Hears how many more entries were compared. */
  readonly compared?: (entries: number) => void;
}

/**
 * What it takes to have a directory in the database: what is new is added, what differs is updated, nothing is taken away. Judges
 * the whole of it by what the database has, holds little of it at once, and writes nothing. The portions are in an order in which
 * each finds what it refers to; with any problem, none is to be written.
 */
export async function planDirectory(
  db: Kysely<Schema>,
  source: DirectorySource,
  { putAside, problem, compared = () => undefined }: Planning,
): Promise<readonly Portion[]> {
  const knownPartners = lookUp((ids: readonly PartnerId[]) =>
    db.selectFrom('partners').where('partner_id', 'in', ids).select('partner_id as id').execute(),
  );
  const knownCustomers = lookUp((ids: readonly string[]) =>
    db.selectFrom('customers').where('customer_id', 'in', ids).select('customer_id as id').execute(),
  );
  const knownCallers = lookUp((ids: readonly string[]) =>
    db.selectFrom('callers').where('principal_id', 'in', ids).select('principal_id as id').execute(),
  );

  const partners = compareWith(partnersTable(db), putAside);
  for await (const entries of source.partners()) {
    knownPartners.add(entries.map(({ partnerId }) => partnerId));
    await partners.add(
      entries.map((entry) => wantedPartner({ ...entry, location: entry.location ?? null, mail: entry.mail ?? null })),
    );
    compared(entries.length);
  }

  const customers = compareWith(customersTable(db), putAside);
  for await (const entries of source.customers()) {
    knownCustomers.add(entries.map(({ id }) => id));
    await customers.add(entries.map(wantedCustomer));
    compared(entries.length);
  }

  const callers = compareWith(callersTable(db), putAside);
  for await (const { entries, first } of numbered(source.callers())) {
    knownCallers.add(entries.map(({ principalId }) => principalId));
    const unknown = await knownPartners.lacking(entries.flatMap(({ partnerId }) => partnerId ?? []));
    for (const [index, { principalId, partnerId }] of entries.entries()) {
      if (partnerId === undefined || !unknown.has(partnerId)) continue;
      problem(placeOf('callers', first + index, principalId, ['partnerId']) + absence('partner', partnerId));
    }
    await callers.add(entries.map(wantedCaller));
    compared(entries.length);
  }

  const subscriptions = compareWith(subscriptionsTable(db), putAside);
  const roles = compareWith(rolesTable(db), putAside);
  const usage = compareWith(usageTable(db), putAside);
  for await (const { entries, first } of numbered(source.subscriptions())) {
    const unknown = {
      customers: await knownCustomers.lacking(entries.map(({ customerId }) => customerId)),
      callers: await knownCallers.lacking(entries.flatMap((entry) => Object.keys(entry.roles))),
      partners: await knownPartners.lacking(entries.flatMap((entry) => entry.partnerOfRecord?.partnerId ?? [])),
    };
    // That of a known subscription is not taken, so that it need not exist.
    const isNew = await newAmong(
      db,
      entries.filter(({ partnerOfRecord }) => partnerOfRecord && unknown.partners.has(partnerOfRecord.partnerId)),
    );
    for (const [index, entry] of entries.entries()) {
      const at = (...fields: string[]) => placeOf('subscriptions', first + index, entry.subscriptionId, fields);
      if (unknown.customers.has(entry.customerId)) problem(at('customerId') + absence('customer', entry.customerId));
      for (const principalId of Object.keys(entry.roles)) {
        if (unknown.callers.has(principalId)) problem(at('roles') + absence('caller', principalId));
      }
      if (entry.partnerOfRecord && isNew.has(entry.subscriptionId)) {
        problem(at('partnerOfRecord', 'partnerId') + absence('partner', entry.partnerOfRecord.partnerId));
      }
    }
    await subscriptions.add(entries.map(wantedSubscription));
    await roles.add(entries.flatMap(wantedRoles));
    await usage.add(entries.flatMap(wantedUsage));
    compared(entries.length);
  }

  const all = [];
  for (const table of [partners, customers, callers, subscriptions, roles, usage])
    all.push(...(await table.portions()));
  return all;
}

/** The same with the number that the first of the entries has in its list, from 0. */
async function* numbered<Entry>(source: AsyncIterable<readonly Entry[]>) {
  let first = 0;
  for await (const entries of source) {
    yield { entries, first };
    first += entries.length;
  }
}

/** Few enough for one statement. */
const MOST_ASKED = 1000;

/** Tells which IDs nobody has: neither were they added, nor does `read` find them. Each is looked for once. */
function lookUp<Id extends string>(read: (ids: readonly Id[]) => Promise<readonly { readonly id: Id }[]>) {
  const known = new Set<Id>();
  const unknown = new Set<Id>();
  return {
    add(ids: readonly Id[]): void {
      for (const id of ids) known.add(id);
    },
    async lacking(ids: readonly Id[]): Promise<ReadonlySet<Id>> {
      const asked = [...new Set(ids)].filter((id) => !known.has(id) && !unknown.has(id));
      for (let start = 0; start < asked.length; start += MOST_ASKED) {
        const part = asked.slice(start, start + MOST_ASKED);
        for (const { id } of await read(part)) known.add(id);
        for (const id of part) if (!known.has(id)) unknown.add(id);
      }
      return unknown;
    },
  };
}

/** Which of the subscriptions the service does not have. */
async function newAmong(db: Kysely<Schema>, entries: Directory['subscriptions']): Promise<ReadonlySet<SubscriptionId>> {
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

function wantedCustomer({ id, name }: Directory['customers'][number]): CustomersTable {
  return { customer_id: id, name, ...searchColumns(name, id) };
}

function customersTable(db: Kysely<Schema>): Table<CustomersTable, CustomersTable> {
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

function wantedCaller({ principalId, name, organization, partnerId }: Directory['callers'][number]): CallersTable {
  return { principal_id: principalId, name, organization, partner_id: partnerId ?? null };
}

function callersTable(db: Kysely<Schema>): Table<CallersTable, CallersTable> {
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

function wantedSubscription(entry: Directory['subscriptions'][number]): SubscriptionRow & PartnerColumns {
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
function subscriptionsTable(db: Kysely<Schema>): Table<SubscriptionRow, SubscriptionRow & PartnerColumns> {
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

function wantedRoles({ subscriptionId, roles }: Directory['subscriptions'][number]): CallerRolesTable[] {
  return Object.entries(roles).map(([principalId, role]) => ({
    principal_id: principalId,
    subscription_id: subscriptionId,
    role,
  }));
}

function rolesTable(db: Kysely<Schema>): Table<CallerRolesTable, CallerRolesTable> {
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

function wantedUsage({ subscriptionId, usage }: Directory['subscriptions'][number]): Selectable<UsageTable>[] {
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

function usageTable(db: Kysely<Schema>): Table<Selectable<UsageTable>, Selectable<UsageTable>> {
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
