import type { Kysely, Transaction } from 'kysely';
import { type Difference, differences, type Portion, portionsOf } from './database/portions';
import { foldForSearch, type Schema } from './database/schema';
import type { Directory } from './directory';
import { recordEffect } from './effects';
import { planPartners } from './partner-directory';

/** What it takes to have a directory in the database: what is new is added, what differs is updated, nothing is taken away. */
export interface DirectoryPlan {
  /** What the directory speaks of and neither it nor the database has, one sentence each. With any, nothing is to be written. */
  readonly problems: readonly string[];
  /** In an order in which each finds what it refers to. */
  readonly portions: readonly Portion[];
}

/** Judges the whole directory by what the database has, and writes nothing. */
export async function planDirectory(db: Kysely<Schema>, directory: Directory): Promise<DirectoryPlan> {
  const partners = directory.partners.map((partner) => ({
    ...partner,
    location: partner.location ?? null,
    mail: partner.mail ?? null,
  }));
  const subscriptions = await differingSubscriptions(db, directory);
  const problems = await findProblems(db, directory, subscriptions);
  if (problems.length > 0) return { problems, portions: [] };
  return {
    problems,
    portions: [
      ...(await planPartners(db, partners)),
      ...portionsOf(await differingCustomers(db, directory), writeCustomers),
      ...portionsOf(await differingCallers(db, directory), writeCallers),
      ...portionsOf(subscriptions, (trx, rows) => writeSubscriptions(trx, rows, directory)),
      ...portionsOf(await differingRoles(db, directory), writeRoles),
      ...portionsOf(await differingUsage(db, directory), writeUsage),
    ],
  };
}

/** What a directory refers to by ID, each with where. */
interface Reference {
  readonly where: string;
  readonly id: string;
}

async function findProblems(
  db: Kysely<Schema>,
  { partners, customers, callers, subscriptions }: Directory,
  differing: readonly Difference<SubscriptionRow>[],
): Promise<string[]> {
  const isNew = new Set<string>(differing.filter((one) => one.isNew).map(({ row }) => row.subscription_id));
  const ofPartners = [
    ...callers.map(({ partnerId }, index) => ({ where: `callers.${index}.partnerId`, id: partnerId })),
    // That of a known subscription is not taken, so that it need not exist.
    ...subscriptions.map(({ subscriptionId, partnerOfRecord }, index) => ({
      where: `subscriptions.${index}.partnerOfRecord.partnerId`,
      id: isNew.has(subscriptionId) ? partnerOfRecord?.partnerId : undefined,
    })),
  ].flatMap(({ where, id }) => (id === undefined ? [] : [{ where, id }]));
  const ofCustomers = subscriptions.map(({ customerId }, index) => ({
    where: `subscriptions.${index}.customerId`,
    id: customerId,
  }));
  const ofCallers = subscriptions.flatMap(({ roles }, index) =>
    Object.keys(roles).map((id) => ({ where: `subscriptions.${index}.roles`, id })),
  );
  return [
    ...missing(ofPartners, 'partner', [
      ...partners.map(({ partnerId }) => partnerId),
      ...(await db.selectFrom('partners').select('partner_id').execute()).map(({ partner_id }) => partner_id),
    ]),
    ...missing(ofCustomers, 'customer', [
      ...customers.map(({ id }) => id),
      ...(await db.selectFrom('customers').select('customer_id').execute()).map(({ customer_id }) => customer_id),
    ]),
    ...missing(ofCallers, 'caller', [
      ...callers.map(({ principalId }) => principalId),
      ...(await db.selectFrom('callers').select('principal_id').execute()).map(({ principal_id }) => principal_id),
    ]),
  ];
}

function missing(references: readonly Reference[], what: string, there: readonly string[]): string[] {
  const known = new Set(there);
  return references
    .filter(({ id }) => !known.has(id))
    .map(({ where, id }) => `${where}: There is no ${what} ${id}, neither here nor in the service.`);
}

async function differingCustomers(db: Kysely<Schema>, { customers }: Directory) {
  const wanted = customers.map(({ id, name }) => ({ customer_id: id, name, search_text: foldForSearch(name, id) }));
  const found = await differences(
    wanted,
    (row) => row.customer_id,
    (rows) => {
      const ids = rows.map((row) => row.customer_id);
      return db
        .selectFrom('customers')
        .where('customer_id', 'in', ids)
        .select(['customer_id', 'name', 'search_text'])
        .execute();
    },
  );
  return found.map(({ row }) => row);
}

async function writeCustomers(
  trx: Transaction<Schema>,
  rows: Awaited<ReturnType<typeof differingCustomers>>,
): Promise<void> {
  await trx
    .insertInto('customers')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('customer_id').doUpdateSet(({ ref }) => ({
        name: ref('excluded.name'),
        search_text: ref('excluded.search_text'),
      })),
    )
    .execute();
}

async function differingCallers(db: Kysely<Schema>, { callers }: Directory) {
  const wanted = callers.map(({ principalId, name, organization, partnerId }) => ({
    principal_id: principalId,
    name,
    organization,
    partner_id: partnerId ?? null,
  }));
  const found = await differences(
    wanted,
    (row) => row.principal_id,
    (rows) => {
      const ids = rows.map((row) => row.principal_id);
      return db
        .selectFrom('callers')
        .where('principal_id', 'in', ids)
        .select(['principal_id', 'name', 'organization', 'partner_id'])
        .execute();
    },
  );
  return found.map(({ row }) => row);
}

async function writeCallers(
  trx: Transaction<Schema>,
  rows: Awaited<ReturnType<typeof differingCallers>>,
): Promise<void> {
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
] as const;

function differingSubscriptions(db: Kysely<Schema>, { subscriptions }: Directory) {
  const wanted = subscriptions.map(({ subscriptionId, displayName, ...subscription }) => ({
    subscription_id: subscriptionId,
    display_name: displayName,
    service: subscription.service,
    state: subscription.state,
    start_date: subscription.startDate,
    end_date: subscription.endDate,
    customer_id: subscription.customerId,
    search_text: foldForSearch(displayName, subscriptionId),
  }));
  return differences(
    wanted,
    (row) => row.subscription_id,
    (rows) => {
      const ids = rows.map((row) => row.subscription_id);
      return db
        .selectFrom('subscriptions')
        .where('subscription_id', 'in', ids)
        .select([...SUBSCRIPTION_COLUMNS])
        .execute();
    },
  );
}

type SubscriptionRow = Awaited<ReturnType<typeof differingSubscriptions>>[number]['row'];

/** Adds those that are new, with the partner of record that the directory names; of the others the partner stays as it is. */
async function writeSubscriptions(
  trx: Transaction<Schema>,
  differing: readonly Difference<SubscriptionRow>[],
  directory: Directory,
): Promise<void> {
  const partners = new Map(
    directory.subscriptions.map(({ subscriptionId, partnerOfRecord }) => [subscriptionId, partnerOfRecord]),
  );
  const rows = differing.map(({ row }) => row);
  const inserted = await trx
    .insertInto('subscriptions')
    .values(
      rows.map((row) => {
        const partner = partners.get(row.subscription_id);
        return {
          ...row,
          partner_id: partner?.partnerId ?? null,
          assigned_at: partner?.assignedAt ?? null,
          assigned_by: partner?.assignedBy ?? null,
        };
      }),
    )
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
  const known = rows.filter((row) => !isNew.has(row.subscription_id));
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
      })),
    )
    .execute();
}

async function differingRoles(db: Kysely<Schema>, { subscriptions }: Directory) {
  const wanted = subscriptions.flatMap(({ subscriptionId, roles }) =>
    Object.entries(roles).map(([principalId, role]) => ({
      principal_id: principalId,
      subscription_id: subscriptionId,
      role,
    })),
  );
  const found = await differences(
    wanted,
    (row) => keyOf(row.subscription_id, row.principal_id),
    (rows) => {
      const ids = rows.map((row) => row.subscription_id);
      return db
        .selectFrom('caller_roles')
        .where('subscription_id', 'in', ids)
        .select(['principal_id', 'subscription_id', 'role'])
        .execute();
    },
  );
  return found.map(({ row }) => row);
}

async function writeRoles(trx: Transaction<Schema>, rows: Awaited<ReturnType<typeof differingRoles>>): Promise<void> {
  await trx
    .insertInto('caller_roles')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['principal_id', 'subscription_id']).doUpdateSet(({ ref }) => ({ role: ref('excluded.role') })),
    )
    .execute();
}

async function differingUsage(db: Kysely<Schema>, { subscriptions }: Directory) {
  const wanted = subscriptions.flatMap(({ subscriptionId, usage }) =>
    usage.map(({ month, service, meter, amount, currency, seats }) => ({
      subscription_id: subscriptionId,
      month,
      service,
      meter,
      amount: amount?.toFixed(2) ?? null,
      currency: currency ?? null,
      seats: seats ?? null,
    })),
  );
  const found = await differences(
    wanted,
    (row) => keyOf(row.subscription_id, row.month, row.service, row.meter),
    (rows) => {
      const ids = rows.map((row) => row.subscription_id);
      return db.selectFrom('usage').where('subscription_id', 'in', ids).selectAll().execute();
    },
  );
  return found.map(({ row }) => row);
}

async function writeUsage(trx: Transaction<Schema>, rows: Awaited<ReturnType<typeof differingUsage>>): Promise<void> {
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
}

/** A key of several columns; no text that is stored holds the separator. */
function keyOf(...columns: readonly string[]): string {
  return columns.join('\0');
}
