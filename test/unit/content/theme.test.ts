import { describe, expect, it } from 'vitest';
import { type Ground, themeOf } from '../../../src/content/theme';

const CLEAR: Ground = { backgroundColor: 'rgba(0, 0, 0, 0)', backgroundImage: 'none' };
const of = (backgroundColor: string): Ground => ({ backgroundColor, backgroundImage: 'none' });
const BLACK = 'rgb(0, 0, 0)';
const WHITE = 'rgb(255, 255, 255)';

describe('the theme of an opaque background', () => {
  it.each([
    ['rgb(255, 255, 255)', 'light'],
    ['rgb(243, 242, 241)', 'light'],
    ['rgb(27, 26, 25)', 'dark'],
    ['rgb(0, 0, 0)', 'dark'],
    ['rgb(17, 16, 15)', 'dark'],
    ['rgba(27, 26, 25, 0.98)', 'dark'],
    // Blue is dark and yellow is light, however full their channels are.
    ['rgb(0, 0, 255)', 'dark'],
    ['rgb(255, 255, 0)', 'light'],
    ['color(srgb 0.1 0.1 0.1)', 'dark'],
    ['color(srgb 0.95 0.95 0.95 / 1)', 'light'],
    ['color(display-p3 0.9 0.9 0.9)', 'light'],
    ['color(srgb-linear 0.5 0.5 0.5)', 'light'],
    ['color(srgb-linear 0.02 0.02 0.02)', 'dark'],
    ['color(xyz-d65 0.9 0.95 0.9)', 'light'],
    ['color(xyz 0.01 0.01 0.01)', 'dark'],
    ['lab(12 0 0)', 'dark'],
    ['lab(90 10 -20)', 'light'],
    ['lch(20 30 120)', 'dark'],
    // What `color-mix` and relative colours compute to.
    ['oklab(0.25 0.01 -0.02)', 'dark'],
    ['oklab(0.98 0 0 / 1)', 'light'],
    ['oklch(0.2 0.02 250)', 'dark'],
    ['oklch(none 0.02 250)', 'dark'],
    ['color(srgb none none none)', 'dark'],
    ['color(srgb 95% 95% 95%)', 'light'],
    // Beyond what a screen can show.
    ['color(srgb 1e30 1e30 1e30)', 'light'],
    ['color(srgb -1e30 -1e30 -1e30)', 'dark'],
    ['oklab(99 0 0)', 'light'],
    ['lab(-500 0 0)', 'dark'],
  ] as const)('%s is %s', (colour, theme) => {
    // Text that would say the other.
    expect(themeOf([of(colour)], theme === 'dark' ? BLACK : WHITE)).toBe(theme);
    expect(themeOf([CLEAR, of(colour), of(theme === 'dark' ? WHITE : BLACK)], BLACK)).toBe(theme);
  });
});

describe('a background that says nothing', () => {
  it.each([
    'rgba(0, 0, 0, 0)',
    'rgba(0, 0, 0, 0.5)',
    'color(srgb 0 0 0 / 0.2)',
    'oklab(0 0 0 / none)',
    'transparent',
    'currentcolor',
    'red',
    '',
    'color(srgb calc(infinity) 0 0)',
    'color(srgb NaN 0 0)',
    'rgb(1, x, 3)',
    'rgb(0, 0, 0); color: red',
    'color-mix(in srgb, black, black)',
    'light-dark(black, black)',
    'var(--x)',
    'url("x")',
    `rgb(${'9'.repeat(9999)}`,
    'device-cmyk(1 1 1 1)',
  ])('%s is passed over for what lies behind it', (colour) => {
    expect(themeOf([of(colour), of('rgb(27, 26, 25)')], BLACK)).toBe('dark');
    expect(themeOf([of(colour), of(WHITE)], WHITE)).toBe('light');
  });

  it('leaves it to the text where there is no other: light text is for dark ground', () => {
    expect(themeOf([CLEAR, CLEAR], 'rgb(230, 230, 230)')).toBe('dark');
    expect(themeOf([CLEAR, CLEAR], 'rgb(30, 30, 30)')).toBe('light');
    expect(themeOf([], 'oklch(0.9 0.1 90)')).toBe('dark');
  });

  it('is light where the text says nothing either', () => {
    for (const text of ['', 'rgba(255, 255, 255, 0)', 'inherit', 'color(srgb NaN 1 1)']) {
      expect(themeOf([CLEAR], text)).toBe('light');
    }
  });
});

describe('a picture or a gradient', () => {
  const gradient = { ...CLEAR, backgroundImage: 'linear-gradient(rgb(0, 0, 0), rgb(9, 9, 9))' };

  it('hides every colour behind it, its own too: the text tells', () => {
    expect(themeOf([gradient, of(WHITE)], WHITE)).toBe('dark');
    expect(themeOf([{ ...gradient, backgroundColor: WHITE }], WHITE)).toBe('dark');
    expect(themeOf([gradient, of('rgb(0, 0, 0)')], BLACK)).toBe('light');
  });

  it('matters only where nothing opaque lies before it', () => {
    expect(themeOf([of(WHITE), gradient], WHITE)).toBe('light');
  });
});
