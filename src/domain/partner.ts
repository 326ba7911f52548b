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

/** Why a typed text is not a Partner ID. `usageAttributionId`: it is a GUID, which names a usage attribution, not a partner. */
export type PartnerIdProblem = 'empty' | 'usageAttributionId' | 'notDigits' | 'tooShort' | 'tooLong';

export type ParsedPartnerId =
  | { readonly ok: true; readonly partnerId: PartnerId; readonly unusualLength: boolean }
  | { readonly ok: false; readonly problem: PartnerIdProblem };

export const PARTNER_ID_MIN_DIGITS = 5;
export const PARTNER_ID_MAX_DIGITS = 10;
const USUAL_MIN_DIGITS = 6;
const USUAL_MAX_DIGITS = 8;

const GUID = /^\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$/i;
// U+202A and U+202C frame what some Windows dialogs copy. The override U+202E is not forgiven: it shows digits in another order.
const INVISIBLE = /[\u200b-\u200f\u202a\u202c\u2060\ufeff]/g;
const FULL_WIDTH_DIGIT = /[\uff10-\uff19]/g;

/**
 * Reads a Partner ID as a person types or pastes it. Spaces around it, invisible characters that came with a paste and
 * full-width digits are forgiven; everything else is named. Only the backend knows whether the partner exists.
 */
export function parsePartnerId(typed: string): ParsedPartnerId {
  // Only these: normalising as a whole would take a footnote's ² for a digit of the ID.
  const text = withoutInvisible(typed).replace(FULL_WIDTH_DIGIT, asciiDigit).trim();
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

/** A text without the invisible characters that come with a paste. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

function asciiDigit(fullWidth: string): string {
  return String.fromCharCode(fullWidth.charCodeAt(0) - 0xff10 + 0x30);
}
