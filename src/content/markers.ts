const OURS = Symbol.for('partnerOfRecord');

/**
 * What our scripts leave for each other in the world they share on a page. The page sees none of it, and can't get in its
 * way: an element named like a global shadows it in every world, but no element is named like a symbol. One symbol for all: a page
 * that is no business of ours pays for each.
 */
interface Left {
  /** Of the panel script that is on this page and watches the address itself, until it is aborted. */
  panel?: AbortSignal;
  /** Has the detect script that is at work look at every address from now on. */
  everywhere?: () => void;
}
const world: { [OURS]?: Left } = globalThis as { [OURS]?: Left };

/** What our scripts have left on this page, and leave there. */
export const left: Left = world[OURS] ?? {};
world[OURS] = left;

/** Whether a panel script is on this page and watches the address itself. */
export function panelIsHere(): boolean {
  return left.panel?.aborted === false;
}
