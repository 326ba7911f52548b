import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PREVIEW_MARKS, previewOf } from './harness/import-preview';
import { folderOfMany, manyId } from './harness/many-subscriptions';
import { FABRIKAM } from './harness/partners';
import { quickest } from './harness/quickest';
import { threadWork } from './harness/thread-work';
import { startWorld, SUBSCRIPTIONS_PAGE, type World } from './harness/world';

const LINES = 10_000;
/** One line in so many is bad. */
const BAD_EVERY = 200;
const BAD = LINES / BAD_EVERY;
const PREVIEWED_MS = 2_000;
/** A key that is answered within it seems to be at once. */
const AT_ONCE_MS = 100;
const PATIENT = { timeout: 120_000 };

let folder: string;
let world: World;

beforeAll(async () => {
  folder = await folderOfMany(LINES);
  world = await startWorld({}, { dataFolder: folder });
}, 300_000);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

/** As a spreadsheet saves it as “Unicode text”, with the separator of many locales. The first bad line is the 201st. */
function file(): Buffer {
  const lines = Array.from({ length: LINES }, (_, n) => {
    const isBad = n % BAD_EVERY === BAD_EVERY - 1;
    return `${manyId(n)};${isBad ? '4.85E+06' : FABRIKAM.partnerId}`;
  });
  return Buffer.from(`\ufeff${['Subscription ID;Partner ID', ...lines].join('\r\n')}\r\n`, 'utf16le');
}

async function openList(): Promise<Page> {
  const page = await world.browser.open(world.browser.extensionUrl(`${SUBSCRIPTIONS_PAGE}?filter=Many+Ltd`));
  await page
    .getByText(/^10,?000 of /)
    .first()
    .waitFor(PATIENT);
  return page;
}

it('10,000 lines of UTF-16 with 50 bad ones are previewed within two seconds, the page answers keys meanwhile, each problem has its line, and nothing is sent before it is confirmed', async () => {
  const path = join(folder, 'partners.csv');
  await writeFile(path, file());
  const page = await openList();
  const label = `Make ${(LINES - BAD).toLocaleString('en')} changes`;
  const works: { longestTask: number; all: number }[] = [];
  const took = await quickest(PREVIEWED_MS, async () => {
    await page.getByRole('button', { name: 'Import CSV' }).click();
    let seen = { took: 0, keys: 0 };
    const work = await threadWork(page, PREVIEW_MARKS, async () => {
      seen = await previewOf(page, path, label);
    });
    works.push(work);
    expect(seen.keys).toBeGreaterThan(0);
    const problems = page.getByRole('list', { name: 'Problems' }).getByRole('listitem');
    expect(await problems.first().textContent()).toContain(`Line ${BAD_EVERY + 1}`);
    await page.getByText(`${BAD} problems: their rows are left out.`).first().waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    return seen.took;
  });
  expect(took).toBeLessThan(PREVIEWED_MS);
  // No task holds the processor for as long as a key may wait. The time that passes would tell of others' work too: `npm run bench` tells it.
  expect(Math.max(...works.map(({ longestTask }) => longestTask))).toBeLessThan(AT_ONCE_MS);
  expect(Math.min(...works.map(({ all }) => all))).toBeLessThan(PREVIEWED_MS);
  expect(world.proxy.writes()).toEqual([]);
  await page.close();
});

it('a page that answers no key for a while is found out by the time its task has the processor', async () => {
  const page = await world.browser.open(world.browser.extensionUrl(SUBSCRIPTIONS_PAGE));
  const { longestTask } = await threadWork(page, PREVIEW_MARKS, () =>
    page.evaluate(async ({ begins, ends }) => {
      const turn = () => new Promise((resolve) => setTimeout(resolve));
      performance.mark(begins);
      await turn();
      // Long enough for a machine that gives it a tenth of a processor.
      for (const from = performance.now(); performance.now() - from < 1_500; );
      await turn();
      performance.mark(ends);
      // It goes on after it answered, as it does by itself where the machine has much else to do.
      void (async () => {
        for (let turns = 0; turns < 10; turns += 1) await null;
        for (const from = performance.now(); performance.now() - from < 500; );
      })();
    }, PREVIEW_MARKS),
  );
  expect(longestTask).toBeGreaterThan(AT_ONCE_MS);
  await page.close();
});
