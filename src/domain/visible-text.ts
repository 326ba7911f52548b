// Controls, format characters (bidi overrides, zero-width ones), line separators, private use and unassigned code points,
// fillers and variation selectors (`DI`), and the blank Braille pattern, which is none of these.
// A zero-width joiner between emoji is one too: a partner's name can do without.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{DI}\u2800]/gu;
// A mark with no letter of the name before it would sit on what stands before the name; a tower of them covers other lines.
const MISPLACED_MARK = /^\p{M}|(?<=\p{M}{4})\p{M}/gu;
const LONGEST = 200;

/**
 * A backend's text made safe to read: characters that are invisible, reorder others or pile up on them are written out
 * (`[U+202E]`), so that no name can pass for another, and what is over 200 characters is cut with an ellipsis.
 */
export function visibleText(text: string): string {
  const characters = [...text];
  const cut = characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : text;
  return cut.replace(MISPLACED_MARK, writtenOut).replace(INVISIBLE, writtenOut);
}

function writtenOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
