import type { Capabilities } from '../domain/capabilities';
import type { ChangeRequest } from '../domain/change-request';
import type { TestStep } from '../domain/connection-test';
import type { Failure } from '../domain/failure';
import type { Partner, PartnerId } from '../domain/partner';
import type { ListedSubscription, PartnerState } from '../domain/partner-state';
import type { Credential, Person, DirectoryUser, TenantSignIn, TokenPerson } from '../domain/person';
import type { Connection } from '../domain/connection';
import type { KindFacts } from '../domain/kind-facts';
import type { LoggedChange } from '../domain/subscription';
import type { Target } from '../domain/target';

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
export interface ListPage {
  readonly subscriptions: readonly ListedSubscription[];
  readonly next: string | null;
}

/** How many changes of a subscription are asked for: what somebody reads who wants to know who changed the partner. */
export const CHANGES_SHOWN = 50;

/** `more`: there are older ones than these. */
export interface ChangeLog {
  readonly changes: readonly LoggedChange[];
  readonly more: boolean;
}

/**
 * What a connection talks to. Every operation throws {@link BackendError} when it does not end as wished, and the signal's
 * reason when the caller aborts it.
 */
export interface Backend {
  readonly can: Capabilities;
  /**
   * The lane in which requests of that target go: what asks to wait, or to sign in, asks that of all of a lane, and of none besides. Of
   * the same name for all targets that a backend limits together.
   */
  lane(target: Target): string;
  /** By the last answer in that target's lane: the backend takes no more of its requests for now. There where answers tell. */
  isSpent?(target: Target): boolean;
  /** Goes through the kind's steps of a test, in order, until one fails. */
  test(signal: AbortSignal): AsyncIterable<TestStep>;
  read(target: Target, signal: AbortSignal): Promise<PartnerState>;
  /**
   * There where the backend says cheaply that nothing has changed. Null: the target still has that version.
   * @param version of the state that is known, as the backend gave it
   */
  readIfChanged?(target: Target, version: string, signal: AbortSignal): Promise<PartnerState | null>;
  /**
   * Assigns, changes or removes, by `change.after`. Safe to call again with the same change where `can.replay` is `key`: it
   * takes effect once.
   * @param isSender else it fails as `otherPerson`, unsent
   * @param onTaken hears that the backend did it, where that is known before all of its answer is there
   */
  apply(change: ChangeRequest, isSender: IsSender, signal: AbortSignal, onTaken?: () => void): Promise<PartnerState>;
  /**
   * Whose requests leave now, as surely as a change needs to know: the owner of a pasted token is asked for.
   * Throws as every operation does, where nobody is signed in or nobody tells who it is.
   */
  sender(): Promise<Person>;
  /** Whom the backend takes the caller for; there where it tells. */
  whoAmI?(signal: AbortSignal): Promise<Identity>;
  /** There where `can.check`. A partner that does not exist is a refusal with the code `PartnerNotFound`. */
  checkPartner?(id: PartnerId, signal: AbortSignal): Promise<FoundPartner>;
  /** There where `can.list`. `next`: null for the first page, then what the page before answered. */
  list?(next: string | null, signal: AbortSignal): Promise<ListPage>;
  /** There where `can.changeLog`. The newest changes of a target, the newest first, {@link CHANGES_SHOWN} at most. */
  changes?(target: Target, signal: AbortSignal): Promise<ChangeLog>;
}

/** Which access token is wanted. */
export interface CredentialWanted {
  /** One that the backend has just refused: another is wanted, once. */
  readonly refused?: string;
  /** The claims that the refused one lacked: JSON. */
  readonly claims?: string;
  /** Where the connection has many sign-ins: the one that is meant. */
  readonly of?: TenantSignIn;
}

/**
 * Whether a change may leave with a token of that person.
 * @param directoryUser whom the token names, where it was given for one tenant
 */
export type IsSender = (person: Person, directoryUser?: DirectoryUser) => Promise<boolean>;

/** What a backend needs from around it. */
export interface BackendPorts {
  /** The access token to sign in with, and whose it is; null when there is none. Not asked when the connection needs no sign-in. */
  credential(wanted?: CredentialWanted): Promise<Credential | null>;
  /** Whose a pasted token is. `ask` asks the backend, and is called at most once for a token. */
  owner(token: TokenPerson, ask: () => Promise<Identity>): Promise<Person>;
  readonly fetch: typeof fetch;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whether the browser lets the extension reach the connection's address. */
  mayReach(): Promise<boolean>;
  /** How long one answer may take, in milliseconds; 30 seconds unless given. */
  readonly timeoutMs?: number;
}

/** One kind of backend: what screens are to know of it, and how it is made from a connection of its kind. */
export interface BackendKind extends Omit<KindFacts, 'kind'> {
  /** Null where this version can't use such a connection. */
  create(connection: Connection, ports: BackendPorts): Backend | null;
}

/** Why a backend did not do what was asked. */
export class BackendError extends Error {
  /** How long the backend asks to wait before the next attempt, in milliseconds; it may be unreasonably long. */
  readonly retryAfterMs: number | null;
  /** The present state, when the change was based on another one (412). */
  readonly state: PartnerState | null;

  constructor(
    readonly failure: Failure,
    more: {
      readonly retryAfterMs?: number | null;
      readonly state?: PartnerState;
      readonly cause?: unknown;
    } = {},
  ) {
    const told = failure.said ?? (failure.detail && Object.values(failure.detail).join(' '));
    super(told === undefined ? failure.reason : `${failure.reason}: ${told}`, { cause: more.cause });
    this.name = 'BackendError';
    this.retryAfterMs = more.retryAfterMs ?? null;
    this.state = more.state ?? null;
  }
}

/** The failure that an operation of a backend threw, its time-out too; anything else is not the backend's and goes on. */
export function failureOf(cause: unknown): Failure {
  if (cause instanceof BackendError) return cause.failure;
  if (cause instanceof DOMException && cause.name === 'TimeoutError') return { reason: 'timedOut' };
  throw cause;
}

/** Why a backend did not do what its kind cannot do. */
export const NOT_SUPPORTED: Failure = { reason: 'refused', code: 'NotSupported' };
