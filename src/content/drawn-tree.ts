import { shadowRootOf } from '../platform/shadow-root';

/**
 * The parent of an element in the tree that is drawn: a page can give what the panel stands in a shadow root, and put it into a
 * slot there.
 */
export function parentInTree(element: Element): Element | null {
  const parent = element.parentNode;
  if (parent instanceof ShadowRoot) return parent.host;
  if (!(parent instanceof Element)) return null;
  const root = shadowRootOf(parent);
  // Without a slot it is not drawn at all, which its box shows.
  return (
    [...(root?.querySelectorAll('slot') ?? [])].find((slot) => slot.assignedElements().includes(element)) ?? parent
  );
}
