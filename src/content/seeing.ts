import type { Weight } from '../ui/on-page';
import { BELIEVED_AFTER_MS, type Sight } from './visibility';

/**
 * Whether a press on the panel was made by somebody who saw it. The browser's own word (visibility.ts) leaves out masks, places
 * and moments, so the panel is sampled besides; this file judges what was sampled. All times are milliseconds of one clock.
 */

/** What is wrong with how the panel is drawn. */
export type Flaw =
  /** What it stands in masks, fades, filters, turns, clips or animates it. */
  | 'effect'
  /** It is drawn too small, or out of shape. */
  | 'size'
  /** Its style sheet was taken from it. */
  | 'sheet'
  /** It is not where it was put. */
  | 'elsewhere'
  /** Something lies over it. */
  | 'covered';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How the panel was at one moment. */
export interface Sample {
  readonly at: number;
  /** The page's window had the focus: another one over it, which closes under a press, takes that with it. */
  readonly focused: boolean;
  /** Null: clean. */
  readonly flaw: Flaw | null;
  /** The corner that stays where it is when the panel grows, in the window, */
  readonly corner: Point;
  readonly width: number;
  /** and how far all that it stands in was scrolled. */
  readonly scrolled: Point;
  /** What the panel asks, says or offers just now, each with whether it was in view whole. */
  readonly parts: ReadonlyMap<string, boolean>;
}

/** The person scrolled: by so much, or, with keys, touch and scroll bars, by what nobody knows. */
export interface OwnScroll {
  readonly at: number;
  readonly by: Point | null;
}

export interface Press {
  readonly at: number;
  readonly weight: Weight;
  readonly by: 'pointer' | 'key';
  /** The part that the press answers; null when that is its button alone. */
  readonly about: string | null;
  /** A key that was held down. */
  readonly repeated: boolean;
  /** The person's own key or pointer brought the focus to what was pressed. */
  readonly focusIsPersons: boolean;
}

export interface Seen {
  /** Oldest first; the last one was taken at the press. */
  readonly samples: readonly Sample[];
  readonly scrolls: readonly OwnScroll[];
  /** Null where the browser does not say what it shows. */
  readonly sight: Sight | null;
}

/** `wait`: the browser's next word on what it shows decides. */
export type Verdict = 'counts' | 'early' | 'wait';

export const POINTER_MS = 500;
export const KEY_MS = 250;
/** A scroll ends so long before a press on what it brought. */
export const SETTLED_MS = 150;
const SCROLL_GOES_ON_MS = 1000;
/** Rounding, and what a wheel scrolls beyond what it says. */
const SLACK = 2;
const WHEEL_SLACK = 1.5;

export function judgePress(press: Press, { samples, scrolls, sight }: Seen): Verdict {
  const { at, weight, by, about } = press;
  if (weight === 'free') return 'counts';
  const last = samples.at(-1);
  if (last === undefined || last.flaw !== null || sight?.state === 'covered') return 'early';
  if (weight === 'glance') return 'counts';
  if (about !== null && last.parts.get(about) !== true) return 'early';
  const since = at - (by === 'key' ? KEY_MS : POINTER_MS);
  // How it was when that time began is what the sample before it says, however long ago: little is sampled at rest.
  const first = samples.findLastIndex((sample) => sample.at <= since);
  if (first < 0) return 'early';
  const during = samples.slice(first);
  if (during.some(({ flaw, focused }) => flaw !== null || !focused)) return 'early';
  // A panel docked at the bottom grows under the pointer: a double click on what asks would answer the question unread.
  const lately = samples.slice(
    Math.max(
      samples.findLastIndex((sample) => sample.at <= at - KEY_MS),
      0,
    ),
  );
  if (about !== null && lately.some(({ parts }) => parts.get(about) !== true)) return 'early';
  if (by === 'key') {
    if (press.repeated || !press.focusIsPersons) return 'early';
  } else if (!stoodStill(during, scrolls, at, about)) return 'early';
  return sight === null ? 'counts' : judgeSight(sight, at);
}

/** What was covered a moment ago was not seen: pages take their cover away just before the press. */
function judgeSight({ state, coveredUntil, knownSince }: Sight, at: number): Verdict {
  if (coveredUntil !== null && at - coveredUntil < BELIEVED_AFTER_MS) return 'early';
  if (state !== 'seen') return 'wait';
  return knownSince === null || at - knownSince < BELIEVED_AFTER_MS ? 'early' : 'counts';
}

function stoodStill(
  samples: readonly Sample[],
  scrolls: readonly OwnScroll[],
  at: number,
  about: string | null,
): boolean {
  return samples.every((sample, index) => {
    const next = samples[index + 1];
    if (next === undefined) return true;
    const x = next.corner.x - sample.corner.x;
    const y = next.corner.y - sample.corner.y;
    if (Math.abs(next.width - sample.width) > SLACK) return false;
    if (Math.abs(x) <= SLACK && Math.abs(y) <= SLACK) return about === null || sample.parts.get(about) !== false;
    // Nobody presses in the moment in which what they scroll to arrives.
    return at - next.at >= SETTLED_MS && isOwnScroll({ x, y }, sample, next, scrolls);
  });
}

/** The panel went where the scrolling took it, and that no further, and in no other direction, than the person scrolled. */
function isOwnScroll(moved: Point, from: Sample, to: Sample, scrolls: readonly OwnScroll[]): boolean {
  const own = scrolls.filter(({ at }) => at > from.at - SCROLL_GOES_ON_MS && at <= to.at);
  return (['x', 'y'] as const).every((axis) => {
    const scrolled = to.scrolled[axis] - from.scrolled[axis];
    const wanted = own.reduce((sum, { by }) => sum + (by?.[axis] ?? Number.POSITIVE_INFINITY * scrolled), 0);
    const unexplained = Math.sign(scrolled) * (scrolled - wanted * WHEEL_SLACK);
    return Math.abs(moved[axis] + scrolled) <= SLACK && !(unexplained > SLACK);
  });
}

/** Since when every sample had a flaw; null when the newest has none. */
export function flawedSince(samples: readonly Sample[]): number | null {
  const clean = samples.findLastIndex(({ flaw }) => flaw === null);
  return samples[clean + 1]?.at ?? null;
}

/** Whether the panel can be sure that it is seen; where it can't, the way on is the extension's own window. */
export type Sureness = 'sure' | 'unsure';

/**
 * @param hasFurtherPlace it will move to where it may be seen
 * @param unseenFor how long it has not been seen as it is; null when nothing is wrong
 */
export function surenessOf(hasFurtherPlace: boolean, unseenFor: number | null): Sureness {
  return !hasFurtherPlace && unseenFor !== null && unseenFor >= BELIEVED_AFTER_MS ? 'unsure' : 'sure';
}

/**
 * What an element around the panel may say of how it draws what is in it, by the properties that do and that nothing inside can
 * undo. What is inherited instead is set anew by the host's `all: initial`.
 */
const NONE =
  'filter maskImage maskBorderSource webkitMaskBoxImageSource clipPath borderShape offsetPath webkitBoxReflect webkitLineClamp';
const AUTO = 'clip columnCount columnWidth columnHeight';
const HARMLESS: Readonly<Record<string, RegExp>> = {
  opacity: /^1$/,
  mixBlendMode: /^normal$/,
  contentVisibility: /^(visible|auto)$/,
  rotate: /^(none|0deg)$/,
  scale: /^(none|1)$/,
  // Going elsewhere is no harm: the place is sampled.
  transform: /^(none|matrix\(1, 0, 0, 1,.*|matrix3d\(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0,.*, 0, 1\))$/,
  ...Object.fromEntries(NONE.split(' ').map((name) => [name, /^none$/])),
  ...Object.fromEntries(AUTO.split(' ').map((name) => [name, /^auto$/])),
};

/** Whether an element around the panel draws it as it is. A property that the browser does not know says nothing. */
export function drawsAsItIs(style: object): boolean {
  return Object.entries(HARMLESS).every(([name, harmless]) => {
    const value: unknown = Reflect.get(style, name);
    return !value || harmless.test(String(value));
  });
}

/** Whether an animation of these properties, as keyframes name them, may draw otherwise between two samples. */
export function animatesAnEffect(properties: readonly string[]): boolean {
  return properties.some((name) => name === 'zoom' || name in HARMLESS);
}

const LEAST_WIDTH = 200;

/** Whether a panel with this width and these sizes on the screen, as parts of its own, can be read. */
export function isReadable(width: number, acrossScale: number, downScale: number): boolean {
  return width >= LEAST_WIDTH && acrossScale > 0.75 && acrossScale < 4 && Math.abs(acrossScale / downScale - 1) < 0.05;
}
