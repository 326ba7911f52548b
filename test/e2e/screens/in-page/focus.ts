import { elementsBelow, nameOf } from './composed';

/** Where the keyboard is. */
export interface Met {
  /** The element, by its place in the document; -1 when the focus has left the page. */
  readonly place: number;
  /** Whether it is, or comes after, the one that was met before; of a list whose lines are drawn while they are in sight, that one may be gone. */
  readonly follows: boolean;
  readonly what: string;
  /** Why somebody does not see that the focus is there; null when they do. */
  readonly unseen: string | null;
  /** Within a question that is to be answered first. */
  readonly dialog: boolean;
}

declare global {
  /** Where the keyboard is in this page at this moment. */
  var whereIsFocus: () => Met;
}

let metBefore: Element | null = null;

globalThis.whereIsFocus = () => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (focused === null || focused === document.body)
    return { place: -1, follows: true, what: 'nothing', unseen: null, dialog: false };
  const all = [...elementsBelow(document)];
  const place = all.indexOf(focused);
  const follows = metBefore === null || all.indexOf(metBefore) <= place;
  metBefore = focused;
  return {
    place,
    follows,
    what: nameOf(focused),
    unseen: whyUnseen(focused),
    dialog: focused.closest('[role="alertdialog"]') !== null,
  };
};

function whyUnseen(focused: Element): string | null {
  const { outlineStyle, outlineWidth } = getComputedStyle(focused);
  if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 1) return 'has no outline';
  const box = focused.getBoundingClientRect();
  const [x, y] = [box.left + Math.min(box.width / 2, 8), box.top + Math.min(box.height / 2, 8)];
  const root = focused.getRootNode();
  const onTop = root instanceof ShadowRoot || root instanceof Document ? root.elementFromPoint(x, y) : null;
  if (onTop === null) return 'lies out of the window';
  return focused.contains(onTop) || onTop.contains(focused) ? null : `lies under ${nameOf(onTop)}`;
}
