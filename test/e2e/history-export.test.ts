import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoredRow } from '../../src/storage/schema';
import { checkRow, storedRow } from '../../src/storage/stored-row';
import { check } from '../support/checks';
import { CONNECTION_ID } from '../support/connections';
import { partner } from '../support/partners';
import { uuid } from '../support/targets';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';
import { POPUP_PAGE } from './harness/world';

/** Enough that the export is written to the disk, and not there before Cancel is pressed. */
const ROWS = 50_000;
const WRITTEN_AT_ONCE = 5000;
const NOW = Date.now();

let browser: ExtensionBrowser;
let backstage: Backstage;

beforeAll(async () => {
  browser = await launchBrowser();
  backstage = await openBackstage(browser);
  await backstage.askWorker();
  for (let from = 0; from < ROWS; from += WRITTEN_AT_ONCE) {
    const rows = Array.from({ length: WRITTEN_AT_ONCE }, (_, i) => rowOf(from + i));
    // As text: what Playwright does with objects takes most of the time there is.
    await backstage.page.evaluate(writeRows, JSON.stringify(rows));
  }
});
afterAll(() => browser?.close());

function rowOf(number: number): StoredRow {
  const found = { kind: 'found', partner: partner('123456', `Partner ${number}`) } as const;
  const at = NOW - ROWS + number;
  return storedRow(checkRow({ ...check('123456', found, at), id: uuid(number), connectionId: CONNECTION_ID }), -at);
}

it('Somebody cancels a long export or closes its page: nothing is saved or left behind, and the next one has every row', async () => {
  const page = await openHistory();
  const saved: string[] = [];
  page.on('download', (download) => saved.push(download.suggestedFilename()));
  await page.getByRole('button', { name: 'Export CSV' }).click();
  await until('a file on the disk', async () => (await filesLeft()).length > 0);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled. Nothing was saved.').waitFor();
  expect(await filesLeft()).toEqual([]);

  await page.getByRole('button', { name: 'Export CSV' }).click();
  await until('a file on the disk', async () => (await filesLeft()).length > 0);
  await page.close();
  expect(saved).toEqual([]);

  const next = await openHistory();
  await until('nothing left of it', async () => (await filesLeft()).length === 0);
  const download = next.waitForEvent('download', { timeout: 200_000 });
  await next.getByRole('button', { name: 'Export CSV' }).click();
  const lines = (await readFile(await (await download).path(), 'utf8')).trimEnd().split('\r\n');
  expect(lines.length).toBe(ROWS + 1);
  expect(new Set(lines.map((line) => line.slice(-36))).size).toBe(ROWS + 1);
});

async function openHistory(): Promise<Page> {
  const page = await browser.open(browser.extensionUrl(POPUP_PAGE));
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByRole('radio', { name: 'All' }).check();
  await page.getByText(`${ROWS.toLocaleString('en')} entries`).waitFor();
  return page;
}

function filesLeft(): Promise<string[]> {
  return backstage.page.evaluate(async () => {
    const names: string[] = [];
    for await (const folder of (await navigator.storage.getDirectory()).values()) {
      if (folder.kind !== 'directory') continue;
      for await (const file of folder.values()) names.push(file.name);
    }
    return names;
  });
}

/** Runs in a page of the extension. */
async function writeRows(json: string): Promise<void> {
  const rows: readonly object[] = JSON.parse(json);
  const opening = indexedDB.open('partner-of-record');
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const transaction = database.transaction('rows', 'readwrite');
  for (const row of rows) transaction.objectStore('rows').put(row);
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  database.close();
}
