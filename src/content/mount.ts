import { findAnchor } from '../portals';
import { BELIEVED_AFTER_MS, CAN_TELL, createSightWatch, wasSeen } from './visibility';

/** Inline in the portal's own content, or docked over the page's lower right corner. */
export type Place = 'inline' | 'docked';

/**
 * The mark of the host, which is a `div`: an element with a name of its own would be a custom element to a page that defines one
 * of that name, and by its internals the page would come into the closed root.
 */
const HOST = 'data-partner-of-record';
const WAIT_FOR_ANCHOR_MS = 300;
const LOOK_EVERY_MS = 100;
const SLOW_LOOK_MS = 1000;
/** A page that takes the panel away this often in that time is left alone for a while. */
const REMOVALS = 5;
const IN_MS = 3000;
const REST_MS = 5000;
/** So long must the place be seen that the panel left for being covered; each further time twice as long, so that it does not flap. */
const BACK_AFTER_MS = 1000;

const DIALOGS = 'dialog[open], [role="dialog"], [role="alertdialog"], [aria-modal="true"]';
const KEPT_EVENTS = [
  ...['keydown', 'keypress', 'keyup', 'beforeinput', 'input', 'textInput'],
  ...['compositionstart', 'compositionupdate', 'compositionend'],
  ...['paste', 'copy', 'cut', 'dragstart', 'drop'],
];

interface Mounting {
  /** Where the panel goes inline, as `anchorsFor` says. */
  readonly selectors: readonly string[];
  readonly styles: string;
  readonly onPlace: (place: Place) => void;
  /** A later version of this script has put its own panel in this one's stead. */
  readonly onReplaced: () => void;
  /** The page has opened its document anew, which takes every listener from everything that was in it. */
  readonly onReopened: () => void;
}

interface Mounted {
  /** The element to render into; it stays the same wherever the host goes, so that nothing typed is lost. */
  readonly surface: HTMLElement;
  /**
   * Decides about a press on the panel: `act` when it was seen, `refuse` when something covers it or did a moment ago. Where
   * the browser can't tell, every press counts.
   */
  readonly whenSeen: (act: () => void, refuse: () => void) => void;
}

/**
 * Puts one host element with a closed shadow root on the page and keeps it there until `signal` is aborted: inline when there is
 * an anchor, docked when there is none or when something covers it there, back again when a re-render of the page has taken it
 * away.
 */
export function mountPanel(mounting: Mounting, signal: AbortSignal): Mounted {
  const { selectors, styles, onPlace, onReplaced, onReopened } = mounting;
  const { documentElement } = document;
  const host = document.createElement('div');
  const run = crypto.randomUUID();
  host.setAttribute(HOST, run);
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

  const own = createSightWatch(takeSight, signal);
  /** What stands where the panel would go back to. */
  const stage = createSightWatch(() => undefined, signal);
  let onStage: Element | null = null;
  let avoidsInline = false;
  let timesCovered = 0;
  let coverTimer: ReturnType<typeof setTimeout> | undefined;
  let undecided: (() => void) | null = null;

  const observer = new MutationObserver(() => {
    if (place !== null && !host.isConnected && !resting) look();
    else timer ??= setTimeout(look, LOOK_EVERY_MS);
  });

  function look(): void {
    clearTimeout(timer);
    timer = undefined;
    resting = false;
    if (document.documentElement !== documentElement) {
      // It may have none for a moment.
      if (document.body !== null) onReopened();
      return;
    }
    const others = [...document.querySelectorAll(`[${HOST}]`)].filter((other) => other !== host);
    // A copy of ours is only the page copying its content; another run's host is a later version's.
    if (place !== null && !host.isConnected && others.some((other) => other.getAttribute(HOST) !== run)) {
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
    if (anchor !== null && mayStandIn(anchor)) {
      if (host.parentElement !== anchor) moveTo(anchor, 'inline');
    } else if (place !== 'docked' || !host.isConnected || host.parentElement !== dock()) {
      const waited = performance.now() - startedAt;
      if (place === null && waited < WAIT_FOR_ANCHOR_MS) timer = setTimeout(look, WAIT_FOR_ANCHOR_MS - waited);
      else moveTo(dock(), 'docked');
    }
  }

  /** Outside of the body what the page does to its body does not reach the panel; others look for docked things inside it. */
  function dock(): Element {
    return timesCovered > 0 ? document.documentElement : document.body;
  }

  /** Once covered, the panel goes inline only where what stands there now has been seen for a while. */
  function mayStandIn(anchor: Element): boolean {
    if (!avoidsInline) return true;
    const first = [...anchor.children].find(isSeen) ?? anchor;
    if (onStage !== first) stage.watch(first);
    onStage = first;
    const { state, since } = stage.sight;
    return state === 'seen' && performance.now() - since >= BACK_AFTER_MS * 2 ** (timesCovered - 1);
  }

  function moveTo(parent: Element, next: Place): void {
    const moved = place !== next;
    place = next;
    host.dataset['place'] = next;
    host.removeAttribute('data-yields');
    if (next === 'inline') {
      avoidsInline = false;
      parent.prepend(host);
    } else {
      parent.append(host);
    }
    restoreFocus();
    observe();
    if (moved) onPlace(next);
    // What was seen elsewhere says nothing of this place.
    clearTimeout(coverTimer);
    own.watch(surface);
  }

  function takeSight(): void {
    clearTimeout(coverTimer);
    if (own.sight.state === 'covered') coverTimer = setTimeout(leaveCovered, BELIEVED_AFTER_MS);
    undecided?.();
  }

  /** To the dock, and from a dock in the body to one outside of it; there is no further place. */
  function leaveCovered(): void {
    clearTimeout(coverTimer);
    if (host.parentElement === document.documentElement) return;
    if (dialogInTheWay(host)) {
      // It closes again, and until then would be in the way there too.
      coverTimer = setTimeout(leaveCovered, BELIEVED_AFTER_MS);
      return;
    }
    avoidsInline = true;
    timesCovered += 1;
    moveTo(dock(), 'docked');
  }

  function whenSeen(act: () => void, refuse: () => void): void {
    if (!CAN_TELL) {
      act();
      return;
    }
    const giveUp = setTimeout(() => end(refuse), BELIEVED_AFTER_MS);
    const decide = () => {
      const seen = wasSeen(own.sight, performance.now());
      if (seen === 'yes') end(act);
      if (seen === 'no') end(refuse);
    };
    const end = (outcome: () => void) => {
      clearTimeout(giveUp);
      if (undecided === decide) undecided = null;
      if (outcome === refuse) leaveCovered();
      if (!signal.aborted) outcome();
    };
    undecided = decide;
    decide();
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
      clearTimeout(coverTimer);
      clearInterval(slowLook);
      host.remove();
    },
    { once: true },
  );
  observe();
  look();
  return { surface, whenSeen };
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
