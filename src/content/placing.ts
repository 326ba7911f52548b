import { findAnchor } from '../portals';
import type { Host } from './host';
import {
  decidePlace,
  LEAVES_AFTER_MS,
  type Past,
  type Place,
  pastAt,
  placeOf,
  type Scene,
  type Spot,
} from './placement';
import { createSightWatch } from './visibility';

const LOOK_EVERY_MS = 100;
/** On the average: at times that a page can't foresee. */
const SLOW_LOOK_MS = 1000;
/** A look that comes so late is on a page that was held up. It has drawn nothing meanwhile, so the browser's word on it is old. */
const HELD_UP_MS = 100;
const DIALOGS = 'dialog[open], [role="dialog"], [role="alertdialog"], [aria-modal="true"]';

interface Placing {
  readonly host: Host;
  /** Where the panel goes inline, as `anchorsFor` says. */
  readonly selectors: readonly string[];
  /** How long the panel has not been seen as it is, by a clock that began with the page; null when nothing is wrong. */
  readonly unseenFor: (now: number) => number | null;
  /** The host is about to be put into that element. */
  readonly onMoving: (parent: Element, place: Place) => void;
  /** The host has been moved: what was seen of it elsewhere says nothing of this place. */
  readonly onMoved: (place: Place) => void;
  /** The page was looked at, and what it asked for was done; from time to time also where there was nothing to look at. */
  readonly onLooked: () => void;
  /** A later version of this script has put its own panel in this one's stead. */
  readonly onReplaced: () => void;
  /** The page has opened its document anew, which takes every listener from everything that was in it. */
  readonly onReopened: () => void;
}

/** Looks at the page and moves the host to where `decidePlace` says, until `signal` is aborted; it decides nothing itself. */
export interface Placer {
  look(now?: { readonly pressRefused: boolean }): void;
  /** Whether the host is where it was put. */
  isThere(): boolean;
  /** Whether there is another place to go to where it may be seen. */
  hasFurtherPlace(): boolean;
}

export function keepPlaced(placing: Placing, signal: AbortSignal): Placer {
  const { host, selectors, unseenFor, onMoving, onMoved, onLooked, onReplaced, onReopened } = placing;
  const { element } = host;
  const { documentElement } = document;
  /** What stands where the panel would go back to. */
  const stage = createSightWatch(() => undefined, signal);
  let onStage: Element | null = null;
  let past: Past = pastAt(performance.now());
  let parent: Element | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let slowTimer = setTimeout(lookSlowly, SLOW_LOOK_MS);

  const observer = new MutationObserver(() => {
    const wasTaken = parent !== null && !isThere() && performance.now() >= past.restsUntil;
    if (wasTaken) look();
    else if (timer === undefined) lookIn(LOOK_EVERY_MS);
  });

  function lookIn(ms: number): void {
    dueAt = performance.now() + ms;
    timer = setTimeout(look, ms);
  }

  function look({ pressRefused } = { pressRefused: false }): void {
    clearTimeout(timer);
    timer = undefined;
    const wasHeldUp = performance.now() - dueAt > HELD_UP_MS;
    dueAt = Number.POSITIVE_INFINITY;
    if (document.documentElement !== documentElement) {
      // It may have none for a moment.
      if (document.body !== null) onReopened();
      return;
    }
    const others = host.others();
    if (parent !== null && !element.isConnected && others.some(host.isAnotherRuns)) {
      onReplaced();
      return;
    }
    for (const other of others) other.remove();
    const anchor = findAnchor(document, selectors);
    const decision = decidePlace(past, sceneWith(anchor, pressRefused, wasHeldUp));
    past = decision.past;
    if (decision.lookAgainIn !== null) lookIn(decision.lookAgainIn);
    if (decision.to !== 'stay' && decision.to !== 'rest') moveTo(decision.to, anchor);
    if (past.spot !== null && placeOf(past.spot) === 'docked') {
      element.toggleAttribute('data-yields', dialogInTheWay());
    }
    onLooked();
  }

  function sceneWith(anchor: Element | null, pressRefused: boolean, wasHeldUp: boolean): Scene {
    const now = performance.now();
    const unseen = unseenFor(now);
    return {
      now,
      isThere: isThere(),
      hasBox: isDrawn(element),
      anchor: anchor && { holdsPanel: element.parentElement === anchor, seenFor: seenFor(anchor, now) },
      // It is looked at once more before it leaves.
      unseenFor: unseen !== null && wasHeldUp ? Math.min(unseen, LEAVES_AFTER_MS - LOOK_EVERY_MS) : unseen,
      pressRefused,
      dialogInTheWay: dialogInTheWay(),
      hasFocus: host.root.activeElement !== null,
    };
  }

  /** Where the panel was put, in this document: a page can put it elsewhere, also into another one. */
  function isThere(): boolean {
    return element.isConnected && element.parentElement === parent && element.ownerDocument === document;
  }

  function seenFor(anchor: Element, now: number): number | null {
    if (!past.avoidsAnchor) return null;
    const first = [...anchor.children].find(isDrawn) ?? anchor;
    if (onStage !== first) stage.watch(first);
    onStage = first;
    return stage.sight.state === 'seen' ? now - stage.sight.since : null;
  }

  function moveTo(spot: Spot, anchor: Element | null): void {
    parent = spot === 'anchor' ? anchor : spot === 'body' ? document.body : document.documentElement;
    if (parent === null) return;
    const place = placeOf(spot);
    onMoving(parent, place);
    host.moveTo(parent, place);
    observe(place);
    onMoved(place);
  }

  /** Only over a docked panel can a dialog open, and those often open by an attribute. */
  function observe(place: Place | null): void {
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

  function dialogInTheWay(): boolean {
    const own = element.getBoundingClientRect();
    return [...document.querySelectorAll(DIALOGS)].some((dialog) => {
      if (!isDrawn(dialog)) return false;
      if (dialog.getAttribute('aria-modal') === 'true') return true;
      const { left, right, top, bottom } = dialog.getBoundingClientRect();
      return left < own.right && right > own.left && top < own.bottom && bottom > own.top;
    });
  }

  function lookSlowly(): void {
    slowTimer = setTimeout(lookSlowly, SLOW_LOOK_MS * (0.7 + 0.6 * Math.random()));
    if (timer === undefined && document.visibilityState === 'visible') look();
    else onLooked();
  }
  signal.addEventListener(
    'abort',
    () => {
      observer.disconnect();
      clearTimeout(timer);
      clearTimeout(slowTimer);
      element.remove();
    },
    { once: true },
  );
  observe(null);
  return { look, isThere, hasFurtherPlace: () => past.spot !== 'root' };
}

function isDrawn(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
}
