import type { ChangeKind } from './change-request';
import type { CloudService } from './cloud-service';
import type { PartnerOfRecord, PartnerRef } from './partner';
import type { Caller } from './rights';

/**
 * A subscription's ID in lower case, 1 to 128 characters that an address can name; a GUID on the built-in portals. Made only by
 * {@link parseSubscriptionId}.
 */
export type SubscriptionId = string & { readonly __brand: 'SubscriptionId' };

export const SUBSCRIPTION_ID_MAX_LENGTH = 128;

/** A step within a path, or what a proxy that decodes once more makes one of: it never arrives as the name of a resource. */
const STEP_IN_A_PATH = /^(?:\.|%2e){1,2}$/;
/** Half of a surrogate pair, which cannot be percent-encoded. */
const HALF_A_CHARACTER = /\p{Cs}/u;

/**
 * Subscription IDs are compared without regard to letter case and written in lower case. Null when the length is out of range, and
 * for what no address can name: `.` and `..`, also percent-encoded, and half of a character.
 */
export function parseSubscriptionId(text: string): SubscriptionId | null {
  const id = text.trim().toLowerCase();
  const isNamed = id !== '' && !STEP_IN_A_PATH.test(id) && !HALF_A_CHARACTER.test(id);
  return isNamed && id.length <= SUBSCRIPTION_ID_MAX_LENGTH ? (id as SubscriptionId) : null;
}

/** A name that can be shown; null where it is unknown or blank, which shows as nothing at all. */
export function nameIn(text: string | null | undefined): string | null {
  const shown = text?.trim() ?? '';
  return shown === '' ? null : shown;
}

/** What people call something that has an ID: by its name, or by the ID where the name is unknown or blank. */
export function nameOrId(name: string | null | undefined, id: string): string {
  return nameIn(name) ?? id;
}

/** A change that took effect, as the backend's own log has it, whoever made it. */
export interface LoggedChange {
  readonly kind: ChangeKind;
  readonly before: PartnerRef | null;
  readonly after: PartnerRef | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The name of the person or application that made it; null where it says none. */
  readonly by: string | null;
}

/** What a backend knows of a subscription besides its partner. */
export interface SubscriptionDetails {
  readonly displayName: string;
  readonly service: CloudService;
  /** The backend's own word, such as `Active`. */
  readonly state: string;
  /** RFC 3339, UTC. */
  readonly startDate: string;
  /** RFC 3339, UTC. */
  readonly endDate: string;
  readonly customer: { readonly id: string; readonly name: string };
}

/** What the service holds of one subscription, as seen by one caller. */
export interface SubscriptionRecord extends SubscriptionDetails {
  readonly subscriptionId: SubscriptionId;
  readonly caller: Caller;
  readonly partnerOfRecord: PartnerOfRecord | null;
  /** Quotes included, as sent in `If-Match`. */
  readonly etag: string;
}
