import type { Catalogue, Sentences } from '../../../server/words/words';

const GEORGIAN_A = 0x10d0;

/** A text with every Latin letter replaced by one of the Georgian script; what stands in braces stays. */
export function inGeorgianLetters(text: string): string {
  return text.replace(/\{\w+\}|\p{Script=Latin}/gu, (found) =>
    found.length > 1 ? found : String.fromCodePoint(GEORGIAN_A + ((found.toLowerCase().codePointAt(0) ?? 0) % 32)),
  );
}

/** The same sentences, by the same keys, in another script: what shows a Latin letter then is in no catalogue. */
export function inOtherScript({ sentences }: Catalogue): Catalogue {
  const translated = (all: Sentences): Sentences =>
    Object.fromEntries(
      Object.entries(all).map(([name, one]) => [
        name,
        typeof one === 'string' ? inGeorgianLetters(one) : translated(one),
      ]),
    );
  return { language: 'ka', sentences: translated(sentences) };
}
