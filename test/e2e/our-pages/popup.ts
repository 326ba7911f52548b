import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { check, FABRIKAM, NORTHWIND, type Spec } from '../harness/spec';
import { POPUP_PAGE } from '../harness/world';

/** The history, and the popup in a tab and in a small window. */
export function popup(spec: Spec): void {
  /** Saves a partner from a panel, which is closed then; answers the subscription. */
  async function changed(partner: typeof FABRIKAM) {
    const record = await spec.world.newSubscription();
    const { page, panel } = await spec.openPanel(record);
    await check(panel, partner);
    await panel.click('button', 'Save partner');
    await spec.world.backstage.waitForChange(record.subscriptionId, 'done');
    await page.close();
    return record;
  }

  const partnerOf = async (subscriptionId: string) =>
    (await spec.world.service.read(subscriptionId)).partnerOfRecord?.partnerId ?? null;

  async function openHistory(): Promise<Page> {
    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('tab', { name: 'History' }).click();
    await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
    return popup;
  }

  /** What is cut off or stands beyond the window's edge, by its text: nothing that was meant to end in an ellipsis. */
  function overflowing(page: Page): Promise<string[]> {
    return page.evaluate(() => {
      const wide = document.documentElement.scrollWidth > innerWidth ? ['the page itself'] : [];
      const beyond = [...document.querySelectorAll<HTMLElement>('body *')].filter((element) => {
        const { right, left, width } = element.getBoundingClientRect();
        return width > 0 && !element.matches('.for-readers') && (right > innerWidth + 1 || left < -1);
      });
      return [...wide, ...beyond.map((element) => element.outerHTML.slice(0, 120))];
    });
  }

  describe('The history', () => {
    it('is filtered by date and search, counted and marked, and exported as it is shown', async () => {
      const one = await changed(FABRIKAM);
      await changed(NORTHWIND);
      const popup = await openHistory();
      const entries = popup.getByRole('list', { name: 'History' }).getByRole('listitem');
      await popup.getByRole('heading', { name: 'Today' }).waitFor();
      await popup.getByRole('searchbox', { name: 'Search history' }).fill(one.subscriptionId.toUpperCase());
      await popup.getByText(/^1 of \d+ changes$/).waitFor();
      await expect.poll(() => entries.count()).toBe(1);
      expect(await entries.locator('mark').allInnerTexts()).toEqual([one.subscriptionId]);

      const [csv] = await Promise.all([
        popup.waitForEvent('download').then(async (download) => readFile(await download.path(), 'utf8')),
        popup.getByRole('button', { name: 'Export CSV' }).click(),
      ]);
      const [header, row, ...others] = csv.trim().split(/\r?\n/);
      expect(header).toContain('By');
      expect(header).toContain('Connection');
      expect(row).toContain(one.subscriptionId);
      expect(others).toEqual([]);

      await popup.getByRole('textbox', { name: 'To' }).fill('2020-01-01');
      await popup.getByText('Nothing matches.').waitFor();
      expect(await popup.getByRole('button', { name: 'Export CSV' }).count()).toBe(0);
      await popup.getByRole('textbox', { name: 'From' }).fill('2021-01-01');
      await popup.getByRole('alert').filter({ hasText: '“From” comes after “To”.' }).waitFor();
      await popup.getByRole('button', { name: 'Clear filters' }).click();
      await expect.poll(() => entries.count()).toBeGreaterThan(1);
    });

    it('takes a change back, by the keyboard alone', async () => {
      const record = await changed(FABRIKAM);
      const popup = await spec.openPage(POPUP_PAGE);
      await popup.getByRole('tab', { name: 'Check ID' }).focus();
      await popup.keyboard.press('ArrowRight');
      await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
      await popup.keyboard.press('Tab');
      await popup.keyboard.type(record.subscriptionId);
      await popup.getByText(/^1 of \d+ changes?$/).waitFor();
      const focused = () => popup.evaluate(() => document.activeElement?.textContent ?? '');
      for (let tabs = 0; tabs < 20 && (await focused()) !== 'Undo'; tabs += 1) await popup.keyboard.press('Tab');
      expect(await focused()).toBe('Undo');
      await popup.keyboard.press('Enter');
      await expect.poll(() => partnerOf(record.subscriptionId)).toBeNull();
      const [undone, first] = await spec.world.backstage.changesOf(record.subscriptionId);
      expect([undone?.kind, first?.kind]).toEqual(['remove', 'assign']);
    });

    it('takes nothing back over a partner that the person has not been told of', async () => {
      const record = await changed(FABRIKAM);
      await spec.world.service.setPartner(record.subscriptionId, NORTHWIND.partnerId);
      const { page } = await spec.openPanel(await spec.world.service.read(record.subscriptionId));
      await page.close();
      const popup = await openHistory();
      await popup.getByRole('searchbox', { name: 'Search history' }).fill(record.subscriptionId);
      // One that this browser asked for, and one that it found.
      await popup.getByText(/^2 of \d+ changes$/).waitFor();
      const undo = popup.getByRole('list', { name: 'History' }).getByRole('button', { name: 'Undo' });
      await undo.click();
      await popup
        .getByRole('alert')
        .filter({ hasText: `By now it is ${NORTHWIND.name}` })
        .waitFor();
      expect(await partnerOf(record.subscriptionId)).toBe(NORTHWIND.partnerId);
      await undo.click();
      await expect.poll(() => partnerOf(record.subscriptionId)).toBeNull();
    });
  });

  describe('The popup', () => {
    it('opens in a tab over the page that it was over, at full width', async () => {
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const { page } = await spec.openPanel(record);
      const popup = await spec.openPage(POPUP_PAGE);
      await page.bringToFront();
      await popup.reload();
      const link = popup.getByRole('link', { name: 'Open in a tab' });
      await expect.poll(() => link.getAttribute('href')).toMatch(/\?tab=\d+$/);
      const opening = spec.world.browser.context.waitForEvent('page');
      await link.click();
      const tab = await opening;
      await tab.getByRole('region', { name: 'This page' }).getByText(FABRIKAM.name).waitFor();
      expect(await tab.evaluate(() => document.body.getBoundingClientRect().width)).toBeGreaterThan(900);
      await tab.close();
    });

    it('shows its picture before its script, which draws it again in its place and in the same frame', async () => {
      const { context, extensionUrl } = spec.world.browser;
      const popup = await context.newPage();
      const session = await context.newCDPSession(popup);
      const standing = async () => {
        const { root } = await session.send('DOM.getDocument');
        const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector: 'header > img' });
        const { model } = await session.send('DOM.getBoxModel', { nodeId });
        return model.border;
      };
      for (const [width, height] of [
        [1300, 800],
        [700, 500],
        [480, 700],
        [400, 600],
        [320, 600],
      ] as const) {
        await popup.setViewportSize({ width, height });
        await session.send('Emulation.setScriptExecutionDisabled', { value: true });
        await popup.goto(extensionUrl(POPUP_PAGE));
        const before = await standing();
        await session.send('Emulation.setScriptExecutionDisabled', { value: false });
        await popup.goto(extensionUrl(POPUP_PAGE));
        await popup.getByRole('tab', { name: 'Check ID' }).waitFor();
        expect(await standing(), `at ${width} px`).toEqual(before);
      }
      // Runs before the next frame, after each step of the parser and of the script.
      await popup.addInitScript(() => {
        const seen: string[] = [];
        Object.assign(window, { seen });
        new MutationObserver(() => {
          if (document.images.length === 0 && seen.length === 0) return;
          const words = document.querySelector('h1') === null ? 'alone' : 'with words';
          const pictures = [...document.images].filter((picture) => words === 'alone' || picture.complete);
          const now = `${document.querySelectorAll('header').length} head, ${pictures.length} picture, ${words}`;
          if (seen.at(-1) !== now) seen.push(now);
        }).observe(document, { childList: true, subtree: true });
      });
      await popup.reload();
      await popup.getByRole('tab', { name: 'Check ID' }).waitFor();
      expect(await popup.evaluate(() => Reflect.get(window, 'seen'))).toEqual([
        '1 head, 1 picture, alone',
        '1 head, 1 picture, with words',
      ]);
      await popup.close();
    });

    it('cuts nothing off at 320 px, nor at 400 %, where the work has the window for itself', async () => {
      await changed(FABRIKAM);
      const popup = await openHistory();
      for (const [width, height] of [
        [400, 600],
        [320, 600],
        [320, 180],
      ] as const) {
        await popup.setViewportSize({ width, height });
        for (const name of ['History', 'Check ID']) {
          await popup.getByRole('tab', { name }).click();
          await expect.poll(() => overflowing(popup), { message: `${name} at ${width} px` }).toEqual([]);
        }
      }
      // At 400 % neither tabs nor foot stay before the work while it is scrolled.
      await popup.getByRole('tab', { name: 'History' }).click();
      await popup.evaluate(() => scrollTo(0, 200));
      const stuck = await popup.evaluate(() =>
        ['.tablist', '.popup-foot'].filter((part) => {
          const element = document.querySelector(part);
          return element !== null && getComputedStyle(element).position !== 'static';
        }),
      );
      expect(stuck).toEqual([]);
    });
  });
}
