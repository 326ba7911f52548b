import { remembered } from './remembered';

/** The page as it is drawn: across open shadow roots, and without what nobody sees. */

/** Every element below it, in document order, those in open shadow roots too. */
export function* elementsBelow(root: Document | ShadowRoot): Generator<Element> {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot !== null) yield* elementsBelow(element.shadowRoot);
  }
}

/** The element itself and all that it lies in, the outermost last. */
export function outward(element: Element): readonly Element[] {
  const around = parentOf(element);
  return around === null ? [element] : [element, ...outward(around)];
}

export function parentOf(element: Element): Element | null {
  if (element.parentElement !== null) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

/** Whether somebody looking at it has it before them; what is behind a modal dialog is not looked at. */
export function isSeen(element: Element): boolean {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true }))
    return false;
  const dialog = modalOf(document);
  if (dialog !== null && !dialog.contains(element)) return false;
  return !isClipped(element);
}

const modalOf = remembered((page: Document) => page.querySelector('dialog:modal'));

/** Whether only those who listen have it. */
const isClipped: (element: Element) => boolean = remembered((element: Element) => {
  const around = parentOf(element);
  return getComputedStyle(element).clipPath !== 'none' || (around !== null && isClipped(around));
});

/** A name for a report: the state that it is of where there are several, the element, and how its text begins. */
export function nameOf(element: Element): string {
  const kind =
    element.tagName.toLowerCase() + (element.classList.length > 0 ? `.${[...element.classList].join('.')}` : '');
  const words = (element.textContent || element.getAttribute('data-text') || element.getAttribute('placeholder') || '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 50);
  const state = outward(element).flatMap((around) => around.getAttribute('data-state') ?? [])[0];
  return `${state === undefined ? '' : `${state}: `}${kind} “${words}”`;
}
