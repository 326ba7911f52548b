import type { ComponentChildren } from 'preact';
import { type Filling, type Key, sentenceParts } from '../words/words';

type SentenceProps<K extends Key> = { readonly of: K } & (Filling<K, ComponentChildren> extends readonly [infer Values]
  ? { readonly with: Values }
  : { readonly with?: never });

/** A sentence of the catalogue with elements in its places. */
export function Sentence<K extends Key>(props: SentenceProps<K>) {
  const filling = (props.with === undefined ? [] : [props.with]) as Filling<K, ComponentChildren>;
  return <>{sentenceParts(props.of, ...filling)}</>;
}
