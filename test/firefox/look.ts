/**
 * What the tests run in a page of Firefox, in a world of their own there that the page knows nothing of. They are sent as text, so each
 * stands for itself.
 */

/** How an element is drawn. */
export interface Drawn {
  readonly shown: boolean;
  readonly disabled: boolean;
  /** Its middle in the window, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

/** How each of the elements is drawn. The first one that is, of those that `kind` selects, counts as shown and is scrolled into the window. */
export function drawn(kind: string, ...elements: readonly Element[]): string {
  const first = elements.find(
    (element) => element.matches(kind) && element.checkVisibility({ visibilityProperty: true }),
  );
  first?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
  return JSON.stringify(
    elements.map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return {
        shown: element === first,
        disabled: element.matches(':disabled, [aria-disabled="true"]'),
        x: Math.round(left + width / 2),
        y: Math.round(top + height / 2),
      };
    }),
  );
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
