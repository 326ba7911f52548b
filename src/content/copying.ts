/** Puts the texts that are drawn as generated content into what a person copies from the panel: a selection has none of them. */
export function copyDrawnTexts(root: ShadowRoot): void {
  root.addEventListener('copy', (event) => {
    if (!(event instanceof ClipboardEvent) || !event.isTrusted || event.target instanceof HTMLInputElement) return;
    // Chromium has it since 137; before that a copy is what the selection has.
    const [selected] = getSelection()?.getComposedRanges?.({ shadowRoots: [root] }) ?? [];
    if (selected === undefined || !root.contains(selected.startContainer)) return;
    const range = new Range();
    range.setStart(selected.startContainer, selected.startOffset);
    range.setEnd(selected.endContainer, selected.endOffset);
    const copied = range.cloneContents();
    for (const piece of copied.querySelectorAll<HTMLElement>('[data-text], p, li, h2, h3')) {
      piece.append(piece.dataset['text'] ?? '\n');
    }
    event.clipboardData?.setData('text/plain', copied.textContent?.trim() ?? '');
    event.preventDefault();
  });
}
