import { type RawBuilder, sql } from 'kysely';

/** So many characters make a gram. */
const LENGTH = 3;

/**
 * All grams of a text column, and the rest of less at its end: cut from its first, second and third character on. Of functions that
 * every PostgreSQL has and that ask for no locale, so that an index on it can be made by whoever may make a table, and serves names
 * in any script. What divides them is in no folded text. An index is found by this very expression.
 */
export function gramsOf(column: RawBuilder<unknown>): RawBuilder<string[]> {
  const cut = (text: RawBuilder<unknown>) => sql`regexp_replace(${text}, '(...)', E'\\\\1\\x01', 'g')`;
  return sql`string_to_array(${cut(column)} || E'\\x01' || ${cut(sql`substr(${column}, 2)`)} || E'\\x01'
    || ${cut(sql`substr(${column}, 3)`)}, E'\\x01')`;
}

/** Of a text that is longer than this, not all grams are asked for: the index looks for each in each text that has the rarest one. */
const ASKED_WHOLE = 8;

/** Grams that every text has which holds this folded one, each character in one at least; none for one that is shorter than a gram. */
export function gramsIn(folded: string): string[] {
  const characters = [...folded];
  const grams = characters.slice(LENGTH - 1).map((_, index) => characters.slice(index, index + LENGTH).join(''));
  const isAsked = (index: number) => index % LENGTH === 0 || index === grams.length - 1;
  return [...new Set(characters.length <= ASKED_WHOLE ? grams : grams.filter((_, index) => isAsked(index)))];
}
