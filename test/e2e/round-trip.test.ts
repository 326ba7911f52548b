import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { JSDOM } from 'jsdom';
import Papa from 'papaparse';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ADATUM, FABRIKAM, oneWorld } from './harness/spec';
import { SUBSCRIPTIONS_PAGE } from './harness/world';

/** What the page exports is edited in one row, saved as spreadsheets save, and imported again. */

const spec = oneWorld();
let folder: string;
let page: Page;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'partner-of-record-round-trip-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  page = await spec.openPage(SUBSCRIPTIONS_PAGE);
  await page.getByRole('button', { name: 'Export CSV' }).waitFor();
  await page
    .getByText(/^\d+ subscriptions\.$/)
    .first()
    .waitFor();
});

type Table = string[][];

async function exported(button: Locator): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return readFile(await download.path());
}
const exportedBy = (name: string) => exported(page.getByRole('button', { name, exact: true }));

function csvTable(file: Buffer): Table {
  return Papa.parse<string[]>(file.toString('utf8').replace(/^\ufeff/, ''), { skipEmptyLines: true }).data;
}

/** The cells of a workbook's sheet as a spreadsheet shows them. */
function workbookTable(file: Buffer): Table {
  const sheet = unzipSync(file)['xl/worksheets/sheet1.xml'];
  if (sheet === undefined) throw new Error('The workbook has no sheet');
  const { window } = new JSDOM(strFromU8(sheet), { contentType: 'text/xml' });
  return [...window.document.querySelectorAll('row')].map((row) => {
    const cells: string[] = [];
    for (const cell of row.querySelectorAll('c')) {
      const column = [...(cell.getAttribute('r') ?? '').replace(/\d/g, '')].reduce(
        (at, letter) => at * 26 + letter.charCodeAt(0) - 64,
        0,
      );
      const isDay = cell.getAttribute('t') !== 'inlineStr';
      cells[column - 1] = isDay ? dayOf(Number(cell.textContent)) : (cell.textContent ?? '');
    }
    return Array.from(cells, (cell) => cell ?? '');
  });
}

function dayOf(number: number): string {
  return new Date(Date.UTC(1899, 11, 30 + number)).toISOString().slice(0, 10);
}

/** Writes another partner into the first row that has one which the main caller may change. Returns its subscription, and who was there. */
function editPartner(table: Table, to: string): { readonly id: string; readonly from: string } {
  const [headings = []] = table;
  const at = (...titles: string[]) => headings.findIndex((heading) => titles.includes(heading));
  const [id, partner, name] = [at('Subscription ID'), at('Partner ID'), at('Partner of record', 'Partner after')];
  const role = at('Your role');
  const row = table.slice(1).find((cells) => {
    const mayChange = role < 0 || cells[role] === 'account administrator';
    return mayChange && cells[partner] !== '' && cells[partner] !== to;
  });
  if (row === undefined) throw new Error('No row has a partner that can be changed');
  const from = `${row[name]} (${row[partner]?.trim()})`;
  row[partner] = to;
  return { id: row[id] ?? '', from };
}

/** How spreadsheets save: Excel puts a cell into quotation marks only where it must, and ends lines as Windows does. */
const SAVED = [
  ['as CSV UTF-8', (table: Table) => Buffer.from(`\ufeff${excelLines(table, ',')}`)],
  ['as CSV UTF-8 with semicolons', (table: Table) => Buffer.from(`\ufeff${excelLines(table, ';')}`)],
  ['as Unicode text', (table: Table) => Buffer.from(`\ufeff${excelLines(table, '\t')}`, 'utf16le')],
] as const;

function excelLines(table: Table, by: string): string {
  // Each row is as wide as the sheet.
  const width = Math.max(...table.map(({ length }) => length));
  const wide = table.map((row) => Array.from({ length: width }, (_, at) => row[at] ?? ''));
  const mustQuote = (cell: string) => cell.includes(by) || /["\n\r]/.test(cell);
  return `${Papa.unparse(wide, { delimiter: by, newline: '\r\n', quotes: mustQuote })}\r\n`;
}

/** Imports the file; one change comes of it, and everything else is so already. */
async function importsOneChange(file: Buffer, rows: number, from: string, to: typeof FABRIKAM): Promise<void> {
  await importFile(file);
  const preview = page.getByRole('region', { name: 'Preview' });
  await preview.getByRole('button', { name: '1 will change' }).waitFor();
  await preview.getByText(`1: from ${from} to ${to.name} (${to.partnerId})`).waitFor();
  await page.getByText(rows === 2 ? '1 row is so already.' : `${rows - 1} rows are so already.`).waitFor();
  expect(await page.getByRole('list', { name: 'Problems' }).count()).toBe(0);
}

async function importFile(file: Buffer): Promise<void> {
  const path = join(folder, 'edited.csv');
  await writeFile(path, file);
  await page.getByRole('button', { name: 'Import CSV' }).click();
  await page.locator('dialog input[type=file]').setInputFiles(path);
}

describe('the exported table, edited in one row', () => {
  it.each(SAVED)('comes back from its CSV saved %s, with that row alone as a change', async (_, saved) => {
    const table = csvTable(await exportedBy('Export CSV'));
    const { from } = editPartner(table, FABRIKAM.partnerId);
    await importsOneChange(saved(table), table.length - 1, from, FABRIKAM);
    expect(spec.world.proxy.writes()).toEqual([]);
  });

  it.each(SAVED)('comes back from its workbook saved %s, with that row alone as a change', async (_, saved) => {
    const table = workbookTable(await exportedBy('Export Excel'));
    const { from } = editPartner(table, FABRIKAM.partnerId);
    await importsOneChange(saved(table), table.length - 1, from, FABRIKAM);
    expect(spec.world.proxy.writes()).toEqual([]);
  });
});

describe('the outcome of an import', () => {
  it('can be edited and imported again, with the edited row alone as a change', async () => {
    const table = csvTable(await exportedBy('Export CSV'));
    const { id } = editPartner(table, FABRIKAM.partnerId);
    editPartner(table, FABRIKAM.partnerId);
    await importFile(SAVED[0][1](table));
    await page.getByRole('button', { name: 'Make 2 changes' }).click();
    const batch = page.getByRole('article').first();
    await batch.getByText('All changes have ended').waitFor();
    const outcome = csvTable(await exported(batch.getByRole('button', { name: 'Export outcome' })));
    const edited = editPartner(outcome, ADATUM.partnerId);
    expect(edited).toEqual({ id, from: `${FABRIKAM.name} (${FABRIKAM.partnerId})` });
    await importsOneChange(SAVED[1][1](outcome), 2, edited.from, ADATUM);
  });
});
