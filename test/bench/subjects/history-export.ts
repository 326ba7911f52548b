import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { POPUP_PAGE } from '../../e2e/harness/addresses';
import { startBackend } from '../stage/backend';
import { extensionWithPages, launchOurs, type OurBrowser } from '../stage/extension';
import { memoryOfStarted } from '../stage/memory';
import type { Figures, Subject } from '../subject';
import { seed } from './history';

/** `ROWS=100000` is there in a few minutes. */
const ROWS = Number(process.env['ROWS'] ?? 1_000_000);
const MANY = ROWS.toLocaleString('en');
/** A look at the memory takes a processor for a tenth of a second and more: more often it would be what is measured. */
const LOOK_EVERY_MS = 1000;
const EXPORT_LIMIT_MS = 1_200_000;

/** What it costs to take a long history along. */
export const historyExport: Subject = {
  name: 'history-export',
  rounds: 1,
  warmsUp: false,
  limitMs: 5_400_000,
  rows: [
    {
      what: `export of ${MANY} rows of history as CSV, the page’s JS heap at its most`,
      figure: 'heap',
      unit: 'MB',
      holds: [{ kind: 'atMost', most: 200 }],
    },
    {
      what: `export of ${MANY} rows of history as CSV, the memory of all the browser’s processes at its most`,
      figure: 'memory',
      unit: 'MB',
      holds: [{ kind: 'atMost', most: 300 }],
    },
    { what: `export of ${MANY} rows of history as CSV`, figure: 'time', unit: 'ms', holds: [] },
    { what: 'the file', figure: 'file', unit: 'MB', holds: [] },
  ],
  async prepare(stage) {
    const backend = await stage.keep(startBackend(10, 0), ({ close }) => close());
    const browser = await launchOurs(stage, backend, { extension: await extensionWithPages(stage) });
    await seed(browser, ROWS, {});
    return [{ name: 'ours', measure: () => exporting(browser) }];
  },
};

/** From the press to the file; heap and memory are what they rise by. */
async function exporting(browser: OurBrowser): Promise<Figures> {
  const page = await browser.open(browser.extensionUrl(POPUP_PAGE));
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('radio', { name: 'All' }).check();
  await page.getByText(`${MANY} entries`).waitFor({ timeout: EXPORT_LIMIT_MS });
  const heap = await heapOf(page);
  const before = { heap: await heap(true), memory: await memoryOfStarted() };
  const most = { ...before };
  const began = performance.now();
  const saved = page.waitForEvent('download', { timeout: EXPORT_LIMIT_MS });
  await page.getByRole('button', { name: 'Export CSV' }).click();
  let ended = false;
  const looking = (async () => {
    while (!ended) {
      most.heap = Math.max(most.heap, await heap(false));
      most.memory = Math.max(most.memory, await memoryOfStarted());
      await pause(LOOK_EVERY_MS);
    }
  })();
  const download = await saved;
  const path = await download.path();
  const time = performance.now() - began;
  ended = true;
  await looking;
  const { size } = await stat(path);
  await download.delete();
  await page.close();
  return { heap: most.heap - before.heap, memory: most.memory - before.memory, time, file: size / 1e6 };
}

/** Tells the page's heap in MB, after what is not needed any more is gone where that is asked for. */
async function heapOf(page: Page): Promise<(collected: boolean) => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return async (collected) => {
    if (collected) await session.send('HeapProfiler.collectGarbage');
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0) / 1e6;
  };
}
