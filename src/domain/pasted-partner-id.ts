import { type ParsedPartnerId, type PartnerIdProblem, parsePartnerId } from './partner';
import { BLANK, EDGES, JOINERS, narrow, REORDERING, type PastedIdProblem, UNSEEN_BESIDES } from './pasted-characters';

/**
 * Why a text is no Partner ID, beyond what can be wrong with one by itself.
 *
 * - `several`: there is more than one
 * - `grouped`: digits in groups: whether they belong together is not ours to guess
 */
export type PastedPartnerIdProblem = PartnerIdProblem | PastedIdProblem | 'several' | 'grouped';

export type PastedPartnerId =
  | Extract<ParsedPartnerId, { ok: true }>
  | { readonly ok: false; readonly problem: PastedPartnerIdProblem };

/** One of the unseen, in place of as many as stand together. */
const GAP = '\u200b';
const FIVE_DIGITS = `[0-9](?:${GAP}?[0-9]){4}`;
/**
 * The one place where the digits of an ID can be cut into two IDs: both have the fewest digits that an ID may have, and together the
 * most. A gap elsewhere says nothing.
 */
const IDLE_GAP = new RegExp(`(?<!(?<![0-9]${GAP}?)${FIVE_DIGITS})${GAP}|${GAP}(?!${FIVE_DIGITS}(?!${GAP}?[0-9]))`, 'g');
const SEPARATORS = new RegExp(`[${BLANK},;|/&+]+`, 'u');

/**
 * A text that holds Partner IDs, as it is read: narrow, and without what cannot be seen. Only where that parts ten digits into two
 * IDs, U+200B stays between them.
 */
export function narrowIds(typed: string): string {
  return narrow(typed)
    .replace(new RegExp(`[${UNSEEN_BESIDES}${JOINERS}]+`, 'g'), GAP)
    .replace(IDLE_GAP, '');
}

/**
 * Reads one Partner ID. Spaces around it, what cannot be seen in it and full-width digits are forgiven; everything else is named.
 * Only the backend knows whether the partner exists.
 */
export function pastedPartnerId(typed: string): PastedPartnerId {
  return partnerIdIn(narrowIds(typed));
}

/** The same of a text that {@link narrowIds} has read. */
export function partnerIdIn(narrowed: string): PastedPartnerId {
  const text = narrowed.replace(EDGES, '');
  if (REORDERING.test(text)) return { ok: false, problem: 'reordered' };
  if (text.includes(GAP)) return { ok: false, problem: 'grouped' };
  const parts = text.split(SEPARATORS);
  if (parts.filter((part) => parsePartnerId(part).ok).length > 1) return { ok: false, problem: 'several' };
  return parsePartnerId(text);
}
