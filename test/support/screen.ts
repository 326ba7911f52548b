import axe from 'axe-core';
import { vi } from 'vitest';

declare module 'axe-core' {
  // Both are there, and used by its own rules, but missing in its types.
  interface Aria {
    getRole(element: Element): string | null;
  }
  interface Dom {
    isVisibleToScreenReaders(element: Element): boolean;
  }
}

/** Where an element may have each role without saying so in its `role`; axe, which takes its time, is asked about these alone. */
const NATIVE = {
  alert: null,
  alertdialog: null,
  article: 'article',
  button: 'button, input, summary',
  checkbox: 'input',
  columnheader: 'th',
  combobox: 'input, select',
  heading: 'h1, h2, h3, h4, h5, h6',
  link: 'a, area',
  list: 'ul, ol, menu',
  listitem: 'li',
  progressbar: 'progress',
  radio: 'input',
  region: 'section',
  rowheader: 'th',
  searchbox: 'input',
  status: 'output',
  switch: 'input',
  tab: null,
  table: 'table',
  tabpanel: null,
  textbox: 'input, textarea',
} as const;

export type Role = keyof typeof NATIVE;

/** Whether axe knows the page as it is now: to get to know it costs as much as all that is asked of it then. */
let isKnown = false;
const watch = new MutationObserver(() => {
  isKnown = false;
});
watch.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

function haveAxeKnow(): void {
  if (watch.takeRecords().length === 0 && isKnown) return;
  axe.teardown();
  axe.setup(document.body);
  isKnown = true;
}

/** What jsdom's own style sheet hides, whatever it has. */
const HIDDEN = new Set(
  'area base basefont datalist head link meta noembed noframes noscript param rp script style template title'.split(
    ' ',
  ),
);
/** What it says more of than whether it is hidden. */
const PECULIAR = new Set(['embed', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr']);

/** Whether something else than jsdom's own style sheet could hide an element, or that hides it in a way of its own. */
function isPeculiar(element: Element): boolean {
  for (let one: Element | null = element; one !== null; one = one.parentElement) {
    if (PECULIAR.has(one.localName) || one.hasAttribute('style') || one.hasAttribute('popover')) return true;
    if (one.getAttribute('hidden') === 'until-found') return true;
  }
  return document.styleSheets.length > 0;
}

function isHidden(element: Element): boolean {
  if (element.hasAttribute('hidden') || HIDDEN.has(element.localName)) return true;
  if (element.localName === 'dialog') return !element.hasAttribute('open');
  return element.localName === 'input' && element.getAttribute('type')?.toLowerCase() === 'hidden';
}

const styleOf = window.getComputedStyle;

/**
 * An element's style, for axe. It asks whether something hides the element: jsdom, which goes through a style sheet of 200 rules for
 * each, would take more than half of the time of all tests of pages for that.
 */
function quickStyleOf(element: Element): Pick<CSSStyleDeclaration, 'getPropertyValue'> {
  if (isPeculiar(element)) return styleOf(element);
  const getPropertyValue = (property: string) => {
    if (property === 'display') return isHidden(element) ? 'none' : 'block';
    if (property === 'visibility' || property === 'content-visibility') return 'visible';
    return styleOf(element).getPropertyValue(property);
  };
  return { getPropertyValue };
}

/** Has axe answer, which asks for nothing of a style but properties by name. */
function asked<T>(ask: () => T): T {
  Object.assign(window, { getComputedStyle: quickStyleOf });
  try {
    haveAxeKnow();
    return ask();
  } finally {
    Object.assign(window, { getComputedStyle: styleOf });
  }
}

/** The page, or a part of it, as assistive technology meets it: elements by role and accessible name, leaving out what is hidden. */
export function all(role: Role, name?: string, part: Element = document.body): HTMLElement[] {
  const native = NATIVE[role];
  const candidates = [...part.querySelectorAll<HTMLElement>(native === null ? '[role]' : `[role], ${native}`)];
  if (candidates.length === 0) return [];
  return asked(() =>
    candidates.filter(
      (element) =>
        axe.commons.aria.getRole(element) === role &&
        (name === undefined || axe.commons.text.accessibleText(element).trim() === name) &&
        axe.commons.dom.isVisibleToScreenReaders(element),
    ),
  );
}

/** The one element of that role and name, once there is exactly one. */
export function the(role: Role, name?: string, part?: Element): Promise<HTMLElement> {
  return vi.waitFor(() => {
    const [element, ...others] = all(role, name, part);
    if (element === undefined || others.length > 0) {
      throw new Error(`${others.length === 0 ? 'No' : 'More than one'} ${role} “${name}” in: ${text()}`);
    }
    return element;
  });
}

/** All text on the page, with single spaces. */
export function text(element: Element = document.body): string {
  return (element.textContent ?? '').replace(/\s+/g, ' ').trim();
}

/** Waits until the page says it. */
export function says(sentence: string | RegExp): Promise<void> {
  return vi.waitFor(() => {
    const said = typeof sentence === 'string' ? text().includes(sentence) : sentence.test(text());
    if (!said) throw new Error(`“${sentence}” is not in: ${text()}`);
  });
}

export async function press(name: string, role: Role = 'button', part?: Element): Promise<void> {
  (await the(role, name, part)).click();
}

/** Types into a field, in place of what it holds. */
export async function type(role: 'textbox' | 'searchbox', name: string, typed: string): Promise<void> {
  const field = await the(role, name);
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement))
    throw new Error(`${name}: no field`);
  field.value = typed;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  // What was typed is drawn before anybody could press the next thing.
  await new Promise((drawn) => setTimeout(drawn));
}

export async function choose(name: string, words: string): Promise<void> {
  const select = await the('combobox', name);
  if (!(select instanceof HTMLSelectElement)) throw new Error(`${name}: no select`);
  const option = [...select.options].find(({ label, text }) => label === words || text === words);
  if (option === undefined) throw new Error(`${name} does not offer “${words}”`);
  select.value = option.value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
}
