const KEY = 'dismissedBatches';
/** Older ones are not shown any more anyway. */
const KEPT = 200;

/**
 * Which batches the person does not want to see on this page any more. How a page looks is the page's own: it stands in the page's
 * own store, which holds nothing of what was changed.
 */
export function dismissedBatches(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  } catch {
    // Damaged, or the browser keeps nothing for pages: then they are shown once more.
    return [];
  }
}

export function dismissBatch(batchId: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([...dismissedBatches(), batchId].slice(-KEPT)));
  } catch {
    // There is no room: it is shown once more at the next opening.
  }
}
