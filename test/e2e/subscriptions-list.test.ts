import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../patience';
import { FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { SUBSCRIPTIONS_PAGE } from './harness/world';

/** Thousands of subscriptions in the browser: read, found, kept, bookmarked, and gone through by keyboard. */

const spec = oneWorld();
const COUNT = 5_000;
const PAGE_SIZE = 200;

function record(n: number) {
  return {
    subscriptionId: `5b000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    // Of many heights.
    displayName: `Subscription ${n}${n % 10 === 5 ? ' of the engineering department of a customer with a long name' : ''}`,
    service: ['azure', 'office365', 'ems'][n % 3],
    state: 'Active',
    startDate: '2025-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customer: { id: `c${n % 50}`, name: `Customer ${n % 50}` },
    caller: { role: 'AccountAdministrator', canChangePartner: true },
    partnerOfRecord:
      n % 4 === 0
        ? null
        : { ...(n % 4 === 1 ? NORTHWIND : FABRIKAM), assignedAt: '2026-03-14T00:00:00Z', assignedBy: 'Ada' },
    etag: `"${n}"`,
  };
}

/** The service has those many subscriptions; with `isAway` it answers no request for them. */
function haveMany(isAway = false): void {
  const { proxy } = spec.world;
  proxy.draw(({ path }) => {
    if (!path.startsWith('/subscriptions?')) return undefined;
    if (isAway) return { kind: 'resetBefore' };
    const from = Number(new URLSearchParams(path.split('?')[1]).get('from') ?? 0);
    const value = Array.from({ length: PAGE_SIZE }, (_, index) => record(from + index));
    const next = from + PAGE_SIZE;
    const nextLink = next < COUNT ? { nextLink: `${proxy.url}/subscriptions?from=${next}` } : {};
    return { kind: 'answer', status: 200, body: JSON.stringify({ value, ...nextLink }) };
  });
}

const whole = (page: Page) =>
  page
    .getByText('5,000 subscriptions.')
    .first()
    .waitFor({ timeout: 4 * PATIENCE_MS });
const lines = (page: Page) => page.locator('tbody tr').count();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? '');

/** Half a second of them. */
const FRAMES = 30;

/** Runs in the page: whether a line lies in the middle of the window. */
function isLineInSight(): boolean {
  return document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('[data-index]') != null;
}

/** Runs in the page: in how many of so many frames no line lies in the middle of the window. */
async function countBlankFrames(frames: number): Promise<number> {
  let blank = 0;
  for (let frame = 0; frame < frames; frame++) {
    await new Promise(requestAnimationFrame);
    if (document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('[data-index]') == null) blank += 1;
  }
  return blank;
}

beforeEach(() => haveMany());

describe('5,000 subscriptions', () => {
  it('are listed, of which only those in sight are in the document, and found by what is typed without a request', async () => {
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await whole(page);
    const table = page.getByRole('table', { name: 'Subscriptions' });
    expect(await table.getAttribute('aria-rowcount')).toBe('5001');
    expect(await lines(page)).toBeLessThan(100);
    spec.world.proxy.draw(() => ({ kind: 'resetBefore' }));
    await page.getByRole('searchbox', { name: 'Filter' }).fill('subscription 4999');
    await page.getByRole('link', { name: 'Subscription 4999' }).waitFor();
    await expect.poll(() => lines(page)).toBe(1);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');
    await page.getByRole('radio', { name: 'Without a partner' }).check();
    await page.getByText('1,250 of 5,000 subscriptions.').first().waitFor();
    await page.getByRole('region', { name: 'Summary' }).getByText('1,250').first().waitFor();
  });

  it('are there at once the next time, with their age, though the service is away', async () => {
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await whole(page);
    haveMany(true);
    await page.reload();
    await page.getByRole('link', { name: 'Subscription 3', exact: true }).waitFor();
    await page.getByRole('alert').getByText('5,000 subscriptions are shown as they were').waitFor();
  });

  it('are looked at in a view that the address keeps and Back leads to', async () => {
    const page = await spec.openPage(`${SUBSCRIPTIONS_PAGE}?filter=customer+7&sort=-name&show=with`);
    const first = page.locator('tbody tr').first();
    await first.getByText('Subscription 4957').waitFor({ timeout: 4 * PATIENCE_MS });
    await page.getByRole('button', { name: 'Name' }).click();
    await first.getByText('Subscription 7', { exact: true }).waitFor();
    expect(page.url()).not.toContain('sort');
    await page.goBack();
    await first.getByText('Subscription 4957').waitFor();
  });

  it('keep the focus on the row that has it, however far the window scrolls, and keys lead from row to row', async () => {
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await whole(page);
    await page.getByRole('checkbox', { name: 'Select Subscription 2', exact: true }).focus();
    await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight / 2));
    await page.getByText('Subscription 2500', { exact: true }).waitFor();
    expect(await focused(page)).toBe('Select Subscription 2');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => focused(page)).toBe('Select Subscription 3');
    await page.keyboard.press('End');
    await expect.poll(() => focused(page)).toBe('Select Subscription 4999');
    const last = page.getByRole('checkbox', { name: 'Select Subscription 4999' });
    await expect.poll(() => last.evaluate((box) => box.getBoundingClientRect().bottom <= innerHeight)).toBe(true);
    // Whoever turns the wheel is not led back to it.
    await page.mouse.wheel(0, -4_000);
    await expect.poll(() => last.evaluate((box) => box.getBoundingClientRect().top > 2 * innerHeight)).toBe(true);
    for (let n = 0; n < 3; n++) await page.keyboard.press('Shift+Tab');
    await expect.poll(() => focused(page)).toBe('Select Subscription 4998');
    await page.keyboard.press('Home');
    await expect.poll(() => focused(page)).toBe('Select Subscription 0');
  });

  it('are in sight wherever the window is scrolled to, however high their lines turn out to be', async () => {
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await whole(page);
    for (const top of [3_000, 30_000, 100_000, 31_000]) {
      await page.evaluate((y) => window.scrollTo(0, y), top);
      await expect.poll(() => page.evaluate(isLineInSight)).toBe(true);
      expect(await page.evaluate(countBlankFrames, FRAMES)).toBe(0);
    }
  });

  it('are found by Ctrl+F, which leads to “Filter”', async () => {
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await whole(page);
    await page.keyboard.press('Control+f');
    expect(
      await page.getByRole('searchbox', { name: 'Filter' }).evaluate((box) => box === document.activeElement),
    ).toBe(true);
  });

  it('are cards at 320 pixels, with the same names and nothing to scroll sideways to', async () => {
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    await whole(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await page.getByRole('table', { name: 'Subscriptions' }).waitFor();
    const card = page.getByRole('row').filter({ hasText: 'Subscription 1' }).first();
    await card.getByRole('checkbox', { name: 'Select Subscription 1' }).waitFor();
    await card.getByRole('button', { name: 'Star Subscription 1' }).waitFor();
    await page.getByRole('button', { name: 'Partner of record' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
