/**
 * What the tests run in a page of Firefox, in a world of their own there that the page knows nothing of. They are sent as text, so each
 * stands for itself.
 */

/** What a control is like that a person could press. */
export interface Drawn {
  readonly disabled: boolean;
  /** It was in the same place a moment later. */
  readonly atRest: boolean;
  /** Its middle in the window, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

/** The first of the elements that is drawn and that `kind` selects, scrolled into the window, as {@link Drawn}; null where none is. */
export async function drawn(kind: string, ...elements: readonly Element[]): Promise<string> {
  const A_MOMENT_MS = 20;
  const first = elements.find(
    (element) => element.matches(kind) && element.checkVisibility({ visibilityProperty: true }),
  );
  if (first === undefined) return 'null';
  first.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  const before = first.getBoundingClientRect();
  await new Promise((later) => setTimeout(later, A_MOMENT_MS));
  const { left, top, width, height } = first.getBoundingClientRect();
  return JSON.stringify({
    disabled: first.matches(':disabled, [aria-disabled="true"]'),
    atRest: left === before.left && top === before.top && width === before.width && height === before.height,
    x: Math.round(left + width / 2),
    y: Math.round(top + height / 2),
  });
}

/** The text that is drawn of an element or a shadow root, a line for each piece, with what its style sheets add and what fields hold. */
export function drawnText(root: Node): string {
  const pieces: string[] = [];
  const left: (Node | string)[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (typeof node === 'string') pieces.push(node);
    else if (node instanceof Text) pieces.push(node.data.trim());
    else if (!(node instanceof Element)) left.push(...[...node.childNodes].reverse());
    else if (!node.matches('style, script') && node.checkVisibility({ visibilityProperty: true })) {
      const value = node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement ? node.value : '';
      const [before = '', after = ''] = ['::before', '::after'].map((part) => {
        const { content } = getComputedStyle(node as Element, part);
        // Firefox 153 computes no further than this.
        const [, attribute] = /^attr\(([\w-]+)\)/.exec(content) ?? [];
        if (attribute !== undefined) return (node as Element).getAttribute(attribute) ?? '';
        return content.startsWith('"') ? content.slice(1, -1).replaceAll('\\"', '"') : '';
      });
      left.push(after, ...[...node.childNodes].reverse(), before, value);
    }
  }
  return pieces.filter((piece) => piece !== '').join('\n');
}
