import { parentOf } from './composed';
import { remembered } from './remembered';

/** Red, green and blue from 0 to 255, and how much of it covers what is below, from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha: number];

const known = new Map<string, Colour>();
const one = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

/** A computed colour in whatever notation, as the browser draws it. */
export function colourOf(css: string): Colour {
  const there = known.get(css);
  if (there !== undefined) return there;
  if (one === null) throw new Error('The browser has no canvas');
  one.clearRect(0, 0, 1, 1);
  one.fillStyle = '#000';
  one.fillStyle = css;
  one.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 0] = one.getImageData(0, 0, 1, 1).data;
  const colour: Colour = [red, green, blue, alpha / 255];
  known.set(css, colour);
  return colour;
}

/** The one drawn over the other, which covers all below it. */
export function over([red, green, blue, alpha]: Colour, below: Colour): Colour {
  const mixed = (above: number, under: number) => above * alpha + under * (1 - alpha);
  return [mixed(red, below[0]), mixed(green, below[1]), mixed(blue, below[2]), 1];
}

function faded([red, green, blue, alpha]: Colour, opacity: number): Colour {
  return [red, green, blue, alpha * opacity];
}

/** What somebody sees behind an element's content: all backgrounds from the page's own to the element's, each over the last. */
export const backgroundOf: (element: Element | null) => Colour = remembered((element: Element | null) =>
  element === null
    ? pageColour()
    : over(
        faded(colourOf(getComputedStyle(element).backgroundColor), opacityOf(element)),
        backgroundOf(parentOf(element)),
      ),
);

/** A colour of an element's own, such as its text's, as it is seen over that background. */
export function seenColour(css: string, element: Element, background: Colour): Colour {
  return over(faded(colourOf(css), opacityOf(element)), background);
}

const opacityOf: (element: Element) => number = remembered((element: Element) => {
  const around = parentOf(element);
  return Number(getComputedStyle(element).opacity) * (around === null ? 1 : opacityOf(around));
});

function pageColour(): Colour {
  const probe = document.createElement('div');
  probe.style.cssText = 'background-color: Canvas; display: none';
  document.documentElement.append(probe);
  const colour = colourOf(getComputedStyle(probe).backgroundColor);
  probe.remove();
  return colour;
}

/** WCAG 2.2's contrast ratio, from 1 to 21. */
export function contrast(one: Colour, other: Colour): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((first, second) => second - first) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Colour): number {
  const linear = (value: number) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}
