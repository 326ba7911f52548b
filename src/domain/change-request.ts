import type { Partner, PartnerId, PartnerOfRecord } from './partner';
import type { Person } from './person';
import type { SubscriptionId, SubscriptionRecord } from './subscription';

export const CHANGE_KINDS = ['assign', 'change', 'remove'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export const ASKED_FROM = ['panel', 'popup', 'subscriptions'] as const;
export type AskedFrom = (typeof ASKED_FROM)[number];

/** What a change is made to: a subscription's Partner of Record, or the link of one person's sign-in in one tenant. */
export type Target =
  | { readonly kind: 'subscription'; readonly id: SubscriptionId }
  | { readonly kind: 'signIn'; readonly tenant: string; readonly user: string };

/** What was asked. Only who and what is meant is told better later; what is wanted is never altered. Times are milliseconds since the epoch. */
export interface ChangeRequest {
  /** A UUID made by the page that asked; the `Idempotency-Key` of every attempt. */
  readonly id: string;
  readonly connectionId: string;
  readonly target: Target;
  /** The subscription's name when it was asked. */
  readonly targetName: string;
  /** The address of the subscription's page, to lead there: the one it was asked on, where it was asked on one. */
  readonly page: string | null;
  readonly kind: ChangeKind;
  readonly before: Partner | null;
  readonly after: Partner | null;
  /** The etag of the record the person saw, quotes included. */
  readonly basedOn: string;
  readonly askedFrom: AskedFrom;
  readonly askedAt: number;
  /** Who asked; null when nobody was signed in, and in rows that were written before this was noted. */
  readonly person: Person | null;
  /** The change that this one takes back; absent where it takes none back, and in rows that were written before this was noted. */
  readonly undoes?: string;
}

/** The part of a record that a change is about: what it ends on, and what is found in its stead. */
export interface Outcome {
  readonly partnerOfRecord: PartnerOfRecord | null;
  readonly etag: string;
}

/** One text per target: one change at a time is open for it. */
export function targetKey(target: Target): string {
  return target.kind === 'subscription'
    ? JSON.stringify(['subscription', target.id])
    : JSON.stringify(['signIn', target.tenant, target.user]);
}

/** What somebody wants of a target, by the version of the record that they saw. */
export interface Wish {
  readonly connectionId: string;
  readonly target: Target;
  /** Null: no partner any more. */
  readonly after: PartnerId | null;
  /** The etag of the record that the person saw. */
  readonly seen: string;
}

/** The wish that a change carries out. */
export function wishOf({ connectionId, target, after, basedOn }: ChangeRequest): Wish {
  return { connectionId, target, after: after?.partnerId ?? null, seen: basedOn };
}

/** Whether two wishes want the same thing: the same id with another wish is refused, never guessed at. */
export function isSameWish(one: Wish, other: Wish): boolean {
  return (
    one.connectionId === other.connectionId &&
    targetKey(one.target) === targetKey(other.target) &&
    one.after === other.after &&
    one.seen === other.seen
  );
}

/** What a change replaces, what it is and what it is based on: all three from one record. */
export type Plan =
  | { readonly ok: true; readonly kind: ChangeKind; readonly before: Partner | null; readonly basedOn: string }
  /** `changedSince`: the record is not the one that the person saw. */
  | { readonly ok: false; readonly problem: 'nothingToChange' | 'changedSince' };

/**
 * Plans a change of a record, for an assignment, a removal, an undo and an overwrite alike.
 * @param record the newest one known
 */
export function planChange(record: Pick<SubscriptionRecord, 'partnerOfRecord' | 'etag'>, wish: Wish): Plan {
  const { partnerOfRecord, etag } = record;
  const kind = changeKind(partnerOfRecord?.partnerId ?? null, wish.after);
  if (kind === null) return { ok: false, problem: 'nothingToChange' };
  if (etag !== wish.seen) return { ok: false, problem: 'changedSince' };
  return { ok: true, kind, before: partnerOf(partnerOfRecord), basedOn: etag };
}

/** The partner alone, without since when and by whom. */
export function partnerOf(attached: PartnerOfRecord | null): Partner | null {
  return attached === null ? null : { partnerId: attached.partnerId, name: attached.name };
}

/** Assign, change or remove, by the partner before and after. Null: nothing would change. */
function changeKind(before: PartnerId | null, after: PartnerId | null): ChangeKind | null {
  if (before === after) return null;
  if (after === null) return 'remove';
  return before === null ? 'assign' : 'change';
}
