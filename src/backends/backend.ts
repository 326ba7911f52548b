import type { ChangeRequest } from '../domain/change-request';
import type { Failure } from '../domain/failure';
import type { Partner, PartnerId } from '../domain/partner';
import type { Person } from '../domain/person';
import type { LoggedChange, SubscriptionId, SubscriptionRecord } from '../domain/subscription';

/** Who the backend says the caller is. */
export interface Identity {
  readonly name: string;
  readonly principalId: string;
  readonly organization: string;
  /** Whom to ask, in the organisation's own words: an address or a text. Null where it says nothing that can be shown. */
  readonly support: string | null;
}

export interface FoundPartner {
  readonly partner: Partner;
  readonly location?: string;
}

/** `next`: what to ask for the page after this one; null on the last. */
export interface RecordPage {
  readonly records: readonly SubscriptionRecord[];
  readonly next: string | null;
}

/** How many changes of a subscription are asked for: what somebody reads who wants to know who changed the partner. */
export const CHANGES_SHOWN = 50;

/** `more`: there are older ones than these. */
export interface ChangeLog {
  readonly changes: readonly LoggedChange[];
  readonly more: boolean;
}

/** What a kind of backend can do beyond what every one does. */
export interface Capabilities {
  /** It keeps a log of the changes that took effect, whoever made them. */
  readonly changeLog: boolean;
}

/**
 * What a connection talks to. Every operation throws {@link BackendError} when it does not end as wished, and the signal's
 * reason when the caller aborts it.
 */
export interface Backend {
  readonly can: Capabilities;
  whoAmI(signal: AbortSignal): Promise<Identity>;
  /** The number of the contract that the backend speaks; needs no sign-in. */
  contractVersion(signal: AbortSignal): Promise<number>;
  /** A partner that does not exist is a refusal with the status 404. */
  checkPartner(id: PartnerId, signal: AbortSignal): Promise<FoundPartner>;
  readSubscription(id: SubscriptionId, signal: AbortSignal): Promise<SubscriptionRecord>;
  /** `next`: null for the first page, then what the page before answered. `filter`: '' for all. */
  listPage(next: string | null, filter: string, signal: AbortSignal): Promise<RecordPage>;
  /** The newest changes of a subscription, the newest first, {@link CHANGES_SHOWN} at most. There where `can.changeLog`. */
  changes?(id: SubscriptionId, signal: AbortSignal): Promise<ChangeLog>;
  /**
   * Whose requests leave now, as surely as a change needs to know: the owner of a pasted token is asked for.
   * Throws as every operation does, where nobody is signed in or nobody tells who it is.
   */
  sender(): Promise<Person>;
  /**
   * Assigns, changes or removes, by `change.after`. Safe to call again with the same change: it takes effect once.
   * @param isSender whether the change may leave with a token of that person; else it fails as `otherPerson`, unsent
   */
  apply(
    change: ChangeRequest,
    isSender: (person: Person) => Promise<boolean>,
    signal: AbortSignal,
  ): Promise<SubscriptionRecord>;
}

/** Why a backend did not do what was asked. */
export class BackendError extends Error {
  /** How long the backend asks to wait before the next attempt, in milliseconds; it may be unreasonably long. */
  readonly retryAfterMs: number | null;
  /** The present record, when the change was based on another one (412). */
  readonly record: SubscriptionRecord | null;

  constructor(
    readonly failure: Failure,
    more: {
      readonly retryAfterMs?: number | null;
      readonly record?: SubscriptionRecord;
      readonly cause?: unknown;
    } = {},
  ) {
    const told = failure.said ?? (failure.detail && Object.values(failure.detail).join(' '));
    super(told === undefined ? failure.reason : `${failure.reason}: ${told}`, { cause: more.cause });
    this.name = 'BackendError';
    this.retryAfterMs = more.retryAfterMs ?? null;
    this.record = more.record ?? null;
  }
}

/** The failure that an operation of a backend threw, its time-out too; anything else is not the backend's and goes on. */
export function failureOf(cause: unknown): Failure {
  if (cause instanceof BackendError) return cause.failure;
  if (cause instanceof DOMException && cause.name === 'TimeoutError') return { reason: 'timedOut' };
  throw cause;
}
