import type { Place } from './placement';

/**
 * The mark of the host, which is a `div`: an element with a name of its own would be a custom element to a page that defines one
 * of that name, and by its internals the page would come into the closed root.
 */
const HOST = 'data-partner-of-record';
const KEPT_EVENTS = [
  ...['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'textInput'],
  ...['compositionstart', 'compositionupdate', 'compositionend'],
  ...['paste', 'copy', 'cut', 'dragstart', 'drop'],
];

/** The one element that a panel has on its page, with what stands in its closed shadow root. */
export interface Host {
  readonly element: HTMLElement;
  readonly root: ShadowRoot;
  /** The element to render into; it stays the same wherever the host goes, so that nothing typed is lost. */
  readonly surface: HTMLElement;
  /** Puts the host there, with the focus that the page took from it. */
  moveTo(parent: Element, place: Place): void;
  /** Hosts of others: copies of this one, what an earlier version left, or a later version's own. */
  others(): readonly Element[];
  /** Whether another run of this script made that host; a copy of ours is only the page copying its content. */
  isAnotherRuns(other: Element): boolean;
}

export function createHost(styles: string): Host {
  const element = document.createElement('div');
  const run = crypto.randomUUID();
  element.setAttribute(HOST, run);
  const root = element.attachShadow({ mode: 'closed' });
  addStyles(root, styles);
  const surface = document.createElement('div');
  surface.className = 'surface';
  root.append(surface);
  for (const type of KEPT_EVENTS) root.addEventListener(type, (event) => event.stopPropagation());
  const restoreFocus = rememberFocus(root, element);
  return {
    element,
    root,
    surface,
    moveTo(parent, place) {
      element.dataset['place'] = place;
      element.removeAttribute('data-yields');
      if (place === 'inline') parent.prepend(element);
      else parent.append(element);
      restoreFocus();
    },
    others: () => [...document.querySelectorAll(`[${HOST}]`)].filter((other) => other !== element),
    isAnotherRuns: (other) => other.getAttribute(HOST) !== run,
  };
}

/** Adopted where the browser lets a content script do so, since no content security policy of the page stops that. */
function addStyles(root: ShadowRoot, styles: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // Firefox does not take a sheet of the content script's world.
    const style = document.createElement('style');
    style.textContent = styles;
    root.append(style);
  }
}

/** Gives back what had the focus when the page took the host away with it. */
function rememberFocus(root: ShadowRoot, host: HTMLElement): () => void {
  let last: HTMLElement | null = null;
  root.addEventListener('focusin', ({ target }) => {
    last = target instanceof HTMLElement ? target : null;
  });
  root.addEventListener('focusout', () => {
    // A removal takes the focus too, and not by the person's will.
    queueMicrotask(() => {
      if (host.isConnected && root.activeElement === null) last = null;
    });
  });
  return () => {
    const taken = document.activeElement !== null && document.activeElement !== document.body;
    if (!taken) last?.focus({ preventScroll: true });
  };
}
