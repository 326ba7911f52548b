import { parentInTree } from './drawn-tree';
import { type Ground, type Theme, themeOf } from './theme';

/** What the panel takes over from the page around it: whether it is light or dark, and how far in its content stands. */

/** The theme of the page where the panel stands in that element. */
export function themeAround(element: Element): Theme {
  return themeOf(groundsOf(element), getComputedStyle(element).color);
}

function* groundsOf(element: Element): Generator<Ground> {
  for (let at: Element | null = element; at !== null; at = parentInTree(at)) yield getComputedStyle(at);
}

/** A portal's content at the very edge of its window is no model. */
const LEAST_TO_WINDOW = 12;
/** Content that stands further in than this is centred or a column of its own, and leaves too little beside it. */
const MOST = 48;
const DEPTH = 6;

/**
 * How far in the content of an anchor begins, in pixels from the inner edge of its padding: where its first text or the first box
 * that one sees begins.
 *
 * @param own the panel's host, which may stand there already
 */
export function insetIn(anchor: Element, own: Element): number {
  const { direction, paddingLeft, paddingRight } = getComputedStyle(anchor);
  const isLtr = direction !== 'rtl';
  const box = anchor.getBoundingClientRect();
  const edge = isLtr ? box.left + Number.parseFloat(paddingLeft) : box.right - Number.parseFloat(paddingRight);
  const begins = beginningOf(anchor, own, isLtr);
  const inset = begins === null ? 0 : Math.round(isLtr ? begins - edge : edge - begins);
  const toWindow = isLtr ? edge : innerWidth - edge;
  const least = toWindow >= 0 && toWindow < LEAST_TO_WINDOW ? LEAST_TO_WINDOW : 0;
  return inset >= least && inset <= MOST ? inset : least;
}

function beginningOf(anchor: Element, own: Element, isLtr: boolean): number | null {
  let at = firstIn(anchor, own);
  for (let depth = 0; at !== null && depth < DEPTH; depth += 1) {
    const inner = hasText(at) || isSeen(at) ? null : firstIn(at, own);
    if (inner === null) {
      const { left, right } = at.getBoundingClientRect();
      const { paddingLeft, paddingRight } = getComputedStyle(at);
      // The edge of a box that one sees is what the eye follows; of any other, the text in it.
      if (isSeen(at)) return isLtr ? left : right;
      return isLtr ? left + Number.parseFloat(paddingLeft) : right - Number.parseFloat(paddingRight);
    }
    at = inner;
  }
  return null;
}

function firstIn(element: Element, own: Element): Element | null {
  return [...element.children].find((child) => child !== own && isInFlow(child)) ?? null;
}

function isInFlow(element: Element): boolean {
  const { position, float, display } = getComputedStyle(element);
  if (display === 'none' || float !== 'none' || /^(absolute|fixed)$/.test(position)) return false;
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0;
}

function hasText(element: Element): boolean {
  return [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim());
}

function isSeen(element: Element): boolean {
  const { borderLeftStyle, backgroundColor } = getComputedStyle(element);
  return borderLeftStyle !== 'none' || !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor);
}
