import { BLANK, BLANKS, EDGES, JOINERS, type PastedIdProblem, REORDERING, UNSEEN_BESIDES } from './pasted-characters';

/*
 * How a text is read that a person pastes, or writes into a file: an ID, an address, a token. What cannot be seen and came along
 * with a copy is forgiven; what would then be something else than what is seen is refused. What programs say to each other is not
 * read so.
 */

/** Why a text is no address, before its parts are looked at. `hasSpaces`: it is cut by a space or a line end, or is more than one. */
export type PastedAddressProblem = PastedIdProblem | 'hasSpaces';

export type PastedText<Problem> =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

/** Letters of the scripts in whose words joiners stand, in names of hosts too (RFC 5892, A.1 and A.2). */
const JOINED = '[[\\p{L}\\p{M}]--[\\0-\\x7f]]';
const UNSEEN = /* @__PURE__ */ new RegExp(`[${UNSEEN_BESIDES}]+`, 'g');
const STRAY_JOINERS = /* @__PURE__ */ new RegExp(`(?<!${JOINED})[${JOINERS}]+|[${JOINERS}]+(?!${JOINED})`, 'gv');

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
