import { createHash } from 'node:crypto';
import type { Partner } from '../../../src/domain/partner';
import { type CallerRole, mayChangePartner } from '../../../src/domain/rights';
import { whyNotPermitted } from './rights-sentence';
import type { CloudService } from '../../../src/domain/cloud-service';
import type { SubscriptionId, SubscriptionRecord } from '../../../src/domain/subscription';

/** A subscription as the database holds it, with its customer, its partner and the caller's role. */
export interface SubscriptionState {
  readonly subscriptionId: SubscriptionId;
  readonly displayName: string;
  readonly service: CloudService;
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

/**
 * The contract's record. Its etag is made of all that the caller sees, so that whatever differs has another one, but for the ID
 * of who assigned the partner: that changes with the revision alone, and an etag of before there were IDs still holds.
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
