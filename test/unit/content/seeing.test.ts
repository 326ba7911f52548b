import { describe, expect, it } from 'vitest';
import {
  animatesAnEffect,
  drawsAsItIs,
  flawedSince,
  isReadable,
  judgePress,
  KEY_MS,
  type OwnScroll,
  POINTER_MS,
  type Press,
  type Sample,
  type Seen,
  SETTLED_MS,
  surenessOf,
  type Verdict,
} from '../../../src/content/seeing';
import { type Sight, UNKNOWN } from '../../../src/content/visibility';

const AT = 10_000;
const SEEN: Sight = { state: 'seen', since: 0, coveredUntil: null, knownSince: 0 };
const HERE = { x: 40, y: 300 };
const PART = 'save 1234567';

const press = (more: Partial<Press> = {}): Press => ({
  at: AT,
  weight: 'changes',
  by: 'pointer',
  about: PART,
  repeated: false,
  focusIsPersons: true,
  ...more,
});

const sample = (ago: number, more: Partial<Sample> = {}): Sample => ({
  at: AT - ago,
  focused: true,
  flaw: null,
  corner: HERE,
  width: 400,
  scrolled: { x: 0, y: 0 },
  parts: new Map([[PART, true]]),
  ...more,
});

/** Samples as somebody at the page leaves them, with what `more` says of the one that is so long ago. */
function samplesWith(more: Readonly<Record<number, Partial<Sample>>> = {}): Sample[] {
  return [700, 600, 500, 400, 300, 200, 100, 0].map((ago) => sample(ago, more[ago]));
}

const seen = (samples: readonly Sample[], more: Partial<Seen> = {}): Seen => ({
  samples,
  scrolls: [],
  sight: SEEN,
  ...more,
});

type Case = readonly [what: string, press: Press, seen: Seen, verdict: Verdict];

const FLAWED = { flaw: 'effect' } as const;
const AWAY = { focused: false };
const MOVED = { corner: { x: 40, y: 260 } };
/** Moved up by 40 px, as far as the page was scrolled down. */
const SCROLLED = { ...MOVED, scrolled: { x: 0, y: 40 } };
const CUT = { parts: new Map([[PART, false]]) };
const NOT_THERE = { parts: new Map() };
const wheel = (ago: number, y: number): OwnScroll => ({ at: AT - ago, by: { x: 0, y } });

/** From 300 ms ago on everything stands where it was scrolled to. */
const afterScroll = samplesWith({ 300: SCROLLED, 200: SCROLLED, 100: SCROLLED, 0: SCROLLED });

describe('a press by pointer that changes something', () => {
  const cases: readonly Case[] = [
    ['counts where all was clean and in its place', press(), seen(samplesWith()), 'counts'],
    ['does not where the press itself was not clean', press(), seen(samplesWith({ 0: FLAWED })), 'early'],
    ['does not where a sample before was not', press(), seen(samplesWith({ 200: FLAWED })), 'early'],
    ['counts again half a second after that', press(), seen(samplesWith({ 600: FLAWED })), 'counts'],
    [
      'looks at how it was when the half second began',
      press(),
      seen([sample(POINTER_MS + 4000, FLAWED), sample(60), sample(0)]),
      'early',
    ],
    [
      'counts on what was seen before a rest',
      press(),
      seen([sample(POINTER_MS + 4000), sample(60), sample(0)]),
      'counts',
    ],
    ['does not where nothing was sampled half a second ago', press(), seen([sample(300), sample(0)]), 'early'],
    ['does not where nothing was sampled', press(), seen([]), 'early'],
    [
      'does not where the panel came under the pointer 60 ms ago',
      press(),
      seen([...samplesWith().slice(0, -2), sample(60, MOVED), sample(0, MOVED)]),
      'early',
    ],
    [
      'does not where it came there at rest, unseen',
      press(),
      seen([sample(9000), sample(50, MOVED), sample(0, MOVED)]),
      'early',
    ],
    [
      'does not right after another window had the focus',
      press(),
      seen(samplesWith({ 500: AWAY, 400: AWAY })),
      'early',
    ],
    ['counts half a second after it had', press(), seen(samplesWith({ 700: AWAY, 600: AWAY })), 'counts'],
    ['does not by key either, a moment later', press({ by: 'key' }), seen(samplesWith({ 200: AWAY })), 'early'],
    ['does not where it was made wider', press(), seen(samplesWith({ 0: { width: 420 } })), 'early'],
    [
      'counts where the part came within that time',
      press(),
      seen(samplesWith({ 700: NOT_THERE, 600: NOT_THERE, 500: NOT_THERE, 400: NOT_THERE })),
      'counts',
    ],
    [
      'does not where the part has only just come, as under a double click',
      press(),
      seen([
        ...samplesWith()
          .slice(0, -2)
          .map((one) => ({ ...one, ...NOT_THERE })),
        sample(180),
        sample(0),
      ]),
      'early',
    ],
    ['does not where its part is cut off', press(), seen(samplesWith({ 0: CUT })), 'early'],
    ['does not where its part was cut off', press(), seen(samplesWith({ 300: CUT })), 'early'],
    ['counts for a button that stands for itself', press({ about: null }), seen(samplesWith({ 0: CUT })), 'counts'],
    ['counts after the person’s own scroll', press(), seen(afterScroll, { scrolls: [wheel(450, 40)] }), 'counts'],
    [
      'counts after a scroll by keys, touch or bars',
      press(),
      seen(afterScroll, { scrolls: [{ at: AT - 450, by: null }] }),
      'counts',
    ],
    ['does not after a scroll of the page’s', press(), seen(afterScroll), 'early'],
    [
      'does not after one further than the person’s',
      press(),
      seen(afterScroll, { scrolls: [wheel(450, 20)] }),
      'early',
    ],
    ['does not after one against the person’s', press(), seen(afterScroll, { scrolls: [wheel(450, -40)] }), 'early'],
    [
      'does not while the scroll is only just over',
      press(),
      seen(samplesWith({ 100: SCROLLED, 0: SCROLLED }), { scrolls: [wheel(250, 40)] }),
      'early',
    ],
    [
      'does not where it moved and nothing was scrolled, whatever the person scrolls',
      press(),
      seen(samplesWith({ 300: MOVED, 200: MOVED, 100: MOVED, 0: MOVED }), { scrolls: [wheel(450, 40)] }),
      'early',
    ],
    [
      'does not where something covers it',
      press(),
      seen(samplesWith(), { sight: { ...SEEN, state: 'covered' } }),
      'early',
    ],
    [
      'does not where something covered it a moment ago',
      press(),
      seen(samplesWith(), { sight: { ...SEEN, coveredUntil: AT - 499 } }),
      'early',
    ],
    [
      'counts where that is long enough ago',
      press(),
      seen(samplesWith(), { sight: { ...SEEN, coveredUntil: AT - 500 } }),
      'counts',
    ],
    [
      'does not where the browser knows it only just',
      press(),
      seen(samplesWith(), { sight: { ...SEEN, knownSince: AT - 499 } }),
      'early',
    ],
    ['waits for the browser’s word', press(), seen(samplesWith(), { sight: UNKNOWN }), 'wait'],
    ['waits where it was out of view', press(), seen(samplesWith(), { sight: { ...SEEN, state: 'away' } }), 'wait'],
    [
      'counts on samples alone where the browser tells nothing',
      press(),
      seen(samplesWith(), { sight: null }),
      'counts',
    ],
  ];
  it.each(cases)('%s', (_what, pressed, with_, verdict) => expect(judgePress(pressed, with_)).toBe(verdict));

  it('needs the scroll before it to have settled', () => {
    expect(SETTLED_MS).toBeGreaterThan(100);
    expect(SETTLED_MS).toBeLessThan(POINTER_MS);
  });
});

describe('a press by key that changes something', () => {
  const byKey = (more: Partial<Press> = {}) => press({ by: 'key', ...more });
  const cases: readonly Case[] = [
    ['counts where the name was readable long enough', byKey(), seen(samplesWith({ 500: NOT_THERE })), 'counts'],
    ['does not where the name came only now', byKey(), seen(samplesWith({ 300: NOT_THERE, 200: NOT_THERE })), 'early'],
    ['does not where the name is cut off', byKey(), seen(samplesWith({ 100: CUT })), 'early'],
    ['does not where a sample was not clean', byKey(), seen(samplesWith({ 200: FLAWED })), 'early'],
    ['does not while the key is held down', byKey({ repeated: true }), seen(samplesWith()), 'early'],
    ['does not where the page brought the focus', byKey({ focusIsPersons: false }), seen(samplesWith()), 'early'],
    ['counts though the page moved', byKey(), seen(samplesWith({ 100: MOVED, 0: MOVED })), 'counts'],
  ];
  it.each(cases)('%s', (_what, pressed, with_, verdict) => expect(judgePress(pressed, with_)).toBe(verdict));

  it('needs less time than one by pointer, which can be led', () => expect(KEY_MS).toBeLessThan(POINTER_MS));
});

describe('a press that needs less', () => {
  const cases: readonly Case[] = [
    [
      'to look: counts with one clean sample',
      press({ weight: 'glance' }),
      seen([sample(0)], { sight: UNKNOWN }),
      'counts',
    ],
    ['to look: does not without', press({ weight: 'glance' }), seen([sample(0, FLAWED)]), 'early'],
    [
      'to look: does not under a cover',
      press({ weight: 'glance' }),
      seen([sample(0)], { sight: { ...SEEN, state: 'covered' } }),
      'early',
    ],
    ['that can do no harm counts always', press({ weight: 'free' }), seen([]), 'counts'],
  ];
  it.each(cases)('%s', (_what, pressed, with_, verdict) => expect(judgePress(pressed, with_)).toBe(verdict));
});

describe('samples', () => {
  it('tell since when something is wrong', () => {
    expect(flawedSince(samplesWith())).toBeNull();
    expect(flawedSince(samplesWith({ 500: FLAWED, 100: FLAWED, 0: FLAWED }))).toBe(AT - 100);
    expect(flawedSince([])).toBeNull();
  });
});

describe('the panel can be sure that it is seen', () => {
  it.each([
    ['while nothing is wrong', false, null, 'sure'],
    ['while it has another place to go to', true, 60_000, 'sure'],
    ['while that may pass', false, 499, 'sure'],
  ] as const)('%s', (_what, further, unseenFor, sureness) => expect(surenessOf(further, unseenFor)).toBe(sureness));

  it('not where nothing more can be done about it', () => expect(surenessOf(false, 500)).toBe('unsure'));
});

/** As a computed style has it where nothing is said. */
const PLAIN = {
  opacity: '1',
  filter: 'none',
  mixBlendMode: 'normal',
  maskImage: 'none',
  clipPath: 'none',
  clip: 'auto',
  transform: 'none',
  rotate: 'none',
  scale: 'none',
  offsetPath: 'none',
  contentVisibility: 'visible',
  columnCount: 'auto',
  columnWidth: 'auto',
};

describe('an element around the panel', () => {
  it.each([
    ['says nothing', {}],
    ['moves it', { transform: 'matrix(1, 0, 0, 1, 30, -12.5)' }],
    ['moves it on a layer of its own', { transform: 'matrix3d(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 8, 9, 0, 1)' }],
    ['draws it when it is near', { contentVisibility: 'auto' }],
    ['turns it by nothing', { rotate: '0deg', scale: '1' }],
  ])('that %s draws it as it is', (_what, style) => expect(drawsAsItIs({ ...PLAIN, ...style })).toBe(true));

  it.each([
    { opacity: '0.99' },
    { opacity: '0' },
    { filter: 'invert(1)' },
    { mixBlendMode: 'multiply' },
    { maskImage: 'linear-gradient(rgb(0, 0, 0), rgba(0, 0, 0, 0))' },
    { webkitMaskBoxImageSource: 'url("data:,")' },
    { clipPath: 'inset(50%)' },
    { clip: 'rect(0px, 0px, 0px, 0px)' },
    { transform: 'matrix(0.01, 0, 0, 0.01, 0, 0)' },
    { transform: 'matrix3d(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -900, 1)' },
    { transform: 'matrix(-1, 0, 0, 1, 0, 0)' },
    { rotate: '180deg' },
    { scale: '0' },
    { offsetPath: 'path("M 0 0 L 9 9")' },
    { contentVisibility: 'hidden' },
    { columnCount: '9' },
    { columnHeight: '40px' },
    { borderShape: 'circle(20px at 50% 98%)' },
    { webkitBoxReflect: 'below 0px none' },
    { webkitLineClamp: '1' },
  ])('with %o does not', (style) => expect(drawsAsItIs({ ...PLAIN, ...style })).toBe(false));

  it('may do so between two samples by an animation of such a property, and by no other', () => {
    expect(animatesAnEffect(['offset', 'easing', 'opacity'])).toBe(true);
    expect(animatesAnEffect(['zoom'])).toBe(true);
    expect(animatesAnEffect(['offset', 'translate', 'backgroundColor'])).toBe(false);
  });
});

describe('a panel', () => {
  it.each([
    ['in its own size', 400, 1, 1, true],
    ['somewhat larger', 400, 1.5, 1.5, true],
    ['too small to be read', 400, 0.5, 0.5, false],
    ['squeezed', 400, 1, 0.5, false],
    ['scaled to nothing', 400, 0, 0, false],
    ['that has no room', 60, 1, 1, false],
    ['that is not drawn', 0, Number.NaN, Number.NaN, false],
  ])('%s', (_what, width, across, down, readable) => expect(isReadable(width, across, down)).toBe(readable));
});
