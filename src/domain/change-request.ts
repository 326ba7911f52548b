import type { PartnerId, PartnerRef } from './partner';
import { type Holding, isSamePartner, markOf, partnerOf } from './partner-state';
import type { Person } from './person';
import { type Target, targetKey } from './target';

export const CHANGE_KINDS = ['assign', 'change', 'remove'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The extension's own pages, by which of them asked. */
export const OWN_PAGES = ['popup', 'subscriptions', 'tenants', 'confirm', 'options'] as const;
export type OwnPage = (typeof OWN_PAGES)[number];

/** Rows of before say `popup` for every page of the extension. */
export const ASKED_FROM = ['panel', ...OWN_PAGES] as const;
export type AskedFrom = (typeof ASKED_FROM)[number];

export const REPLAYS = ['key', 'readFirst'] as const;
/**
 * What makes it safe to send a change again. `key`: the backend keeps the first answer to the change's id, and answers it again;
 * `readFirst`: it keeps none, so what holds the target now is read before.
 */
export type Replay = (typeof REPLAYS)[number];

/** What was asked for. Who asked, and names, may become better known later; what is wanted never changes. Times are milliseconds since the epoch. */
export interface ChangeRequest {
  /** A UUID made by the page that asked; the `Idempotency-Key` of every attempt. */
  readonly id: string;
  readonly target: Target;
  /** The subscription's name when it was asked. */
  readonly targetName: string;
  /** The address of the subscription's page, to lead there: the one it was asked on, where it was asked on one. */
  readonly page: string | null;
  readonly kind: ChangeKind;
  readonly before: PartnerRef | null;
  readonly after: PartnerRef | null;
  /** The version of the state that the person saw; null where the backend has none. */
  readonly basedOn: string | null;
  readonly replay: Replay;
  readonly askedFrom: AskedFrom;
  readonly askedAt: number;
  /** Who asked; null when nobody was signed in, and in rows that were written before this was noted. */
  readonly person: Person | null;
  /** The change that this one takes back; absent where it takes none back, and in rows that were written before this was noted. */
  readonly undoes?: string;
  /** The batch that it is one of; absent where it was asked for by itself. */
  readonly batch?: string;
  /** No partner is told of it by mail; absent where the backend tells them, and in rows that were written before this was noted. */
  readonly mails?: false;
}

/** What somebody wants of a target, by what they saw of it. */
export interface Wish {
  readonly target: Target;
  /** Null: no partner any more. */
  readonly after: PartnerId | null;
  /** The mark of what the person saw. */
  readonly seen: string;
}

/** The wish that a change carries out. */
export function wishOf({ target, before, after, basedOn }: ChangeRequest): Wish {
  return { target, after: after?.partnerId ?? null, seen: markOf({ partnerOfRecord: before, version: basedOn }) };
}

/** Whether two wishes want the same thing: the same id with another wish is refused, never guessed at. */
export function isSameWish(one: Wish, other: Wish): boolean {
  return targetKey(one.target) === targetKey(other.target) && one.after === other.after && one.seen === other.seen;
}

/** What a change replaces, what it is and what it is based on: all three from one state. */
export type Plan =
  | {
      readonly ok: true;
      readonly kind: ChangeKind;
      readonly before: PartnerRef | null;
      readonly basedOn: string | null;
    }
  /** `changedSince`: the state is not the one that the person saw. */
  | { readonly ok: false; readonly problem: 'nothingToChange' | 'changedSince' };

/**
 * Plans a change of a target, for an assignment, a removal, an undo and an overwrite alike.
 * @param present the newest state known
 */
export function planChange(present: Holding, wish: Wish): Plan {
  const { partnerOfRecord, version } = present;
  const kind = changeKind(partnerOfRecord?.partnerId ?? null, wish.after);
  if (kind === null) return { ok: false, problem: 'nothingToChange' };
  if (markOf(present) !== wish.seen) return { ok: false, problem: 'changedSince' };
  return { ok: true, kind, before: partnerOf(partnerOfRecord), basedOn: version };
}

/** Whether what holds the target is what the change wanted. */
export function showsChange({ after }: ChangeRequest, { partnerOfRecord }: Holding): boolean {
  return isSamePartner(partnerOfRecord, after);
}

/** Whether what holds the target is still what the change was based on. */
export function isBasis({ before, basedOn }: ChangeRequest, present: Holding): boolean {
  return markOf(present) === markOf({ partnerOfRecord: before, version: basedOn });
}

/** Assign, change or remove, by the partner before and after. Null: nothing would change. */
export function changeKind(before: PartnerId | null, after: PartnerId | null): ChangeKind | null {
  if (before === after) return null;
  if (after === null) return 'remove';
  return before === null ? 'assign' : 'change';
}
