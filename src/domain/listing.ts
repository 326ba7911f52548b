/** Where a page stands among all that were ever read of a list. */
export interface ListPlace {
  /** Which reading of the whole list it belongs to; the higher began later. */
  readonly run: number;
  /** How many pages of it came before. */
  readonly page: number;
}

/** Where the page stands that comes after that one. */
export function placeAfter({ run, page }: ListPlace): ListPlace {
  return { run, page: page + 1 };
}

/** No list has more pages than this. */
export const MOST_PAGES = 100_000;
