/** A letter of the Arabic script that takes a shape by its neighbours; the presentation forms take none. */
const ARABIC_LETTER = String.raw`[[[\u0620-\u06ff\u0750-\u077f\u0870-\u08ff]&&\p{L}]--[\u0621\u0674\u06e5\u06e6\u0887\u08ad\u08c9]]`;
/** Those of them that do not join the next one: what parts them from it changes nothing that is seen. */
const JOINS_NO_NEXT = String.raw`[\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf\u06d2\u06d3\u06d5\u06ee\u06ef\u0759-\u075b\u076b\u076c\u0771\u0773\u0774\u0778\u0779\u0870-\u0882\u088e\u08aa-\u08ac\u08ae\u08b1\u08b2\u08b9]`;
const MARKS = String.raw`\p{M}{0,4}`;

/**
 * Where a character without a look of its own changes the look of what stands beside it, and names are written with it: as a
 * whole, so that nothing else of that kind passes with it. Where it changes nothing, a name with it would pass for one without.
 * Behind virama it is as in IDNA (RFC 5892, A.1 and A.2), narrowed to the scripts that draw it.
 */
const NEEDED = [
  // Emoji as they are registered: flags, keycaps, families, skin tones, "👩‍💻". What is not registered looks as without its joiner.
  String.raw`\p{RGI_Emoji}`,
  // Persian and its neighbours: two letters that would join, and do not.
  String.raw`(?<=(?!${JOINS_NO_NEXT})${ARABIC_LETTER}${MARKS})\u200c(?=${ARABIC_LETTER})`,
  // Half and parted forms: Devanagari, Bengali, Gujarati; the chillu letters of Malayalam.
  String.raw`(?<=\p{L}\p{M}?[\u094d\u09cd\u0acd\u0d4d])\u200d`,
  // Sinhala writes its conjuncts so.
  String.raw`(?<=\p{L}\u0dca)\u200d(?=\p{Script=Sinhala})`,
  // A virama that is to be seen between two consonants, in those and in Odia, Telugu and Kannada.
  String.raw`(?<=\p{L}\p{M}?[\u094d\u09cd\u0acd\u0b4d\u0c4d\u0ccd\u0d4d])\u200c(?=[\p{L}&&[\u0900-\u0d7f]])`,
  // A ra that keeps its shape, Bengali and Kannada.
  String.raw`(?<=[\u09b0\u0cb0])\u200d(?=[\u09cd\u0ccd]\p{L})`,
];

// Controls, format characters (bidi overrides, zero-width ones), line separators, private use and unassigned code points,
// fillers and variation selectors (`DI`), and the blank Braille pattern, which is none of these.
const INVISIBLE = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}\p{DI}\u2800]`;
// A mark with no letter of the name before it would sit on what stands before the name; a tower of them covers other lines.
const MISPLACED_MARK = String.raw`^\p{M}|(?<=\p{M}{4})\p{M}`;

/** Where there is none of these, nothing is to be written out. */
const DOUBTFUL = new RegExp(`\\p{M}|${INVISIBLE}`, 'v');
/** Made for the first text that needs it: all emoji take 40 ms, which every script of ours would spend at its start (Chromium 156). */
let keptOrNot: RegExp | undefined;
const LONGEST = 200;
/** Joiners with nothing behind them, which a cut may leave of a sequence. */
const CUT_SEQUENCE = /[\u200c\u200d]+$/u;

/** A backend's text made safe to read, as {@link wholeVisibleText} does. What is over 200 characters is cut with an ellipsis. */
export function visibleText(text: string): string {
  const characters = [...text];
  const cut =
    characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('').replace(CUT_SEQUENCE, '')}…` : text;
  return wholeVisibleText(cut);
}

/**
 * A text made safe to read: characters that are invisible, reorder others or pile up on them are written out (`[U+202E]`), but for
 * joiners and variation selectors where letters or emoji are drawn by them, so that no name can pass for another.
 */
export function wholeVisibleText(text: string): string {
  if (!DOUBTFUL.test(text)) return text;
  keptOrNot ??= new RegExp(`(${NEEDED.join('|')})|${MISPLACED_MARK}|${INVISIBLE}`, 'gv');
  return text.replace(keptOrNot, (character, needed?: string) => needed ?? writtenOut(character));
}

function writtenOut(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}
