import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../patience';
import { panelOn } from '../harness/panel';
import { FABRIKAM, type Spec } from '../harness/spec';
import { azurePage, SUBSCRIPTIONS_PAGE } from '../harness/world';

/** The list of subscriptions, long, followed to a portal, and out of reach. */
export function subscriptions(spec: Spec): void {
  const PAGE_SIZE = 200;
  const COUNT = 2_000;
  const LONG_NAME = 'W'.repeat(80);
  const FROM_RIGHT = 'اشتراك الإنتاج (Contoso) ١٢٣';

  /** What the service answers of so many subscriptions, some with names that are hard to place. */
  function record(n: number) {
    const name = n === 3 ? LONG_NAME : n === 4 ? FROM_RIGHT : `Subscription ${n}`;
    const partner = n === 5 ? { ...FABRIKAM, name: LONG_NAME } : FABRIKAM;
    return {
      subscriptionId: `5b000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      displayName: name,
      service: ['azure', 'office365', 'ems'][n % 3],
      state: 'Active',
      startDate: '2025-01-01T00:00:00Z',
      endDate: '2027-01-01T00:00:00Z',
      customer: { id: 'c', name: n === 6 ? LONG_NAME : 'Woodgrove Bank' },
      caller: { role: 'AccountAdministrator', canChangePartner: true },
      partnerOfRecord: { ...partner, assignedAt: '2026-03-14T00:00:00Z', assignedBy: 'Ada' },
      etag: `"${n}"`,
    };
  }

  /** Opens the list while the service has those many subscriptions, and waits until all are there. */
  async function openMany(): Promise<Page> {
    const { proxy } = spec.world;
    proxy.draw(({ path }) => {
      if (!path.startsWith('/subscriptions?')) return undefined;
      const from = Number(new URLSearchParams(path.split('?')[1]).get('from') ?? 0);
      const value = Array.from({ length: PAGE_SIZE }, (_, index) => record(from + index));
      const next = from + PAGE_SIZE;
      const nextLink = next < COUNT ? { nextLink: `${proxy.url}/subscriptions?from=${next}` } : {};
      return { kind: 'answer', status: 200, body: JSON.stringify({ value, ...nextLink }) };
    });
    const page = await spec.openPage(SUBSCRIPTIONS_PAGE);
    // Answers one after the other, and each drawn with all rows before it: no single look.
    await page
      .getByText('2,000 subscriptions.')
      .first()
      .waitFor({ timeout: 4 * PATIENCE_MS });
    return page;
  }

  interface Box {
    readonly left: number;
    readonly right: number;
    readonly height: number;
    /** How far its content is wider than itself. */
    readonly over: number;
  }

  /** Where the cells of every row that is drawn are, left to right in the order of the columns. */
  function cells(page: Page): Promise<Box[][]> {
    return page.evaluate(() =>
      [...document.querySelectorAll('tbody tr')].map((row) =>
        [...row.children].map((cell) => {
          const { left, right, height } = cell.getBoundingClientRect();
          return { left, right, height, over: cell.scrollWidth - cell.clientWidth };
        }),
      ),
    );
  }

  const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

  describe('2,000 subscriptions, some with names of 80 characters or from right to left', () => {
    it('leave every column in sight at 1280 pixels, under a header that stays', async () => {
      const page = await openMany();
      await page.setViewportSize({ width: 1280, height: 800 });
      const rows = await cells(page);
      expect(rows.length).toBeGreaterThan(10);
      for (const row of rows) {
        expect(row).toHaveLength(9);
        for (const { left, right, over } of row) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(right).toBeLessThanOrEqual(1280);
          expect(over).toBeLessThanOrEqual(0);
        }
      }
      expect(await sideways(page)).toBeLessThanOrEqual(0);

      await page.getByRole('checkbox', { name: 'Select Subscription 0', exact: true }).focus();
      await page.keyboard.press('End');
      await page.getByText('Subscription 1999', { exact: true }).waitFor();
      const head = await page.getByRole('columnheader', { name: 'Partner of record' }).boundingBox();
      expect(head?.y).toBeCloseTo(0, 0);
      expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(10_000);
    });

    it('are cards at 320 pixels, each with name, partner and since', async () => {
      const page = await openMany();
      await page.setViewportSize({ width: 320, height: 640 });
      const rows = await cells(page);
      expect(rows.length).toBeGreaterThan(4);
      for (const [, name, , , , partner, since] of rows) {
        for (const box of [name, partner, since]) {
          expect(box?.left).toBeGreaterThanOrEqual(0);
          expect(box?.right).toBeLessThanOrEqual(320);
          expect(box?.height).toBeGreaterThan(12);
          expect(box?.over).toBeLessThanOrEqual(0);
        }
      }
      expect(await sideways(page)).toBeLessThanOrEqual(0);
      const card = page.getByRole('row').filter({ hasText: LONG_NAME }).first();
      expect(await card.innerText()).toMatch(/Fabrikam[\s\S]*2026/);
    });
  });

  describe('A name in the list', () => {
    it('leads to the subscription’s page in its portal, with its panel', async () => {
      const record = await spec.world.newSubscription({ service: 'azure', partnerId: FABRIKAM.partnerId });
      const list = await spec.openPage(SUBSCRIPTIONS_PAGE);
      await list.getByRole('searchbox', { name: 'Filter' }).fill(record.subscriptionId);
      const link = list.getByRole('link', { name: record.displayName });
      await expect.poll(() => list.getByRole('row').count()).toBe(2);
      await expect
        .poll(() => link.getAttribute('href'))
        .toBe(azurePage(record.subscriptionId).replace('@contoso.com/', ''));
      const opening = spec.world.browser.context.waitForEvent('page');
      await link.click();
      const page = await opening;
      await panelOn(page).waitForText(FABRIKAM.name);
      await page.close();
    });

    it('leads back to the tenant in which the subscription was met', async () => {
      const record = await spec.world.newSubscription({ service: 'azure' });
      await spec.openPanel(record);
      const list = await spec.openPage(SUBSCRIPTIONS_PAGE);
      const link = list.getByRole('link', { name: record.displayName });
      await expect.poll(() => link.first().getAttribute('href')).toContain('@contoso.com');
    });
  });

  describe('A list that can’t be read', () => {
    it('offers what helps, says whom to ask, and is read again once that is done elsewhere', async () => {
      const mend = await spec.world.proxy.leave();
      const list = await spec.openPage(SUBSCRIPTIONS_PAGE);
      const alert = list.getByRole('alert');
      await alert.getByText('can’t be reached. Check your network or VPN').waitFor();
      await list.getByRole('button', { name: 'Try again' }).waitFor();
      await list.getByText('Whom do I ask?').click();
      await list.getByText('Ask whoever runs the service').waitFor();
      const opening = spec.world.browser.context.waitForEvent('page');
      await list.getByRole('link', { name: 'Test connection' }).click();
      const options = await opening;
      await options.getByRole('button', { name: 'Test connection' }).waitFor();
      await options.close();
      await mend();
      await list.getByRole('button', { name: 'Try again' }).click();
      await list.getByRole('table', { name: 'Subscriptions' }).waitFor();
      expect(await alert.count()).toBe(0);
    });
  });
}
