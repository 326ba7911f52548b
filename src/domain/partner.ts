/** A partner organisation's ID: 5 to 10 ASCII digits, already normalised. Made only by {@link parsePartnerId}. */
export type PartnerId = string & { readonly __brand: 'PartnerId' };

/** The partner as the backend names it. */
export interface Partner {
  readonly partnerId: PartnerId;
  readonly name: string;
}

/** A partner as a change refers to it: by its ID, and by its name where that is known. */
export interface PartnerRef {
  readonly partnerId: PartnerId;
  readonly name: string | null;
}

/** The partner that holds a target, as a backend tells it: not every one knows a name, since when, or by whom. */
export interface AttachedPartner extends PartnerRef {
  /** RFC 3339, UTC. */
  readonly assignedAt: string | null;
  /** The name of the person or application that attached it. */
  readonly assignedBy: string | null;
  /** What the backend calls the state of what attaches it, such as `Active`; absent where it tells none. */
  readonly state?: string;
}

/** The partner attached to a subscription, and since when: as the service keeps it. */
export interface PartnerOfRecord extends Partner {
  /** RFC 3339, UTC. */
  readonly assignedAt: string;
  /** The name of the person or application that attached it. */
  readonly assignedBy: string;
}

/** Partners of earlier changes and checks, each once, the latest first; who was assigned is not among the checked again. */
export interface UsedPartners {
  readonly assigned: readonly Partner[];
  readonly checked: readonly Partner[];
}

/** Why a text is not a Partner ID. `usageAttributionId`: it is a GUID, which names a usage attribution, not a partner. */
export type PartnerIdProblem = 'empty' | 'usageAttributionId' | 'notDigits' | 'tooShort' | 'tooLong';

export type ParsedPartnerId =
  | { readonly ok: true; readonly partnerId: PartnerId; readonly unusualLength: boolean }
  | { readonly ok: false; readonly problem: PartnerIdProblem };

export const PARTNER_ID_MIN_DIGITS = 5;
export const PARTNER_ID_MAX_DIGITS = 10;
const USUAL_MIN_DIGITS = 6;
const USUAL_MAX_DIGITS = 8;

const GUID = /^\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$/i;

/**
 * Reads a Partner ID as programs write one: its digits and nothing else. What a person typed or pasted is read by `pastedPartnerId`.
 * Only the backend knows whether the partner exists.
 */
export function parsePartnerId(text: string): ParsedPartnerId {
  if (text === '') return { ok: false, problem: 'empty' };
  if (GUID.test(text)) return { ok: false, problem: 'usageAttributionId' };
  if (!/^[0-9]+$/.test(text)) return { ok: false, problem: 'notDigits' };
  if (text.length < PARTNER_ID_MIN_DIGITS) return { ok: false, problem: 'tooShort' };
  if (text.length > PARTNER_ID_MAX_DIGITS) return { ok: false, problem: 'tooLong' };
  return {
    ok: true,
    partnerId: text as PartnerId,
    unusualLength: text.length < USUAL_MIN_DIGITS || text.length > USUAL_MAX_DIGITS,
  };
}
