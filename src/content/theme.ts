/**
 * Which of our own two sets of colours the panel is drawn in. The page's colours choose between them and reach nothing else: they
 * are read as numbers, and what cannot be read says nothing.
 */
export type Theme = 'light' | 'dark';

/** What an element draws behind its content, as the browser computed it. */
export interface Ground {
  readonly backgroundColor: string;
  readonly backgroundImage: string;
}

/** Less lets shine through what lies behind it. */
const OPAQUE_FROM = 0.95;
/** The cube root of the luminance that black and white contrast with alike. */
const MIDDLE = 0.565;

/**
 * The theme of the page where the panel stands: that of the first opaque background, else the one that its text is made for.
 *
 * @param grounds of what the panel stands in, from the innermost outwards
 * @param text the computed `color` of the innermost
 */
export function themeOf(grounds: Iterable<Ground>, text: string): Theme {
  for (const { backgroundColor, backgroundImage } of grounds) {
    // Nobody knows what colour a picture has, gradients are such too: the text that stands on it does.
    if (backgroundImage !== 'none') break;
    const ground = readColour(backgroundColor);
    if (ground !== null && ground.alpha >= OPAQUE_FROM) return ground.lightness < MIDDLE ? 'dark' : 'light';
  }
  const ink = readColour(text);
  return ink !== null && ink.alpha > 0 && ink.lightness > MIDDLE ? 'dark' : 'light';
}

interface Colour {
  /** The cube root of its luminance: 0 is black, 1 is white. */
  readonly lightness: number;
  readonly alpha: number;
}

/** The forms that browsers give computed colours; system colours, names and the like have become one of these. */
const COMPUTED = /^(?:color\(([a-z][\w-]*)|(rgb|lab|lch|oklab|oklch)a?\()\s*([^()]*)\)$/;

function readColour(computed: string): Colour | null {
  const [, space, form, list = ''] = COMPUTED.exec(computed) ?? [];
  const kind = space ?? form;
  const [a = 0, b = 0, c = 0, alpha = 1] = list.split(/[\s,/]+/).map(numberOf);
  if (kind === undefined || ![a, b, c, alpha].every(Number.isFinite)) return null;
  return { lightness: within(lightnessIn(kind, a, b, c)), alpha };
}

function numberOf(part: string): number {
  if (part === 'none') return 0;
  return part.endsWith('%') ? Number(part.slice(0, -1)) / 100 : Number(part);
}

function lightnessIn(kind: string, a: number, b: number, c: number): number {
  if (/^ok/.test(kind)) return a;
  if (/^l/.test(kind)) return (a + 16) / 116;
  if (/^xyz/.test(kind)) return Math.cbrt(b);
  const scale = kind === 'rgb' ? 255 : 1;
  const [red = 0, green = 0, blue = 0] = [a, b, c].map((part) => {
    const share = within(part / scale);
    return kind === 'srgb-linear' ? share : share ** 2.2;
  });
  return Math.cbrt(0.2126 * red + 0.7152 * green + 0.0722 * blue);
}

function within(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
