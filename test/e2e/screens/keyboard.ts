import type { Page } from 'playwright-core';

/** What was met at one press of Tab. */
interface Met {
  /** The element, by its place in the document; -1 when the focus has left the page. */
  readonly place: number;
  readonly what: string;
  /** Why somebody does not see that the focus is there; null when they do. */
  readonly unseen: string | null;
  readonly dialog: boolean;
}

const LONGEST_WALK = 80;

/** Goes through the page by Tab alone, from its beginning until the focus leaves it or comes back to where it was first. */
export async function walk(page: Page): Promise<readonly Met[]> {
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
  const met: Met[] = [];
  while (met.length < LONGEST_WALK) {
    await page.keyboard.press('Tab');
    const here = await page.evaluate(look);
    if (here.place < 0 || here.place === met[0]?.place) break;
    met.push(here);
  }
  return met;
}

/** Where the focus is after each of so many presses. */
export async function press(page: Page, key: 'Tab' | 'Shift+Tab', times: number): Promise<readonly Met[]> {
  const met: Met[] = [];
  for (let done = 0; done < times; done += 1) {
    await page.keyboard.press(key);
    met.push(await page.evaluate(look));
  }
  return met;
}

/** Runs in the page. */
function look(): Met {
  const all: Element[] = [];
  const collect = (root: Document | ShadowRoot) => {
    for (const element of root.querySelectorAll('*')) {
      all.push(element);
      if (element.shadowRoot !== null) collect(element.shadowRoot);
    }
  };
  collect(document);
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (focused === null || focused === document.body) return { place: -1, what: 'nothing', unseen: null, dialog: false };
  const style = getComputedStyle(focused);
  const box = focused.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1;
  const root = focused.getRootNode();
  const [x, y] = [box.left + Math.min(box.width / 2, 8), box.top + Math.min(box.height / 2, 8)];
  const onTop = root instanceof ShadowRoot || root instanceof Document ? root.elementFromPoint(x, y) : null;
  const isOnTop = onTop !== null && (focused.contains(onTop) || onTop.contains(focused));
  return {
    place: all.indexOf(focused),
    what: `${focused.tagName.toLowerCase()}.${focused.className} “${(focused.textContent ?? '').trim().slice(0, 40)}”`,
    unseen: !outlined
      ? 'has no outline'
      : !isOnTop
        ? `lies under ${onTop?.tagName.toLowerCase() ?? 'nothing'}.${onTop?.className ?? ''}`
        : null,
    dialog: focused.closest('[role="alertdialog"]') !== null,
  };
}
