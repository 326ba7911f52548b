import type { AttachedPartner, PartnerRef } from './partner';
import type { Rights } from './rights';
import {
  nameIn,
  nameOrId,
  type SubscriptionDetails,
  type SubscriptionId,
  type SubscriptionRecord,
} from './subscription';

/** Who holds a target, and which version of it says so. */
export interface Holding {
  readonly partnerOfRecord: AttachedPartner | null;
  /** What a change is based on, such as an etag with its quotes; null where the backend has no versions. */
  readonly version: string | null;
}

/** What a backend shows of a target to one caller. */
export interface PartnerState extends Holding {
  readonly rights: Rights;
  /** What it knows of the subscription besides; null where it knows nothing, and for a sign-in. */
  readonly subscription: SubscriptionDetails | null;
}

/** A subscription that a backend lists, and its state. */
export interface ListedSubscription {
  readonly subscriptionId: SubscriptionId;
  readonly state: PartnerState;
}

/** What people call a subscription: by the backend's name for it, or by its ID. */
export function subscriptionName(id: SubscriptionId, state: PartnerState | null): string {
  return nameOrId(state?.subscription?.displayName, id);
}

/** The partner alone, without since when and by whom. */
export function partnerOf(attached: AttachedPartner | null): PartnerRef | null {
  return attached === null ? null : { partnerId: attached.partnerId, name: attached.name };
}

/** The part of a state that a change begins and ends on. */
export function holdingOf({ partnerOfRecord, version }: Holding): Holding {
  return { partnerOfRecord, version };
}

/** What tells one holding of a target from another: its version, and where there is none the partner. */
export function markOf({ partnerOfRecord, version }: Marked): string {
  return version ?? `partner ${partnerOfRecord?.partnerId ?? 'none'}`;
}

interface Marked {
  readonly partnerOfRecord: Pick<PartnerRef, 'partnerId'> | null;
  readonly version: string | null;
}

/** Whether both name the same partner, or none. */
export function isSamePartner(
  one: Pick<PartnerRef, 'partnerId'> | null,
  other: Pick<PartnerRef, 'partnerId'> | null,
): boolean {
  return (one?.partnerId ?? null) === (other?.partnerId ?? null);
}

/** What a record of the service says of its target. */
export function stateOf({ partnerOfRecord, etag, caller, ...record }: SubscriptionRecord): PartnerState {
  const { displayName, service, state, startDate, endDate, customer } = record;
  return {
    partnerOfRecord: partnerOfRecord && {
      ...partnerOfRecord,
      name: nameIn(partnerOfRecord.name),
      assignedBy: nameIn(partnerOfRecord.assignedBy),
    },
    version: etag,
    rights: { mayChange: caller.canChangePartner, role: caller.role, reason: caller.reason ?? null },
    subscription: { displayName, service, state, startDate, endDate, customer },
  };
}
