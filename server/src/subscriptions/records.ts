import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Partner } from '../../../src/domain/partner';
import { type CallerRole, mayChangePartner } from '../../../src/domain/rights';
import { whyNotPermitted } from './rights-sentence';
import type { Service, SubscriptionId, SubscriptionRecord } from '../../../src/domain/subscription';
import type { Schema } from '../database/schema';
import type { SignedIn } from '../callers/tokens';

/** A subscription as the database holds it, with its customer, its partner and the caller's role. */
export interface SubscriptionState {
  readonly subscriptionId: SubscriptionId;
  readonly displayName: string;
  readonly service: Service;
  readonly state: string;
  readonly startDate: Date;
  readonly endDate: Date;
  readonly customerId: string;
  readonly customerName: string;
  readonly role: CallerRole;
  readonly revision: number;
  readonly partner: Partner | null;
  readonly assignedAt: Date | null;
  readonly assignedBy: string | null;
  /** Null where nobody knows: the partner was loaded with the subscription. */
  readonly assignedById: string | null;
}

/** The statement for the subscriptions in which the caller has a role; those of others are as good as absent. */
export function selectSubscriptions(db: Kysely<Schema>, caller: SignedIn) {
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

export function toState(row: SubscriptionRow): SubscriptionState {
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

/**
 * The contract's record. Its etag is made of all that the caller sees, so that whatever differs has another one, but for the ID
 * of who assigned the partner: that changes with the revision alone, and an etag of before IDs were told still holds.
 */
export function toRecord(state: SubscriptionState): SubscriptionRecord {
  const { partner, assignedAt, assignedBy, assignedById, role, service } = state;
  const canChangePartner = mayChangePartner(role, service);
  const content = {
    subscriptionId: state.subscriptionId,
    displayName: state.displayName,
    service,
    state: state.state,
    startDate: state.startDate.toISOString(),
    endDate: state.endDate.toISOString(),
    customer: { id: state.customerId, name: state.customerName },
    caller: canChangePartner
      ? { role, canChangePartner }
      : { role, canChangePartner, reason: whyNotPermitted(role, service) },
    partnerOfRecord:
      partner === null || assignedAt === null || assignedBy === null
        ? null
        : {
            partnerId: partner.partnerId,
            name: partner.name,
            assignedAt: assignedAt.toISOString(),
            assignedBy,
          },
  };
  return {
    ...content,
    partnerOfRecord: content.partnerOfRecord && {
      ...content.partnerOfRecord,
      ...(assignedById !== null && { assignedById }),
    },
    etag: etagOf([state.revision, content]),
  };
}

// The revision keeps an etag from coming back when a later change restores an earlier content.
function etagOf(content: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 22)}"`;
}
