/*
 * What stands in texts that people paste, or write into files, beside what they mean.
 */

/** Why a text is no ID of any kind: hidden characters show what it holds in another order. */
export type PastedIdProblem = 'reordered';

export const JOINERS = '\u200c\u200d';
/** Soft hyphen, Arabic letter mark, zero-width characters, direction marks, invisible operators, isolates, byte order mark. */
export const UNSEEN_BESIDES = '\u00ad\u061c\u200b\u200e\u200f\u2060-\u2064\u2066-\u2069\ufeff';

/** Every space and line end that Unicode has, and every control. */
export const BLANK = '\\p{White_Space}\\p{Cc}';
/** What some programs put around a text that they copy. It shows what is between from the left, as it is. */
const FRAME = '\u202a\u202c\u202d';
export const EDGES = new RegExp(`^[${BLANK}${FRAME}]+|(?<![${BLANK}${FRAME}])[${BLANK}${FRAME}]+$`, 'gu');
export const BLANKS = new RegExp(`[${BLANK}]+`, 'gu');
export const REORDERING = /[\u202a-\u202e]/;

/** A text in one line, with one space for whatever parts its words. */
export function inOneLine(text: string): string {
  return text.replace(BLANKS, ' ');
}

/** The signs of East Asian keyboards in the width that the rest of the world types. */
export function narrow(text: string): string {
  return text.replace(/[\u3001\uff01-\uff5e]/g, (wide) => (wide === '\u3001' ? ',' : wide.normalize('NFKC')));
}
