import type { Page } from 'playwright-core';

/** What a preview of an import marks in its page when its file is taken, and when it is there. */
export const PREVIEW_MARKS = { begins: 'import-begins', ends: 'import-ends' } as const;

/** How a preview came, by what the page saw of it. Times in milliseconds. */
export interface PreviewSeen {
  /** From the file to the button that makes its changes. */
  readonly took: number;
  /** How many keys were answered meanwhile. */
  readonly keys: number;
  /** How long the one that waited longest did. */
  readonly longestWait: number;
}

/**
 * Gives the open import a file, and types into its box until the preview is there.
 * @param path of the file; what is handed over as bytes goes through the page and holds it up
 * @param label of the button that the preview ends with
 */
export async function previewOf(page: Page, path: string, label: string): Promise<PreviewSeen> {
  await page.getByRole('textbox', { name: 'Paste rows' }).focus();
  // Not awaited in the page: what takes long there is looked for.
  await page.evaluate(watchPreview, { label, ...PREVIEW_MARKS });
  let isOver = false;
  const typing = (async () => {
    while (!isOver) await page.keyboard.press('1', { delay: KEY_MS });
  })();
  try {
    await page.locator('dialog input[type=file]').setInputFiles(path);
    await page.getByRole('button', { name: label }).waitFor({ timeout: PREVIEWED_WITHIN_MS });
  } finally {
    isOver = true;
    await typing;
  }
  return page.evaluate(() => JSON.parse(document.documentElement.dataset['preview'] ?? ''));
}

const PREVIEWED_WITHIN_MS = 60_000;
/** How long each key is held: as quick as people type, and no quicker, since keys go before all else that a page has to do. */
const KEY_MS = 30;

/** Runs in the page, and leaves what it saw at the outermost element. */
function watchPreview({ label, begins, ends }: { label: string; begins: string; ends: string }): void {
  const input = document.querySelector('dialog input[type=file]');
  if (input === null) throw new Error('No import is open');
  delete document.documentElement.dataset['preview'];
  const ended = new AbortController();
  const { signal } = ended;
  let begun = 0;
  let keys = 0;
  let longestWait = 0;
  const look = () => {
    const buttons = [...document.querySelectorAll('dialog button')];
    if (!buttons.some((button) => button.textContent === label)) {
      requestAnimationFrame(look);
      return;
    }
    performance.mark(ends);
    ended.abort();
    const seen = { took: performance.now() - begun, keys, longestWait };
    document.documentElement.dataset['preview'] = JSON.stringify(seen);
  };
  const begin = () => {
    performance.mark(begins);
    begun = performance.now();
    document.addEventListener('keydown', answer, { capture: true, signal });
    requestAnimationFrame(look);
  };
  const answer = ({ timeStamp }: Event) => {
    keys += 1;
    longestWait = Math.max(longestWait, performance.now() - Math.max(timeStamp, begun));
  };
  input.addEventListener('change', begin, { capture: true, once: true });
}
