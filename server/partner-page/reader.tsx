import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { visibleText } from '../../src/domain/visible-text';
import type { Filling, Key, Words } from '../words/words';

/** Who reads the page: the words, and how dates and numbers are written. */
export interface Reader {
  readonly words: Words;
  /** The date of an RFC 3339 time, in UTC. */
  date(rfc3339: string): string;
  /** A month such as `2026-03`. */
  month(month: string): string;
  /** An amount of money, with two digits behind the point. */
  amount(value: number): string;
  /** Texts in the order of the reader's alphabet. */
  readonly compare: (one: string, other: string) => number;
}

export function readerOf(words: Words): Reader {
  const { locale } = words;
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const months = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' });
  const amounts = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return {
    words,
    date: (rfc3339) => dates.format(new Date(rfc3339)),
    month: (month) => months.format(new Date(`${month}-01T00:00:00Z`)),
    amount: (value) => amounts.format(value),
    compare: new Intl.Collator(locale, { numeric: true }).compare,
  };
}

export const ReaderContext = createContext<Reader | null>(null);

export function useReader(): Reader {
  const reader = useContext(ReaderContext);
  if (reader === null) throw new Error('Nobody reads this page');
  return reader;
}

type SentenceProps<K extends Key> = { readonly of: K } & (Filling<K, ComponentChildren> extends [infer Values]
  ? { readonly with: Values }
  : { readonly with?: never });

/** A sentence with elements in its places. */
export function Sentence<K extends Key>({ of, with: values }: SentenceProps<K>) {
  const { words } = useReader();
  const filling = (values === undefined ? [] : [values]) as Filling<K, ComponentChildren>;
  return <>{words.parts<K, ComponentChildren>(of, ...filling)}</>;
}

/** A text from the service: its direction and invisible characters stay its own affair. */
export function Name({ text }: { readonly text: string }) {
  return <bdi>{visibleText(text)}</bdi>;
}
