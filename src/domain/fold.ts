/**
 * Counts up with every edit of {@link fold} that alters what it answers for any text: whoever stores folded text stores this number
 * beside it, and knows by it which texts to fold anew. 1 was lower case alone.
 */
export const FOLD_NUMBER = 2;

/** Nothing but lower case alters it, if no two spaces meet. Most names and all IDs are such. */
const PLAIN = /^[ -_a-~]*$/;
/** Replaced before NFKC, which turns some of these into a space and an accent. People also type the grave accent and the primes for it. */
const APOSTROPHES =
  /[`\u{b4}\u{2b9}-\u{2bd}\u{384}\u{55a}\u{5f3}\u{1fef}\u{1ffd}\u{2018}-\u{201b}\u{2032}\u{2035}\u{a78b}\u{a78c}\u{ff07}\u{ff40}]/gu;
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;
const SPACES = /[\p{White_Space}\p{Cc}]+/gu;
/** A dot above, which İ leaves in lower case, also behind the other marks of its letter. */
const DOT_OF_I = /(?<=i\p{M}*)\u{307}/gu;

/**
 * What a text is searched and found by: two texts that people take for the same have one fold, and a text holds another where its
 * fold holds the other's. No locale has a say. Letter case, the form of Unicode, widths and ligatures, the dot of İ and the want of it
 * on ı, ß and ss, ς and σ, kinds of spaces and how many, kinds of apostrophes, and characters that nobody sees make no difference;
 * accents do. Folded again it stays as it is. It is not for show.
 */
export function fold(text: string): string {
  return isPlain(text) ? text.toLowerCase() : foldAny(text);
}

/** A {@link fold} for one search through many rows: what takes long, it does once for each text. */
export function createFold(): typeof fold {
  const known = new Map<string, string>();
  return (text) => {
    if (isPlain(text)) return text.toLowerCase();
    const before = known.get(text);
    if (before !== undefined) return before;
    const folded = foldAny(text);
    known.set(text, folded);
    return folded;
  };
}

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !text.includes('  ');
}

function foldAny(text: string): string {
  const composed = text.replace(APOSTROPHES, "'").normalize('NFKC').replace(UNSEEN, '');
  // To upper case first: that alone makes one of ß and SS, of ı and I, and of what else has no upper case in one letter.
  const small = composed.replaceAll('\u{1e9e}', 'ss').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  const dotless = small.includes('i') ? small.normalize('NFD').replace(DOT_OF_I, '') : small;
  return dotless.replace(APOSTROPHES, "'").replace(SPACES, ' ').normalize('NFKC');
}
