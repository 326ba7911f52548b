/**
 * What a header's line can hold: 998 bytes (RFC 5322, 2.1.1), and servers refuse a mail with a longer one. nodemailer (10.6)
 * breaks lines at spaces alone.
 */
const LONGEST_TEXT = 150;
const LONGEST_EXACT_BYTES = 900;

/** A text for people, cut with an ellipsis behind 150 characters. */
export function shortText(text: string): string {
  const characters = [...text];
  return characters.length > LONGEST_TEXT ? `${characters.slice(0, LONGEST_TEXT - 1).join('')}…` : text;
}

/** A text for programs, exact but for line breaks and the like; null where it is too long, since a part of it would mislead. */
export function exactText(text: string): string | null {
  return Buffer.byteLength(text) > LONGEST_EXACT_BYTES ? null : text.replace(/\p{Cc}+/gu, ' ');
}
