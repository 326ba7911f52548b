import { createContext } from 'preact';

/** What the person searches for where names are shown; empty when nothing is. Names mark it in their text. */
export const SearchedContext = createContext('');

/**
 * A text cut at what is searched for, in any case: the parts at odd places are the matches, those at even places, of which some
 * may be empty, are the text between.
 */
export function cutAtMatches(text: string, searched: string): readonly string[] {
  const wanted = searched.trim();
  if (wanted === '') return [text];
  return text.split(new RegExp(`(${wanted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})`, 'giu'));
}
