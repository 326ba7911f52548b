import { domainToASCII } from 'node:url';
import * as v from 'valibot';

const LONGEST_ADDRESS = 254;
const plainAddress = v.pipe(v.string(), v.rfcEmail(), v.maxLength(LONGEST_ADDRESS));
/** Letters, digits, hyphens and dots alone: what `domainToASCII` would take out or take apart (line breaks, `%41`) is none. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * The address as it stands on the wire, its domain in letters that every mail server reads: `post@bücher.example` is
 * `post@xn--bcher-kva.example` there. Null when the text is no address, or none that could be sent to.
 */
export function asciiAddress(text: string): string | null {
  const domain = text.slice(text.lastIndexOf('@') + 1);
  const before = text.slice(0, -domain.length);
  const onWire = DOMAIN.test(domain) ? `${before}${domainToASCII(domain)}` : text;
  return v.is(plainAddress, onWire) ? onWire : null;
}

/**
 * A mail address as the HTML standard has it, with an international domain too: no spaces, no line breaks, nothing that could
 * end a header. Before the @ it is plain ASCII: other letters there need every server on the way to agree (SMTPUTF8), and many
 * do not.
 */
export const mailAddress = v.pipe(
  v.string(),
  v.check(
    (text) => asciiAddress(text) !== null,
    ({ input }) => problemOf(input),
  ),
);

function problemOf(text: string): string {
  if (text.length > LONGEST_ADDRESS) return `A mail address has at most ${LONGEST_ADDRESS} characters.`;
  return /^[^\s@]*\P{ASCII}[^\s@]*@[^\s@]+$/u.test(text)
    ? 'A mail address may have other letters than those of ASCII behind the @ only: few mail servers take them before it.'
    : 'A mail address is written like mail@example.com.';
}
