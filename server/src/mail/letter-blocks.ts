import { visibleText } from '../../../src/domain/visible-text';

/** A text from elsewhere, whose direction stays its own affair. */
export interface Named {
  readonly name: string;
  /** Where it leads, when it is an address. */
  readonly href?: string;
}

/** What stands in a mail: words of the catalogue, and texts from elsewhere. */
export type Sentence = readonly (string | Named)[];

/** One of many: what it is, and below that what there is to know of it. */
export interface Entry {
  readonly name: Sentence;
  readonly details: readonly Sentence[];
}

/** A part of a mail, drawn once in plain text and once in HTML. */
export type Block =
  | { readonly kind: 'sender' | 'heading' | 'paragraph' | 'small'; readonly sentence: Sentence }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [name: string, value: Sentence])[] }
  | { readonly kind: 'list'; readonly title: string; readonly items: readonly string[] }
  | { readonly kind: 'entries'; readonly title: Sentence; readonly entries: readonly Entry[] };

/** A text from elsewhere, with what is invisible in it written out. */
export function named(text: string, href?: string): Named {
  return { name: visibleText(text), ...(href !== undefined && { href }) };
}

export function inPlainText(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.name)).join('');
}
