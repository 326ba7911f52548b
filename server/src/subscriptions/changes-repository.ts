import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Partner, PartnerId } from '../../../src/domain/partner';
import type { SubscriptionId } from '../../../src/domain/subscription';
import type { ChangeKind, Schema } from '../database/schema';

/** A change that took effect. */
export interface Effect {
  readonly subscriptionId: SubscriptionId;
  readonly before: Partner | null;
  readonly after: Partner | null;
  readonly at: Date;
  /** The name of who made it. */
  readonly by: string;
  /** The request it came by; null for what was loaded with the subscription. */
  readonly request: { readonly principalId: string; readonly key: string; readonly requestId: string } | null;
}

/**
 * Writes the effect down in the effect's own transaction: what happened and its record stand or fall together. Returns the
 * change's ID.
 */
export async function recordEffect(trx: Transaction<Schema>, effect: Effect): Promise<string> {
  const { before, after, request } = effect;
  const changeId = randomUUID();
  await trx
    .insertInto('changes')
    .values({
      change_id: changeId,
      subscription_id: effect.subscriptionId,
      kind: kindOf(before, after),
      before_partner_id: before?.partnerId ?? null,
      before_name: before?.name ?? null,
      after_partner_id: after?.partnerId ?? null,
      after_name: after?.name ?? null,
      changed_at: effect.at,
      changed_by: effect.by,
      principal_id: request?.principalId ?? null,
      idempotency_key: request?.key ?? null,
      request_id: request?.requestId ?? null,
    })
    .execute();
  return changeId;
}

/** A change as the log has it. */
export interface LoggedChange {
  /** Grows from change to change of the whole service. */
  readonly sequence: string;
  readonly changeId: string;
  readonly kind: ChangeKind;
  readonly before: Partner | null;
  readonly after: Partner | null;
  readonly at: Date;
  readonly by: string;
  /** Null for what was loaded with the subscription, as is the key. */
  readonly byId: string | null;
  readonly key: string | null;
}

/** The log of a subscription, newest first, beginning behind a position. */
export async function listChanges(
  db: Kysely<Schema>,
  id: SubscriptionId,
  before: string | null,
  limit: number,
): Promise<LoggedChange[]> {
  const rows = await db
    .selectFrom('changes')
    .where('subscription_id', '=', id)
    .$if(before !== null, (query) => query.where('sequence', '<', before ?? ''))
    .orderBy('sequence', 'desc')
    .limit(limit)
    .selectAll()
    .execute();
  return rows.map((row) => ({
    sequence: row.sequence,
    changeId: row.change_id,
    kind: row.kind,
    before: partnerOrNull(row.before_partner_id, row.before_name),
    after: partnerOrNull(row.after_partner_id, row.after_name),
    at: row.changed_at,
    by: row.changed_by,
    byId: row.principal_id,
    key: row.idempotency_key,
  }));
}

function partnerOrNull(partnerId: PartnerId | null, name: string | null): Partner | null {
  return partnerId === null || name === null ? null : { partnerId, name };
}

function kindOf(before: Partner | null, after: Partner | null): ChangeKind {
  if (after === null) return 'remove';
  return before === null ? 'assign' : 'change';
}
