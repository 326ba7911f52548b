import type { Page } from 'playwright-core';
import { SUBSCRIPTIONS_PAGE } from '../../e2e/harness/addresses';
import { type BenchBackend, startBackend } from '../stage/backend';
import { inOurWorker, launchOurs } from '../stage/extension';
import type { Subject } from '../subject';

const SUBSCRIPTIONS = 5000;
const ANSWERS_AFTER_MS = 20;
const ROWS_A_PAGE = 200;
const BARE = 'a bare paged loop';

/** How soon a long list of subscriptions can be worked with. */
export const listing: Subject = {
  name: 'listing',
  rounds: 7,
  warmsUp: true,
  limitMs: 600_000,
  rows: [
    {
      what: `${SUBSCRIPTIONS.toLocaleString('en')} subscriptions, a backend that answers in ${ANSWERS_AFTER_MS} ms: first rows on screen`,
      figure: 'first',
      unit: 'ms',
      holds: [{ kind: 'atMost', most: 500 }],
    },
    {
      what: 'all of them there and filtered by the last one’s name',
      figure: 'all',
      unit: 'ms',
      holds: [{ kind: 'times', side: BARE, most: 1.2 }],
    },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(SUBSCRIPTIONS, ANSWERS_AFTER_MS), ({ close }) => close());
    const browser = await launchOurs(stage, backend);
    const last = backend.subscriptions().at(-1)?.displayName;
    if (last === undefined) throw new Error('There are no subscriptions');

    const ours = async () => {
      await browser.backstage.askWorker();
      const page = await browser.context.newPage();
      await page.goto(browser.extensionUrl(SUBSCRIPTIONS_PAGE), { waitUntil: 'commit' });
      const first = await page.evaluate(untilFirstRow);
      await readOn(page);
      const all = await page.evaluate(untilFiltered, last);
      await page.close();
      return { first, all };
    };
    const { url, token } = backend;
    const bare = async () => ({ all: await inOurWorker(browser, readAll, { url, token, size: ROWS_A_PAGE }) });
    return [
      { name: 'ours', measure: ours },
      { name: BARE, measure: bare },
    ];
  },
};

/** Has the page read on until it says that there is no more: this is the way that there is to a long list. */
async function readOn(page: Page): Promise<void> {
  const more = page.locator('button', { hasText: 'Show more' });
  while ((await more.count()) > 0) {
    // It is gone, or to be pressed again, once it is not busy any more.
    const idle = await more.evaluate((button) => button.getAttribute('aria-disabled') !== 'true').catch(() => false);
    if (idle) await more.click();
  }
}

/** Runs in the page: milliseconds from its navigation to its first row. */
function untilFirstRow(): Promise<number> {
  return new Promise((resolve) => {
    requestAnimationFrame(function look() {
      if (document.querySelector('table tbody tr') !== null) resolve(performance.now());
      else requestAnimationFrame(look);
    });
  });
}

/** Runs in the page: milliseconds from its navigation until that subscription stands there alone, since its name was typed. */
function untilFiltered(name: string): Promise<number> {
  const box = document.querySelector<HTMLInputElement>('input[type="search"]');
  if (box === null) throw new Error('There is no box to filter by');
  box.value = name;
  box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return new Promise((resolve) => {
    requestAnimationFrame(function look() {
      const [only, ...others] = document.querySelectorAll('table tbody tr');
      if (others.length === 0 && only?.textContent?.includes(name) === true) resolve(performance.now());
      else requestAnimationFrame(look);
    });
  });
}

interface Reading extends Pick<BenchBackend, 'url' | 'token'> {
  readonly size: number;
}

/** Runs in the worker: the milliseconds that reading the same pages takes with nothing around it. */
async function readAll({ url, token, size }: Reading): Promise<number> {
  const began = performance.now();
  for (let next: string | undefined = `${url}/subscriptions?pageSize=${size}`; next !== undefined; ) {
    const answer = await fetch(next, { headers: { authorization: `Bearer ${token}` } });
    const page: { readonly nextLink?: string } = await answer.json();
    next = page.nextLink;
  }
  return performance.now() - began;
}
