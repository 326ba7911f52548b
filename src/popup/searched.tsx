import type { ComponentChildren } from 'preact';

/** How a name is drawn where that is searched for: the matches in it are marked. */
export function markedBy(searched: string): (name: string) => ComponentChildren {
  return (name) => cutAtMatches(name, searched).map((part, at) => (at % 2 === 0 ? part : <mark key={at}>{part}</mark>));
}

/**
 * A text cut at what is searched for, in any case: the parts at odd places are the matches, those at even places, of which some
 * may be empty, are the text between.
 */
export function cutAtMatches(text: string, searched: string): readonly string[] {
  const wanted = searched.trim();
  if (wanted === '') return [text];
  return text.split(new RegExp(`(${wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})`, 'giu'));
}
