import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { isolatedWorld } from '../harness/isolated-world';
import { panelOn } from '../harness/panel';
import { FABRIKAM, NORTHWIND, type Spec } from '../harness/spec';
import { azurePage } from '../harness/world';

/** What the portals' test pages let a test do: see test/e2e/portals/shell.js. */
declare const portal: { readonly drawn: string; render(): void; go(address: string): void };

/** A page that is no subscription’s is left as it is, and the panel follows one that moves. */
export function routes(spec: Spec): void {
  const UNTOUCHED = [
    'https://portal.azure.com/#home',
    'https://portal.azure.com/#browse/Microsoft.Resources%2Fsubscriptions',
    'https://portal.azure.com/#@contoso.com/resource/subscriptions/6f1b9c5e-0000-4000-8000-000000000001/resourceGroups/web',
    'https://account.azure.com/Subscriptions',
    'https://admin.microsoft.com/Adminportal/Home#/subscriptions/vlnew/6f1b9c5e-0000-4000-8000-000000000001',
  ];

  const go = (page: Page, address: string) => page.evaluate((to) => portal.go(to), address);

  /** Gives the extension the time to do what it should not: the worker answers two messages, the page draws two frames. */
  async function settled(page: Page): Promise<void> {
    await spec.world.backstage.askWorker();
    await spec.world.backstage.askWorker();
    await page.evaluate(() => new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame))));
  }

  describe('A portal page that is no subscription page', () => {
    it('is left as it is: the detect script runs, observes nothing and adds nothing', async () => {
      for (const address of UNTOUCHED) {
        const page = await spec.open(address);
        const ours = await isolatedWorld(page, spec.world.browser);
        await settled(page);
        expect(await ours.scripts()).toEqual(['src/content/detect.iife.js']);
        expect(await ours.observers()).toBe(0);
        // As the portal drew it, before any script of an extension could run.
        expect(await page.evaluate(() => document.documentElement.outerHTML === portal.drawn)).toBe(true);
        await page.close();
      }
    });

    it('becomes one by a route and stops being one by the next: the panel comes and goes without a trace', async () => {
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const page = await spec.open('https://portal.azure.com/#home');
      const before = await page.content();
      const panel = panelOn(page);
      const ours = await isolatedWorld(page, spec.world.browser);
      await go(page, azurePage(record.subscriptionId));
      await panel.waitForText(FABRIKAM.name);
      expect(await ours.scripts()).toContain('panel.js');
      expect(await ours.observers()).toBeGreaterThan(0);
      await go(page, 'https://portal.azure.com/#home');
      await panel.waitGone('region', 'Partner of record');
      await expect.poll(() => page.content()).toBe(before);
    });
  });

  describe('The panel on a page that moves', () => {
    it('comes at every spelling of its address that the detect script alone sees', async () => {
      const { subscriptionId } = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      for (const address of [
        `https://portal.azure.com/@contoso.com//?x=%zz#/resource//%73ub%73criptions/${subscriptionId}/overview/`,
        `https://admin.microsoft.com/#subscriptions/webdirect/${subscriptionId}/`,
        `https://account.azure.com//%53ubscriptions/Statement/?subscription%49d=${subscriptionId}`,
      ]) {
        const page = await spec.open(address);
        await panelOn(page).waitForText(FABRIKAM.name);
        await page.close();
      }
    });

    it('shows the subscription that a storm of routes ends on, once', async () => {
      const [one, other] = [
        await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId }),
        await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId }),
      ];
      const page = await spec.open('https://portal.azure.com/#home');
      const panel = panelOn(page);
      await page.evaluate(
        async ([first, second]) => {
          for (let round = 0; round < 60; round += 1) {
            portal.go(
              round % 3 === 0 ? '#home' : `#@contoso.com/resource/subscriptions/${round % 3 === 1 ? first : second}`,
            );
            if (round % 7 === 0) await new Promise((frame) => requestAnimationFrame(frame));
          }
        },
        [one.subscriptionId, other.subscriptionId] as const,
      );
      await panel.waitForText(NORTHWIND.name);
      expect(await panel.count()).toBe(1);
      expect(await panel.text()).not.toContain(FABRIKAM.name);
    });

    it('follows back and forward', async () => {
      const one = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const other = await spec.world.newSubscription({ partnerId: NORTHWIND.partnerId });
      const { page, panel } = await spec.openPanel(one);
      await go(page, azurePage(other.subscriptionId));
      await panel.waitForText(NORTHWIND.name);
      await page.goBack();
      await panel.waitForText(FABRIKAM.name);
      await page.goForward();
      await panel.waitForText(NORTHWIND.name);
      expect(await panel.count()).toBe(1);
    });

    it('keeps what was typed when the menu of the same subscription changes', async () => {
      const record = await spec.world.newSubscription();
      const { page, panel } = await spec.openPanel(record);
      await panel.type('Partner ID', FABRIKAM.partnerId);
      await go(page, `https://portal.azure.com/#@contoso.com/resource/subscriptions/${record.subscriptionId}/costs`);
      await settled(page);
      expect((await panel.waitFor('textbox', 'Partner ID')).value).toBe(FABRIKAM.partnerId);
    });

    it('survives that the portal throws its content away and draws it anew, with what was typed', async () => {
      const record = await spec.world.newSubscription();
      const { page, panel } = await spec.openPanel(record);
      await panel.type('Partner ID', FABRIKAM.partnerId);
      for (let round = 0; round < 5; round += 1) await page.evaluate(() => portal.render());
      expect((await panel.waitFor('textbox', 'Partner ID')).value).toBe(FABRIKAM.partnerId);
      await panel.click('button', 'Check ID');
      await panel.waitFor('button', 'Save partner');
      expect(await panel.count()).toBe(1);
    });

    it('sits inline where the portal has a place for it, docks where it has none, and moves when one comes', async () => {
      const { page, panel } = await spec.openPanel(await spec.world.newSubscription());
      const host = page.locator('[data-partner-of-record]');
      const parent = () => host.evaluate((element) => element.parentElement?.className ?? '');
      await expect.poll(parent).toBe('fxs-blade-content-wrapper');
      await panel.type('Partner ID', FABRIKAM.partnerId);

      const setMain = (name: string) =>
        page.evaluate((className) => {
          const main = document.querySelector('main');
          if (main !== null) main.className = className;
          portal.render();
        }, name);
      await setMain('elsewhere');
      await panel.waitFor('button', 'Collapse the panel');
      await expect.poll(() => host.evaluate((element) => element.parentElement === document.body)).toBe(true);
      await setMain('fxs-portal-main');
      await panel.waitGone('button', 'Collapse the panel');
      await expect.poll(parent).toBe('fxs-blade-content-wrapper');
      expect((await panel.waitFor('textbox', 'Partner ID')).value).toBe(FABRIKAM.partnerId);
    });
  });
}
