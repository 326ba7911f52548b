/** What a person finds in the panel: roles, names and words, as assistive technology would tell them. */

/** Role and name of every control, in order; those in a disclosure that is closed do not count. */
export function controlsIn(root: ParentNode): string[] {
  return [...root.querySelectorAll<HTMLElement>('button, input, select, a[href], summary')]
    .filter((element) => element.tagName === 'SUMMARY' || element.closest('details:not([open])') === null)
    .map((element) => `${roleOf(element)} ${nameOf(element)}`);
}

function roleOf(element: HTMLElement): string {
  if (element instanceof HTMLInputElement) return element.type === 'text' ? 'textbox' : element.type;
  if (element.tagName === 'SUMMARY') return 'disclosure';
  return element.tagName.toLowerCase();
}

function nameOf(element: HTMLElement): string {
  if (element instanceof HTMLInputElement) return textOf(element.labels?.[0] ?? null);
  return element.getAttribute('aria-label') ?? textOf(element);
}

export function textOf(node: Node | null): string {
  return node === null ? '' : piecesOf(node).replace(/\s+/g, ' ').trim();
}

/** What is drawn as generated content is text to assistive technology. */
function piecesOf(node: Node): string {
  const drawn = node instanceof HTMLElement ? node.dataset['text'] : undefined;
  if (drawn !== undefined) return drawn;
  return node instanceof Text ? node.data : [...node.childNodes].map(piecesOf).join('');
}

export function statusIn(root: ParentNode): string {
  return textOf(root.querySelector('[role="status"]'));
}

export function alertsIn(root: ParentNode): string[] {
  return [...root.querySelectorAll('[role="alert"]')].map(textOf);
}

export function button(root: ParentNode, name: string): HTMLButtonElement {
  const found = [...root.querySelectorAll('button')].find((element) => nameOf(element) === name);
  if (found === undefined) throw new Error(`No button “${name}” among: ${controlsIn(root).join(', ')}`);
  return found;
}

export function partnerIdBox(root: ParentNode): HTMLInputElement {
  const found = root.querySelector('input');
  if (found === null) throw new Error(`No text box among: ${controlsIn(root).join(', ')}`);
  return found;
}
