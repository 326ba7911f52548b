/** Where the page is drawn: behind the toolbar button, or in a tab of its own that was opened over another, named by its number. */
export type Place = { readonly in: 'popup' } | { readonly in: 'tab'; readonly over: number | null };

/** By the query of the page's own address: `?tab=` and the number of the tab it was opened over, if that is known. */
export function placeOf(search: string): Place {
  const over = new URLSearchParams(search).get('tab');
  if (over === null) return { in: 'popup' };
  return { in: 'tab', over: /^\d+$/.test(over) ? Number(over) : null };
}
