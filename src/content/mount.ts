import { findAnchor } from '../portals';

/** Inline in the portal's own content, or docked over the page's lower right corner. */
export type Place = 'inline' | 'docked';

const HOST = 'partner-of-record';
const WAIT_FOR_ANCHOR_MS = 300;
const LOOK_EVERY_MS = 100;
const SLOW_LOOK_MS = 1000;
/** A page that takes the panel away this often in that time is left alone for a while. */
const REMOVALS = 5;
const IN_MS = 3000;
const REST_MS = 5000;

const DIALOGS = 'dialog[open], [role="dialog"], [role="alertdialog"], [aria-modal="true"]';
const KEPT_EVENTS = ['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'paste', 'copy', 'cut'];

interface Mounting {
  /** Where the panel goes inline, as `anchorsFor` says. */
  readonly selectors: readonly string[];
  readonly styles: string;
  readonly onPlace: (place: Place) => void;
  /** A later version of this script has put its own panel in this one's stead. */
  readonly onReplaced: () => void;
}

/**
 * Puts one host element with a closed shadow root on the page and keeps it there until `signal` is aborted: inline when there is
 * an anchor, docked when there is none, back again when a re-render of the page has taken it away.
 *
 * @returns the element to render into; it stays the same wherever the host goes, so that nothing typed is lost
 */
export function mountPanel({ selectors, styles, onPlace, onReplaced }: Mounting, signal: AbortSignal): HTMLElement {
  const host = document.createElement(HOST);
  const run = crypto.randomUUID();
  host.dataset['run'] = run;
  const root = host.attachShadow({ mode: 'closed' });
  addStyles(root, styles);
  const surface = document.createElement('div');
  surface.className = 'surface';
  root.append(surface);
  for (const type of KEPT_EVENTS) root.addEventListener(type, (event) => event.stopPropagation());
  const restoreFocus = rememberFocus(root, host);

  const startedAt = performance.now();
  let place: Place | null = null;
  let removals: number[] = [];
  let resting = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const observer = new MutationObserver(() => {
    if (place !== null && !host.isConnected && !resting) look();
    else timer ??= setTimeout(look, LOOK_EVERY_MS);
  });

  function look(): void {
    clearTimeout(timer);
    timer = undefined;
    resting = false;
    const others = [...document.querySelectorAll<HTMLElement>(HOST)].filter((other) => other !== host);
    // A copy of ours is only the page copying its content; another run's host is a later version's.
    if (place !== null && !host.isConnected && others.some((other) => other.dataset['run'] !== run)) {
      onReplaced();
      return;
    }
    for (const other of others) other.remove();
    if (place !== null && !host.isConnected && isRemovedTooOften()) return;
    settle();
    if (place === 'docked') host.toggleAttribute('data-yields', dialogInTheWay(host));
  }

  function settle(): void {
    if (place === 'inline' && host.isConnected && isSeen(host)) return;
    const anchor = findAnchor(document, selectors);
    if (anchor !== null) {
      if (host.parentElement !== anchor) moveTo(anchor, 'inline');
    } else if (place !== 'docked' || !host.isConnected) {
      const waited = performance.now() - startedAt;
      if (place === null && waited < WAIT_FOR_ANCHOR_MS) timer = setTimeout(look, WAIT_FOR_ANCHOR_MS - waited);
      else moveTo(document.body, 'docked');
    }
  }

  function moveTo(parent: Element, next: Place): void {
    const moved = place !== next;
    place = next;
    host.dataset['place'] = next;
    host.removeAttribute('data-yields');
    if (next === 'inline') parent.prepend(host);
    else parent.append(host);
    restoreFocus();
    observe();
    if (moved) onPlace(next);
  }

  /** Only over a docked panel can a dialog open, and those often open by an attribute. */
  function observe(): void {
    observer.disconnect();
    observer.observe(document, {
      childList: true,
      subtree: true,
      ...(place === 'docked' && {
        attributes: true,
        attributeFilter: ['open', 'hidden', 'role', 'aria-modal', 'class', 'style'],
      }),
    });
  }

  function isRemovedTooOften(): boolean {
    const now = performance.now();
    removals = [...removals.filter((at) => at > now - IN_MS), now];
    if (removals.length <= REMOVALS) return false;
    removals = [];
    resting = true;
    timer = setTimeout(look, REST_MS);
    return true;
  }

  const slowLook = setInterval(() => {
    if (timer === undefined && document.visibilityState === 'visible') look();
  }, SLOW_LOOK_MS);
  signal.addEventListener(
    'abort',
    () => {
      observer.disconnect();
      clearTimeout(timer);
      clearInterval(slowLook);
      host.remove();
    },
    { once: true },
  );
  observe();
  look();
  return surface;
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

function dialogInTheWay(host: HTMLElement): boolean {
  const own = host.getBoundingClientRect();
  return [...document.querySelectorAll(DIALOGS)].some((dialog) => {
    if (!isSeen(dialog)) return false;
    if (dialog.getAttribute('aria-modal') === 'true') return true;
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    return left < own.right && right > own.left && top < own.bottom && bottom > own.top;
  });
}

function isSeen(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
}
