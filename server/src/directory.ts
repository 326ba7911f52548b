import type { Transaction } from 'kysely';
import * as v from 'valibot';
import { parsePartnerId } from '../../src/domain/partner';
import { CALLER_ROLES } from '../../src/domain/rights';
import { parseSubscriptionId, SERVICES } from '../../src/domain/subscription';
import { foldForSearch, type Schema } from './database/schema';
import { storableText } from './edge';
import { recordEffect } from './effects';
import { mailAddress, savePartners } from './partner-directory';

const text = v.pipe(storableText, v.nonEmpty('A text is empty that must not be.'));
const time = v.pipe(
  v.string(),
  v.isoTimestamp('A time is an RFC 3339 timestamp, such as 2026-01-31T00:00:00Z.'),
  v.transform((value) => new Date(value)),
);

const partnerId = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parsePartnerId(dataset.value);
    if (parsed.ok) return parsed.partnerId;
    addIssue({ message: `${dataset.value} is not a Partner ID: ${parsed.problem}.` });
    return NEVER;
  }),
);

const subscriptionId = v.pipe(
  storableText,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const id = parseSubscriptionId(dataset.value);
    if (id !== null) return id;
    addIssue({ message: 'A subscription ID has 1 to 128 characters.' });
    return NEVER;
  }),
);

/** What the service is told about partners, customers, callers and subscriptions: the file of `import`, and the demo. */
export const directorySchema = v.object({
  partners: v.array(v.object({ partnerId, name: text, location: v.optional(text), mail: v.optional(mailAddress) })),
  customers: v.array(v.object({ id: text, name: text })),
  callers: v.array(v.object({ principalId: text, name: text, organization: text, partnerId: v.optional(partnerId) })),
  subscriptions: v.array(
    v.object({
      subscriptionId,
      displayName: text,
      service: v.picklist(SERVICES),
      state: text,
      startDate: time,
      endDate: time,
      customerId: text,
      /** The role of each caller who has one, by principal ID. */
      roles: v.record(text, v.picklist(CALLER_ROLES)),
      /** Taken only for a subscription that is new to the service. */
      partnerOfRecord: v.optional(v.object({ partnerId, assignedAt: time, assignedBy: text })),
      usage: v.optional(
        v.array(
          v.object({
            month: v.pipe(v.string(), v.regex(/^[0-9]{4}-(?:0[1-9]|1[0-2])$/, 'A month is written YYYY-MM.')),
            service: v.picklist(SERVICES),
            /** What was metered, where a service has several meters; partners see their sum. */
            meter: v.optional(storableText, ''),
            amount: v.optional(v.pipe(v.number(), v.finite())),
            currency: v.optional(text),
            seats: v.optional(v.pipe(v.number(), v.integer())),
          }),
        ),
        [],
      ),
    }),
  ),
});
export type Directory = v.InferOutput<typeof directorySchema>;
export type DirectoryInput = v.InferInput<typeof directorySchema>;

/** Writes a directory into the database: what is new is added, what is known is updated, and nothing is taken away. */
export async function loadDirectory(trx: Transaction<Schema>, directory: Directory): Promise<void> {
  await savePartners(
    trx,
    directory.partners.map((partner) => ({
      ...partner,
      location: partner.location ?? null,
      mail: partner.mail ?? null,
    })),
  );
  for (const { id, name } of directory.customers) {
    const columns = { name, search_text: foldForSearch(name, id) };
    await trx
      .insertInto('customers')
      .values({ customer_id: id, ...columns })
      .onConflict((conflict) => conflict.column('customer_id').doUpdateSet(columns))
      .execute();
  }
  for (const { principalId, name, organization, partnerId } of directory.callers) {
    const columns = { name, organization, partner_id: partnerId ?? null };
    await trx
      .insertInto('callers')
      .values({ principal_id: principalId, ...columns })
      .onConflict((conflict) => conflict.column('principal_id').doUpdateSet(columns))
      .execute();
  }
  for (const subscription of directory.subscriptions) await loadSubscription(trx, subscription);
}

async function loadSubscription(
  trx: Transaction<Schema>,
  subscription: Directory['subscriptions'][number],
): Promise<void> {
  const { subscriptionId, displayName, partnerOfRecord } = subscription;
  const columns = {
    display_name: displayName,
    service: subscription.service,
    state: subscription.state,
    start_date: subscription.startDate,
    end_date: subscription.endDate,
    customer_id: subscription.customerId,
    search_text: foldForSearch(displayName, subscriptionId),
  };
  const known = await trx
    .updateTable('subscriptions')
    .set(columns)
    .where('subscription_id', '=', subscriptionId)
    .returning('subscription_id')
    .executeTakeFirst();
  if (known === undefined) {
    await trx
      .insertInto('subscriptions')
      .values({
        subscription_id: subscriptionId,
        ...columns,
        partner_id: partnerOfRecord?.partnerId ?? null,
        assigned_at: partnerOfRecord?.assignedAt ?? null,
        assigned_by: partnerOfRecord?.assignedBy ?? null,
      })
      .execute();
    if (partnerOfRecord !== undefined) {
      const { name } = await trx
        .selectFrom('partners')
        .where('partner_id', '=', partnerOfRecord.partnerId)
        .select('name')
        .executeTakeFirstOrThrow();
      await recordEffect(trx, {
        subscriptionId,
        before: null,
        after: { partnerId: partnerOfRecord.partnerId, name },
        at: partnerOfRecord.assignedAt,
        by: partnerOfRecord.assignedBy,
        request: null,
      });
    }
  }
  for (const [principalId, role] of Object.entries(subscription.roles)) {
    await trx
      .insertInto('caller_roles')
      .values({ principal_id: principalId, subscription_id: subscriptionId, role })
      .onConflict((conflict) => conflict.columns(['principal_id', 'subscription_id']).doUpdateSet({ role }))
      .execute();
  }
  for (const { month, service, meter, amount, currency, seats } of subscription.usage) {
    const use = { amount: amount?.toFixed(2) ?? null, currency: currency ?? null, seats: seats ?? null };
    await trx
      .insertInto('usage')
      .values({ subscription_id: subscriptionId, month, service, meter, ...use })
      .onConflict((conflict) => conflict.columns(['subscription_id', 'month', 'service', 'meter']).doUpdateSet(use))
      .execute();
  }
}
