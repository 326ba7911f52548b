import { type ParsedPartnerId, type PartnerIdProblem, parsePartnerId } from './partner';

/*
 * How a text is read that a person pastes, or writes into a file: an ID, an address, a token. What cannot be seen and came along
 * with a copy is forgiven; what would then be something else than what is seen is refused. What programs say to each other is not
 * read so.
 */

/** Why a text is no ID of any kind: hidden characters show what it holds in another order. */
export type PastedIdProblem = 'reordered';

/** Why a text is no address, before its parts are looked at. `hasSpaces`: it is cut by a space or a line end, or is more than one. */
export type PastedAddressProblem = PastedIdProblem | 'hasSpaces';

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

export type PastedText<Problem> =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

// A bundle that has no use for an expression is built without it: the panel's is to be small.
const JOINERS = '\u200c\u200d';
/** Soft hyphen, Arabic letter mark, zero-width characters, direction marks, invisible operators, isolates, byte order mark. */
const UNSEEN_BESIDES = '\u00ad\u061c\u200b\u200e\u200f\u2060-\u2064\u2066-\u2069\ufeff';
/** Letters of the scripts in whose words joiners stand, in names of hosts too (RFC 5892, A.1 and A.2). */
const JOINED = '[[\\p{L}\\p{M}]--[\\0-\\x7f]]';
const UNSEEN = /* @__PURE__ */ new RegExp(`[${UNSEEN_BESIDES}]+`, 'g');
const STRAY_JOINERS = /* @__PURE__ */ new RegExp(`(?<!${JOINED})[${JOINERS}]+|[${JOINERS}]+(?!${JOINED})`, 'gv');

/** Every space and line end that Unicode has, and every control. */
const BLANK = '\\p{White_Space}\\p{Cc}';
/** What some programs put around a text that they copy. It shows what is between from the left, as it is. */
const FRAME = '\u202a\u202c\u202d';
const EDGES = new RegExp(`^[${BLANK}${FRAME}]+|(?<![${BLANK}${FRAME}])[${BLANK}${FRAME}]+$`, 'gu');
const BLANKS = new RegExp(`[${BLANK}]+`, 'gu');
const REORDERING = /[\u202a-\u202e]/;

/** One of the unseen, in place of as many as stand together. */
const GAP = '\u200b';
const FIVE_DIGITS = `[0-9](?:${GAP}?[0-9]){4}`;
/**
 * The one place where the digits of an ID can be cut into two IDs: both have the fewest digits that an ID may have, and together the
 * most. A gap elsewhere says nothing.
 */
const IDLE_GAP = new RegExp(`(?<!(?<![0-9]${GAP}?)${FIVE_DIGITS})${GAP}|${GAP}(?!${FIVE_DIGITS}(?!${GAP}?[0-9]))`, 'g');
const SEPARATORS = new RegExp(`[${BLANK},;|/&+]+`, 'u');

const QUOTES = '"\'`´‘’‚“”„«»‹›';
const QUOTED = /* @__PURE__ */ new RegExp(`^(?:[${QUOTES}](.*)[${QUOTES}]|<(.*)>)$`, 'su');
const AROUND_TOKEN = /* @__PURE__ */ new RegExp(
  `^[${QUOTES}<${BLANK}]+|(?<![${QUOTES}>,;${BLANK}])[${QUOTES}>,;${BLANK}]+$`,
  'gu',
);
const TOKEN_LABEL = /* @__PURE__ */ new RegExp(
  `^(?:authorization[${QUOTES}${BLANK}]*[:=][${QUOTES}${BLANK}]*)?bearer(?:[:${BLANK}]+|$)|^authorization[${QUOTES}${BLANK}]*:`,
  'iu',
);
/** A mail or a terminal breaks a long token into lines, which are much longer than any word of a sentence. */
const SHORTEST_LINE = 20;

/** A text without what cannot be seen in it. */
export function withoutUnseen(text: string): string {
  return text.replace(UNSEEN, '').replace(STRAY_JOINERS, '');
}

/** Whether a text can stand as a token in a request: no header carries anything else. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** A text in one line, with one space for whatever parts its words. */
export function inOneLine(text: string): string {
  return text.replace(BLANKS, ' ');
}

/** The signs of East Asian keyboards in the width that the rest of the world types. */
export function narrow(text: string): string {
  return text.replace(/[\u3001\uff01-\uff5e]/g, (wide) => (wide === '\u3001' ? ',' : wide.normalize('NFKC')));
}

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

/** Reads an ID of another kind: a subscription's, a caller's. What cannot be seen in it, and spaces around it, are forgiven. */
export function pastedId(typed: string): PastedText<PastedIdProblem> {
  const text = withoutUnseen(typed).replace(EDGES, '');
  return REORDERING.test(text) ? { ok: false, problem: 'reordered' } : { ok: true, text };
}

/**
 * Reads an address, or the pattern of one, as a text without what cannot be seen in it, spaces, quotes or brackets around it. Whether
 * it is one is for others to say.
 */
export function pastedAddress(typed: string): PastedText<PastedAddressProblem> {
  const bare = pastedId(typed);
  if (!bare.ok) return bare;
  const [, quoted, bracketed] = QUOTED.exec(bare.text) ?? [];
  const text = (quoted ?? bracketed ?? bare.text).replace(EDGES, '');
  return text.search(BLANKS) < 0 ? { ok: true, text } : { ok: false, problem: 'hasSpaces' };
}

/**
 * Reads an access token: without what it is called in a header, quotes, and the line ends that it was broken at. Spaces that are left
 * stand between words that are none. Empty where there is none.
 */
export function pastedToken(typed: string): string {
  const bare = withoutUnseen(typed).replace(EDGES, '').replace(AROUND_TOKEN, '');
  const token = bare.replace(TOKEN_LABEL, '').replace(AROUND_TOKEN, '');
  const lines = token.split(BLANKS);
  return lines.slice(0, -1).every((line) => line.length >= SHORTEST_LINE) ? lines.join('') : token;
}
