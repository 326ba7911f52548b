import type { Page } from 'playwright-core';
import { ROWS_IN_BLOCK } from '../../../src/storage/text-blocks';
import { POPUP_PAGE } from '../../e2e/harness/addresses';
import { until } from '../../e2e/harness/until';
import { startBackend } from '../stage/backend';
import { extensionWithPages, launchOurs, type OurBrowser, pageOfBench } from '../stage/extension';
import type { Figures, Subject } from '../subject';

const MANY = 100_000;
const FEW = 10;
const WITH_FEW = `with ${FEW} rows`;
const WRITTEN_AT_ONCE = 5000;
/** Words that one row each has: every search is for another. */
const RARE_WORDS = 64;
const rareWord = (number: number) => `quokka${String(number).padStart(2, '0')}`;

/** What a long history costs the popup. */
export const history: Subject = {
  name: 'history',
  rounds: 7,
  warmsUp: true,
  limitMs: 900_000,
  rows: [
    {
      what: `popup open to usable, box and newest changes, ${MANY.toLocaleString('en')} rows of history`,
      figure: 'usable',
      unit: 'ms',
      holds: [{ kind: 'times', side: WITH_FEW, most: 1.5 }],
    },
    {
      what: `search for a rare word in ${MANY.toLocaleString('en')} rows of history, first results`,
      figure: 'search',
      unit: 'ms',
      holds: [{ kind: 'atMost', most: 100 }],
    },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(10, 0), ({ close }) => close());
    const extension = await extensionWithPages(stage);
    const [many, few] = await Promise.all([
      launchOurs(stage, backend, { extension }),
      launchOurs(stage, backend, { extension }),
    ]);
    // The oldest are the last that a search comes to.
    const rare = Object.fromEntries(Array.from({ length: RARE_WORDS }, (_, word) => [word * 100 + 1, rareWord(word)]));
    await seed(many, MANY, rare);
    await seed(few, FEW, {});
    let searches = 0;
    const searchNext = async (page: Page) => {
      const word = rareWord(searches % RARE_WORDS);
      searches += 1;
      return page.evaluate(search, word);
    };
    return [
      { name: 'ours', measure: () => opening(many, async (page) => ({ search: await searchNext(page) })) },
      { name: WITH_FEW, measure: () => opening(few, async () => ({})) },
    ];
  },
};

/** What the bench’s own page has for that. */
declare const writeRows: (part: object) => Promise<void>;
declare const blocksMade: () => Promise<number>;

/** Fills the history, and lets the worker do at its start what it does with what it finds. */
export async function seed(browser: OurBrowser, rows: number, rare: Readonly<Record<number, string>>): Promise<void> {
  const connectionId = JSON.parse(await browser.backstage.storedLocally()).settings.connections[0].id;
  const page = await browser.open(browser.extensionUrl(pageOfBench('seed')));
  for (let from = 0; from < rows; from += WRITTEN_AT_ONCE) {
    const to = Math.min(from + WRITTEN_AT_ONCE, rows);
    await page.evaluate((part) => writeRows(part), { from, to, rows, connectionId, rare });
  }
  await browser.backstage.killWorker();
  await browser.backstage.askWorker();
  const blocks = Math.floor(rows / ROWS_IN_BLOCK);
  await until('the last block', async () => (await page.evaluate(() => blocksMade())) === blocks, {
    patienceMs: 10_000 + rows * 3,
  });
  await page.close();
}

async function opening(browser: OurBrowser, then: (page: Page) => Promise<Figures>): Promise<Figures> {
  await browser.backstage.askWorker();
  const page = await browser.context.newPage();
  await page.goto(browser.extensionUrl(POPUP_PAGE), { waitUntil: 'commit' });
  const usable = await page.evaluate(untilUsable);
  const more = await then(page);
  await page.close();
  return { usable, ...more };
}

/** Runs in the popup: milliseconds from its navigation until an ID can be typed and, chosen then, the newest changes are drawn. */
async function untilUsable(): Promise<number> {
  await new Promise<void>((resolve) => {
    requestAnimationFrame(function look() {
      if (document.activeElement instanceof HTMLTextAreaElement) resolve();
      else requestAnimationFrame(look);
    });
  });
  [...document.querySelectorAll<HTMLElement>('[role="tab"]')]
    .find((tab) => tab.textContent?.includes('History'))
    ?.click();
  return new Promise((resolve) => {
    requestAnimationFrame(function look() {
      if (document.querySelector('[aria-label="History"] > li') !== null) resolve(performance.now());
      else requestAnimationFrame(look);
    });
  });
}

/** Runs in the popup: milliseconds from the word typed to the first row that has it. */
function search(word: string): Promise<number> {
  const box = document.querySelector<HTMLInputElement>('input[type="search"]');
  if (box === null) throw new Error('There is no box to search in');
  const began = performance.now();
  box.value = word;
  box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return new Promise((resolve) => {
    requestAnimationFrame(function look() {
      const first = document.querySelector('[aria-label="History"] > li');
      if (first?.textContent?.includes(word) === true) resolve(performance.now() - began);
      else requestAnimationFrame(look);
    });
  });
}
