import { parentInTree } from './drawn-tree';
import type { Host } from './host';
import { animatesAnEffect, drawsAsItIs, type Flaw, isReadable, type Point, type Sample } from './seeing';
import { SAYS_WHAT_IT_SHOWS } from './visibility';

/** While somebody is at the page; at times that a page can't foresee. */
const EVERY_MS = 100;
const FOR_MS = 2000;
/** While the pointer rests on the panel, or the focus is in it. */
const RESTING_MS = 400;
const KEPT_MS = 3000;
const STIRRING = 'pointermove pointerover pointerdown wheel keydown focusin';
/** A clip with corners of 25 px and more, or of percents, cuts into what stands at its edge. */
const LARGE_CORNER = /%|2[5-9]|[3-9]\d|\d{3}/;

/** Takes samples while somebody is at the page, until its signal is aborted. */
export interface Sampler {
  /** Oldest first. */
  readonly samples: readonly Sample[];
  /** Takes one now. */
  take(): void;
  /** Takes one as soon as the panel is laid out. */
  takeSoon(): void;
  /** Takes one though nothing is heard of anybody: a page can keep from us what the person does. One is enough out of sight. */
  takeAtRest(): void;
}

interface Sampling {
  readonly host: Host;
  /** Whether the host is where it was put. */
  readonly isThere: () => boolean;
  /** A sample was taken that no press asked for. */
  readonly onSample: () => void;
}

export function createSampler({ host, isThere, onSample }: Sampling, signal: AbortSignal): Sampler {
  const { element, root, surface } = host;
  let samples: readonly Sample[] = [];
  let until = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Fires once a frame is laid out and before it is drawn, when all that the page does in a frame has been done.
  const frame = new ResizeObserver(() => {
    frame.disconnect();
    take();
    onSample();
  });

  function take(): void {
    const sample = sampleOf(host, isThere());
    samples = [...samples.filter(({ at }, index) => at > sample.at - KEPT_MS || index === samples.length - 1), sample];
  }

  function takeSoon(): void {
    frame.disconnect();
    frame.observe(surface);
  }

  function takeAtRest(): void {
    if (document.visibilityState === 'visible' || samples.at(-1)?.focused) take();
  }

  function stir(event: Event): void {
    if (!event.isTrusted) return;
    until = performance.now() + FOR_MS;
    if (timer === undefined || event.type === 'pointerdown') next();
  }

  function next(): void {
    clearTimeout(timer);
    timer = undefined;
    if (document.visibilityState !== 'visible') return;
    takeSoon();
    const busy = performance.now() < until;
    if (!busy && !element.matches(':hover') && root.activeElement === null) return;
    timer = setTimeout(next, (busy ? EVERY_MS : RESTING_MS) * (0.7 + 0.6 * Math.random()));
  }

  for (const type of STIRRING.split(' ')) {
    window.addEventListener(type, stir, { capture: true, passive: true, signal });
  }
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(timer);
      frame.disconnect();
    },
    { once: true },
  );
  return {
    get samples() {
      return samples;
    },
    take,
    takeSoon,
    takeAtRest,
  };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function wholeWindow(): Box {
  return { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
}

function sampleOf(host: Host, isThere: boolean): Sample {
  const { element, surface } = host;
  const box = surface.getBoundingClientRect();
  const docked = element.dataset['place'] === 'docked';
  const corner = docked ? host.dress.corner : 'top-left';
  const around = isThere ? lookAround(element) : null;
  return {
    at: performance.now(),
    focused: document.hasFocus(),
    flaw: flawOf(host, box, around),
    corner: {
      x: corner.endsWith('right') ? box.right : box.left,
      y: corner.startsWith('bottom') ? box.bottom : box.top,
    },
    width: box.width,
    scrolled: around?.scrolled ?? { x: 0, y: 0 },
    parts: partsIn(surface, around === null || docked ? wholeWindow() : around.clip),
  };
}

function flawOf({ element, surface, keepStyled }: Host, box: DOMRect, around: Around | null): Flaw | null {
  if (around === null) return 'elsewhere';
  if (!keepStyled()) return 'sheet';
  if (!around.clean || !element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
    return 'effect';
  if (!isReadable(surface.offsetWidth, box.width / surface.offsetWidth, box.height / surface.offsetHeight))
    return 'size';
  return SAYS_WHAT_IT_SHOWS || isOnTop(element, box) ? null : 'covered';
}

interface Around {
  /** Everything around draws the panel as it is. */
  readonly clean: boolean;
  readonly scrolled: Point;
  /** What the elements around leave of the window to what stands in them. */
  readonly clip: Box;
}

function lookAround(element: Element): Around {
  let clean = !KNOWS_TRANSITIONS || document.querySelector(TRANSITION) === null;
  let scrolled: Point = { x: 0, y: 0 };
  let clip = wholeWindow();
  for (let at = parentInTree(element); at !== null && clean; at = parentInTree(at)) {
    const style = getComputedStyle(at);
    const cuts = clips(at, style);
    clean = drawsAsItIs(style) && !at.getAnimations().some(mayHide) && !(KNOWS_TRANSITIONS && at.matches(TRANSITION));
    clean &&= !cuts || !LARGE_CORNER.test(style.borderRadius);
    scrolled = { x: scrolled.x + at.scrollLeft, y: scrolled.y + at.scrollTop };
    if (cuts) clip = intersection(clip, at.getBoundingClientRect());
  }
  return { clean, scrolled, clip };
}

function clips(element: Element, { overflowX, overflowY, contain, contentVisibility }: CSSStyleDeclaration): boolean {
  if (/paint|strict|content/.test(contain) || contentVisibility === 'auto') return true;
  return (overflowX !== 'visible' || overflowY !== 'visible') && !isViewport(element);
}

/** What the document says of overflow holds for the window; what the body says too, as long as neither is contained. */
function isViewport(element: Element): boolean {
  const { body, documentElement } = document;
  if (element !== body) return element === documentElement;
  const root = getComputedStyle(documentElement);
  return root.overflowX === 'visible' && [root, getComputedStyle(body)].every(isUncontained);
}

function isUncontained({ contain, containerType, contentVisibility }: CSSStyleDeclaration): boolean {
  return contain === 'none' && containerType === 'normal' && contentVisibility === 'visible';
}

function mayHide({ playState, effect }: Animation): boolean {
  if (playState !== 'running' || !(effect instanceof KeyframeEffect)) return false;
  return animatesAnEffect(effect.getKeyframes().flatMap((keyframe) => Object.keys(keyframe)));
}

/**
 * While a view transition runs, pictures stand in for what is really there, and what they draw beside themselves lies over
 * everything: IntersectionObserver sees neither (Chromium 156). One element alone can have one, beside the panel too.
 */
const TRANSITION = ':active-view-transition';
const KNOWS_TRANSITIONS = typeof CSS !== 'undefined' && CSS.supports(`selector(${TRANSITION})`);

function intersection(a: Box, b: Box): Box {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  };
}

function partsIn(surface: Element, clip: Box): ReadonlyMap<string, boolean> {
  const parts = [...surface.querySelectorAll<HTMLElement>('[data-about]')];
  return new Map(parts.map((part) => [part.dataset['about'] ?? '', isWhole(part, clip)]));
}

/** A part that is larger than the window can't be in view whole. */
function isWhole(part: Element, clip: Box): boolean {
  const scroller = part.closest('.panel-body')?.getBoundingClientRect();
  const box = part.getBoundingClientRect();
  const seen = intersection(box, scroller === undefined ? clip : intersection(clip, scroller));
  const across = seen.right - seen.left >= box.width - 2;
  return across && seen.bottom - seen.top >= Math.min(box.height - 2, innerHeight / 2);
}

/** Whether the panel is what the window has at its middle and near its corners, as far as they are in it. */
function isOnTop(element: Element, { left, top, right, bottom, width, height }: DOMRect): boolean {
  const points = [
    [left + width / 2, top + height / 2],
    ...[left + 12, right - 12].flatMap((x) => [top + 12, bottom - 12].map((y) => [x, y])),
  ];
  return points.every(([x = 0, y = 0]) => {
    const outside = x < 0 || y < 0 || x >= innerWidth || y >= innerHeight;
    return outside || document.elementFromPoint(x, y) === element;
  });
}
