import type { Placeholders } from './keys';

/** A sentence of the service's catalogue, by its path in `server/words/en`. */
export type Key = keyof Placeholders;

/** Sentences by subject; of a plural one for each category of the language. */
export interface Sentences {
  readonly [name: string]: string | Sentences;
}

/** The sentences in one language, as a BCP 47 tag. */
export interface Catalogue {
  readonly language: string;
  readonly sentences: Sentences;
}

type Places<K extends Key, Value> = { readonly [P in Placeholders[K]]: P extends 'count' ? number : Value };
/** What fills the places of a sentence: nothing where it has none. A plural's `count` is a number and chooses the form. */
export type Filling<K extends Key, Value> = [Placeholders[K]] extends [never] ? [] : [values: Places<K, Value>];

/** A catalogue at work for one reader. */
export interface Words {
  /** What it is written in, as a BCP 47 tag. */
  readonly language: string;
  /** What dates and numbers are written in: the reader's locale where its language is the catalogue's, else that language. */
  readonly locale: string;
  /** A whole sentence, filled. Texts from elsewhere must have been made visible before (`domain/visible-text`). */
  t<K extends Key>(key: K, ...values: Filling<K, string>): string;
  /** A sentence in its parts, in order: its own text, and what fills its places. */
  parts<K extends Key, Value>(key: K, ...values: Filling<K, Value>): readonly (string | Value)[];
}

/**
 * Puts a catalogue to work. A key that it lacks is a `RangeError`.
 * @param reader the reader's locale as a BCP 47 tag, such as a browser's; null when it is not known
 */
export function wordsOf({ language, sentences }: Catalogue, reader: string | null): Words {
  const locale = reader !== null && languageOf(reader) === languageOf(language) ? reader : language;
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(locale);

  function template(key: Key, count: unknown): string {
    const found = key.split('.').reduce<string | Sentences | undefined>(within, sentences);
    const sentence =
      typeof count === 'number' ? (within(found, plurals.select(count)) ?? within(found, 'other')) : found;
    if (typeof sentence !== 'string') throw new RangeError(`The catalogue has no ${key}`);
    return sentence;
  }

  function parts<K extends Key, Value>(key: K, ...[values]: Filling<K, Value>): readonly (string | Value)[] {
    const filling: Partial<Record<string, Value | number>> = { ...values };
    return template(key, filling['count'])
      .split(/\{(\w+)\}/)
      .map((part, at) => (at % 2 === 0 ? part : filled(filling[part] ?? `{${part}}`)))
      .filter((part) => part !== '');
  }

  function filled<Value>(value: Value | number): Value | string {
    return typeof value === 'number' ? numbers.format(value) : value;
  }

  return { language, locale, parts, t: (key, ...values) => parts(key, ...values).join('') };
}

function within(sentences: string | Sentences | undefined, name: string): string | Sentences | undefined {
  return typeof sentences === 'object' ? sentences[name] : undefined;
}

function languageOf(locale: string): string {
  return new Intl.Locale(locale).language;
}
