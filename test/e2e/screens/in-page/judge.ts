import { backgroundOf, contrast, seenColour } from './colours';
import { elementsBelow, isSeen, nameOf, outward, parentOf } from './composed';
import { lookAnew } from './remembered';

/** What keeps somebody from reading or finding something on the page as it is now; in words, with where it is. */

const TEXT_CONTRAST = 4.5;
const BORDER_CONTRAST = 3;
/** Rounding of half pixels is none that anybody sees. */
const A_PIXEL = 1;
const CONTROLS = 'button, input, select, textarea, [role="tab"], a.button';
const FIELDS = 'input, select, textarea';
const OFF = ':disabled, [aria-disabled="true"]';
/** What a person scrolls sideways: text that they type, and what says that it does. */
const SCROLLS_SIDEWAYS = 'input, textarea, select, .scroller';

declare global {
  /** There once the judge's script has run in a page. */
  var judge: () => string[];
}

globalThis.judge = () => {
  lookAnew();
  // What is under way towards another look is not that look.
  for (const animation of document.getAnimations())
    if (animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY) animation.finish();
  const elements = [...elementsBelow(document)].filter(isSeen);
  return [
    ...elements.flatMap((element) => [
      ...unreadable(element),
      ...borderNotSeen(element),
      ...tooWide(element),
      ...cut(element),
    ]),
    ...pageTooWide(),
  ];
};

interface Words {
  readonly colour: string;
  readonly boxes: readonly DOMRect[];
}

/** The texts that an element itself draws: text nodes, generated ones, and what stands in a field. */
function wordsOf(element: Element): Words[] {
  const style = getComputedStyle(element);
  if (element.matches(FIELDS)) {
    const boxes = [element.getBoundingClientRect()];
    const isEmpty = 'value' in element && element.value === '';
    const hint = element.getAttribute('placeholder') ?? '';
    if (element.matches('[type="checkbox"], [type="radio"]')) return [];
    if (isEmpty && hint !== '') return [{ colour: getComputedStyle(element, '::placeholder').color, boxes }];
    return isEmpty ? [] : [{ colour: style.color, boxes }];
  }
  if (element.matches('option, svg *')) return [];
  const words: Words[] = [];
  for (const node of element.childNodes) {
    if (!(node instanceof Text) || node.data.trim() === '') continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
    if (boxes.length > 0) words.push({ colour: style.color, boxes });
  }
  for (const pseudo of ['::before', '::after']) {
    const generated = getComputedStyle(element, pseudo);
    const draws = generated.content.startsWith('"') && generated.content !== '""' && generated.display !== 'none';
    if (draws) words.push({ colour: generated.color, boxes: [...element.getClientRects()] });
  }
  return words;
}

function unreadable(element: Element): string[] {
  return wordsOf(element).flatMap(({ colour }) => {
    const background = backgroundOf(element);
    const ratio = contrast(seenColour(colour, element, background), background);
    return ratio < TEXT_CONTRAST && element.closest(OFF) === null
      ? [`contrast ${ratio.toFixed(2)}: ${nameOf(element)}`]
      : [];
  });
}

/** A control whose edge is not told apart from what it lies on; one that is filled is seen by that. */
function borderNotSeen(element: Element): string[] {
  if (!element.matches(CONTROLS) || element.matches(OFF)) return [];
  const style = getComputedStyle(element);
  // The browser's own checkboxes and files.
  if (element.matches('[type="checkbox"], [type="radio"]') && style.appearance !== 'none') return [];
  const outside = backgroundOf(parentOf(element));
  const inside = backgroundOf(element);
  if (contrast(inside, outside) >= BORDER_CONTRAST) return [];
  return ['top', 'right', 'bottom', 'left'].flatMap((side) => {
    const colour = style.getPropertyValue(`border-${side}-color`);
    const isDrawn = style.getPropertyValue(`border-${side}-style`) !== 'none';
    const hasWidth = Number.parseFloat(style.getPropertyValue(`border-${side}-width`)) > 0;
    if (!isDrawn || !hasWidth || isTransparent(colour)) return [];
    const ratio = contrast(seenColour(colour, element, inside), outside);
    return ratio < BORDER_CONTRAST ? [`border ${ratio.toFixed(2)}: ${nameOf(element)}, ${side}`] : [];
  });
}

function isTransparent(colour: string): boolean {
  return colour === 'transparent' || /^rgba\(.*, 0\)$/.test(colour);
}

const endsInEllipsis = (style: CSSStyleDeclaration) =>
  style.textOverflow === 'ellipsis' || style.getPropertyValue('-webkit-line-clamp') !== 'none';

function tooWide(element: Element): string[] {
  const { scrollWidth, clientWidth } = element;
  if (clientWidth === 0 || scrollWidth <= clientWidth + A_PIXEL || element.matches(SCROLLS_SIDEWAYS)) return [];
  if (element === document.documentElement || element === document.body || element.matches('svg, svg *')) return [];
  const style = getComputedStyle(element);
  if (endsInEllipsis(style)) {
    const isTold = element.closest('[aria-hidden="true"]') === null;
    return isTold ? [] : [`cut and not told whole: ${nameOf(element)}`];
  }
  // What has no edge of its own may reach into the room around it, as far as the next edge.
  const right = element.getBoundingClientRect().left + element.clientLeft + scrollWidth;
  const edge = outward(element).find(hasEdge);
  if (style.overflowX === 'visible' && edge !== undefined && right <= edge.getBoundingClientRect().right + A_PIXEL)
    return [];
  return [`overflow ${scrollWidth} in ${clientWidth}: ${nameOf(element)}`];
}

function hasEdge(element: Element): boolean {
  const { backgroundColor, borderRightStyle, borderRightWidth } = getComputedStyle(element);
  const hasBorder = borderRightStyle !== 'none' && Number.parseFloat(borderRightWidth) > 0;
  return hasBorder || !isTransparent(backgroundColor);
}

function pageTooWide(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  return scrollWidth > clientWidth + A_PIXEL ? [`overflow ${scrollWidth} in ${clientWidth}: the page`] : [];
}

/** Text of which a part is not drawn, or lies where nobody can scroll to. */
function cut(element: Element): string[] {
  if (element.matches(FIELDS)) return [];
  const boxes = wordsOf(element).flatMap((words) => words.boxes);
  if (boxes.length === 0) return [];
  const left = Math.min(...boxes.map((box) => box.left));
  const right = Math.max(...boxes.map((box) => box.right));
  const top = Math.min(...boxes.map((box) => box.top));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  let reachableSideways = false;
  let reachableDown = false;
  for (const around of outward(element)) {
    if (around === document.body || around === document.documentElement) continue;
    const style = getComputedStyle(around);
    const box = around.getBoundingClientRect();
    if (isScroller(style.overflowX)) reachableSideways = true;
    if (isScroller(style.overflowY)) reachableDown = true;
    if (endsInEllipsis(style)) reachableSideways = reachableDown = true;
    const cutSideways = isCutting(style.overflowX) && (left < box.left - A_PIXEL || right > box.right + A_PIXEL);
    const cutDown = isCutting(style.overflowY) && (top < box.top - A_PIXEL || bottom > box.bottom + A_PIXEL);
    if ((cutSideways && !reachableSideways) || (cutDown && !reachableDown))
      return [`cut by ${around.tagName.toLowerCase()}.${around.className}: ${nameOf(element)}`];
    if (style.position === 'fixed' && !reachableDown && (top < -A_PIXEL || bottom > innerHeight + A_PIXEL))
      return [`out of the window: ${nameOf(element)}`];
  }
  const width = document.documentElement.clientWidth;
  if (!reachableSideways && (left < -A_PIXEL || right > width + A_PIXEL))
    return [`beside the window: ${nameOf(element)}`];
  return [];
}

const isScroller = (overflow: string) => overflow === 'auto' || overflow === 'scroll';
const isCutting = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
