import type { Placeholders } from './keys';

/** A sentence of the catalogue, by its path in `src/words/en`. */
export type Key = keyof Placeholders;

type Places<K extends Key, Value> = { readonly [P in Placeholders[K]]: P extends 'count' ? number : Value };
/** What fills the places of a sentence: nothing where it has none. A plural's `count` is a number and chooses the form. */
export type Filling<K extends Key, Value> = [Placeholders[K]] extends [never] ? [] : [values: Places<K, Value>];

/** Where the words come from. */
export interface Catalogue {
  /** The sentence of that name in `_locales`, its places in braces; empty when there is none. */
  readonly sentence: (id: string) => string;
  /** The browser's own language, as a BCP 47 tag. */
  readonly uiLanguage: string;
}

/** What the words are written in. */
export interface Writing {
  /** The catalogue's language, as a BCP 47 tag. */
  readonly language: string;
  /** What dates and numbers are written in: the browser's locale where its language is the catalogue's, else that language. */
  readonly locale: string;
  readonly direction: 'ltr' | 'rtl';
}

interface Spoken extends Writing, Pick<Catalogue, 'sentence'> {
  // Made when a sentence first counts: a panel that shows none would wait for them.
  plurals?: Intl.PluralRules;
  numbers?: Intl.NumberFormat;
}

let spoken: Spoken | null = null;

/** Takes the words that this page or worker shows from now on, from the browser. */
export function speak(catalogue: Catalogue): void {
  speakIn(writingOf(catalogue), catalogue.sentence);
}

/** Takes the words that are shown from now on where it is known what they are written in, as a panel is told. */
export function speakIn(writing: Writing, sentence: Catalogue['sentence']): void {
  spoken = { ...writing, sentence };
}

const RIGHT_TO_LEFT = ['ar', 'ckb', 'dv', 'fa', 'he', 'ku', 'ps', 'sd', 'ug', 'ur', 'yi'];

/** What a catalogue's words are written in. */
export function writingOf(catalogue: Catalogue): Writing {
  const { uiLanguage } = catalogue;
  const language = languageOf(catalogue);
  return {
    language,
    locale: isSameLanguage(uiLanguage, language) ? uiLanguage : language,
    direction: RIGHT_TO_LEFT.includes(new Intl.Locale(language).language) ? 'rtl' : 'ltr',
  };
}

/** A whole sentence, filled. Texts from elsewhere must have been made visible before (`domain/visible-text`). */
export function t<K extends Key>(key: K, ...values: Filling<K, string | number>): string {
  return sentenceParts(key, ...values).join('');
}

/** A sentence in its parts, in order: its own text, and what fills its places. Throws when the catalogue lacks the sentence. */
export function sentenceParts<K extends Key, Value>(
  key: K,
  ...[values]: Filling<K, Value>
): readonly (string | Value)[] {
  const filling: Partial<Record<string, Value | number>> = { ...values };
  return templateOf(key, filling['count'])
    .split(/\{(\w+)\}/)
    .map((part, at) => (at % 2 === 0 ? part : filled(filling[part] ?? `{${part}}`)))
    .filter((part) => part !== '');
}

function filled<Value>(value: Value | number): Value | string {
  if (typeof value !== 'number') return value;
  const writing = heard();
  writing.numbers ??= new Intl.NumberFormat(writing.locale);
  return writing.numbers.format(value);
}

function templateOf(key: Key, count: unknown): string {
  const { sentence } = heard();
  const id = key.replaceAll('.', '_');
  const template =
    typeof count === 'number' ? sentence(`${id}_${pluralForm(count)}`) || sentence(`${id}_other`) : sentence(id);
  if (template === '') throw new RangeError(`The catalogue has no ${key}`);
  return template;
}

function pluralForm(count: number): Intl.LDMLPluralRule {
  const writing = heard();
  writing.plurals ??= new Intl.PluralRules(writing.language);
  return writing.plurals.select(count);
}

/** The catalogue's language, as a BCP 47 tag. */
export function language(): string {
  return heard().language;
}

/** The way in which the catalogue's language is written. */
export function direction(): 'ltr' | 'rtl' {
  return heard().direction;
}

/** What dates and numbers are written in: the browser's locale where its language is the catalogue's, else the catalogue's language. */
export function locale(): string {
  return heard().locale;
}

/** Names in a row, as in “a, b, and c”, “a, b, or c”, or “a, b, c”. */
export function listed(names: readonly string[], type: 'conjunction' | 'disjunction' | 'unit' = 'conjunction'): string {
  return new Intl.ListFormat(heard().language, { type }).format(names);
}

function heard(): Spoken {
  if (spoken === null) throw new Error('No catalogue was given yet');
  return spoken;
}

function languageOf({ sentence, uiLanguage }: Catalogue): string {
  const named = sentence('extension_language');
  try {
    return new Intl.Locale(named).toString();
  } catch {
    // A catalogue that does not say its language is read in the browser's.
    return new Intl.Locale(uiLanguage).language;
  }
}

function isSameLanguage(one: string, other: string): boolean {
  return new Intl.Locale(one).language === new Intl.Locale(other).language;
}
