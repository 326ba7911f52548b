import { elementsBelow } from './composed';

declare global {
  /** Every text of the page with a Latin letter in it that somebody sees or is told, with where it stands. */
  var latinTexts: () => string[];
}

const TOLD = [
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'aria-valuetext',
  'title',
  'placeholder',
  'alt',
  'data-label',
  'data-text',
  'label',
];
const LATIN = /\p{Script=Latin}/u;
/** Addresses, identifiers, currencies' codes and Entra's numbers have no other script; a code point is written out in hexadecimal digits. */
const OF_NO_SCRIPT = [
  /\b[\w-]+:\/\/\S*/g,
  /(\*\.)?\b[\w-]+(\.[\w-]+)+(:\d+)?(\/\S*)?/g,
  /\blocalhost(:\d+)?(\/\S*)?/g,
  /\b[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g,
  /\[U\+[\dA-F]+\]/g,
  /\bUSD\b/g,
  /\bAADSTS\d+/g,
];

globalThis.latinTexts = () => [
  ...found('title of the page', document.querySelector('title[data-of-stage]') === null ? [document.title] : []),
  ...[...elementsBelow(document)].flatMap((element) => [
    ...found(placeOf(element), textsOf(element)),
    ...TOLD.flatMap((name) => found(`${placeOf(element)}, ${name}`, [element.getAttribute(name) ?? ''])),
    ...['::before', '::after'].flatMap((pseudo) =>
      found(`${placeOf(element)}${pseudo}`, [/^"(.*)"/.exec(getComputedStyle(element, pseudo).content)?.[1] ?? '']),
    ),
  ]),
];

function textsOf(element: Element): string[] {
  // What is drawn nowhere and told to nobody, and commands, which no shell knows in another script.
  if (element.matches('script, style, title, noscript, pre, [data-of-stage]')) return [];
  if (!element.matches('option') && !element.checkVisibility({ visibilityProperty: true })) return [];
  return [...element.childNodes].flatMap((node) => (node instanceof Text ? [node.data] : []));
}

function found(where: string, texts: readonly string[]): string[] {
  const isForeign = (text: string) => LATIN.test(OF_NO_SCRIPT.reduce((left, those) => left.replace(those, ''), text));
  return texts.filter(isForeign).map((text) => `${where}: “${text.trim()}”`);
}

function placeOf(element: Element): string {
  return element.tagName.toLowerCase() + (element.classList.length > 0 ? `.${[...element.classList].join('.')}` : '');
}
