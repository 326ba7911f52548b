interface ChromeDom {
  openOrClosedShadowRoot?(element: Element): ShadowRoot | null;
}
declare const chrome: { readonly dom?: ChromeDom } | undefined;

/** Firefox has it on the element itself. */
type Open = Element & { readonly openOrClosedShadowRoot?: ShadowRoot | null };

/** The shadow root that the page has given an element of its own, closed ones too, which only an extension is told of. */
export function shadowRootOf(element: Element): ShadowRoot | null {
  const dom = typeof chrome === 'undefined' ? undefined : chrome.dom;
  const root = dom?.openOrClosedShadowRoot?.(element) ?? (element as Open).openOrClosedShadowRoot;
  return root ?? element.shadowRoot;
}
