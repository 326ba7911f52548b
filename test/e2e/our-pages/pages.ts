import axeCore from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { panelOn } from '../harness/panel';
import { check, FABRIKAM, NORTHWIND, type Spec } from '../harness/spec';
import { still } from '../harness/still';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from '../harness/world';

/** In the page, once its source was evaluated there. */
declare const axe: typeof axeCore;

/** What the browser's own page of extensions can do, for lack of a person to click there. */
declare const chrome: {
  readonly developerPrivate: {
    updateExtensionConfiguration(change: { extensionId: string; hostAccess: string }): Promise<void>;
  };
};

/** What popup and options do, and how the panel follows the options. */
export function pages(spec: Spec): void {
  /** What axe finds against WCAG 2.2 A and AA, a line for each element. */
  async function violations(page: Page): Promise<string[]> {
    // Evaluated rather than added as a script, which the pages' policy forbids.
    await page.evaluate(axeCore.source);
    await still(page);
    const { violations } = await page.evaluate(() =>
      axe.run({
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        resultTypes: ['violations'],
      }),
    );
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  describe('The extension’s pages', () => {
    it('have nothing that axe finds fault with, filled and empty', async () => {
      const { panel } = await spec.openPanel(await spec.world.newSubscription());
      await check(panel, FABRIKAM);
      await panel.click('button', 'Save partner');
      await panel.waitForText('Partner information has been changed.');

      const popup = await spec.openPage(POPUP_PAGE);
      expect(await violations(popup)).toEqual([]);
      await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(`${FABRIKAM.partnerId} 12345678 x`);
      await popup.getByRole('button', { name: 'Check ID' }).click();
      await expect.poll(() => popup.getByRole('listitem').count()).toBe(3);
      expect(await violations(popup)).toEqual([]);
      await popup.getByRole('tab', { name: 'History' }).click();
      await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
      expect(await violations(popup)).toEqual([]);

      const options = await spec.openPage(OPTIONS_PAGE);
      await options.getByRole('textbox', { name: 'Service URL' }).waitFor();
      expect(await violations(options)).toEqual([]);

      const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
      await subscriptions.getByText(NORTHWIND.name).filter({ visible: true }).first().waitFor();
      expect(await violations(subscriptions)).toEqual([]);
    });
  });

  describe('The popup', () => {
    it('checks many IDs at once, and the next time shows what it knows before it asks', async () => {
      const popup = await spec.openPage(POPUP_PAGE);
      await popup
        .getByRole('textbox', { name: 'Partner IDs' })
        .fill(`${FABRIKAM.partnerId}, ${NORTHWIND.partnerId}\n12345678;12ab`);
      await popup.getByRole('button', { name: 'Check ID' }).click();
      await expect
        .poll(() => popup.getByRole('listitem').allInnerTexts())
        .toEqual([
          expect.stringContaining('No partner has this ID.'),
          expect.stringContaining('digits only'),
          expect.stringContaining(FABRIKAM.name),
          expect.stringContaining(NORTHWIND.name),
        ]);

      const hold = spec.world.proxy.hold('before', ({ path }) => path.startsWith('/partners/'));
      const again = await spec.openPage(POPUP_PAGE);
      await again.getByRole('textbox', { name: 'Partner IDs' }).fill(FABRIKAM.partnerId);
      await again.getByRole('button', { name: 'Check ID' }).click();
      await hold.arrived;
      await again.getByRole('listitem').filter({ hasText: FABRIKAM.name }).filter({ hasText: 'checked' }).waitFor();
      hold.release();
    });

    it('shows the subscription of the tab in front of it, and an entry leads back to its page', async () => {
      const record = await spec.world.newSubscription();
      const { page, panel } = await spec.openPanel(record);
      await check(panel, FABRIKAM);
      await panel.click('button', 'Save partner');
      await panel.waitForText('Partner information has been changed.');
      const popup = await spec.openPage(POPUP_PAGE);
      await page.bringToFront();
      await popup.reload();
      const here = popup.getByRole('region', { name: 'This page' });
      await here.getByText(FABRIKAM.name).waitFor();
      await page.close();

      await popup.getByRole('tab', { name: 'History' }).click();
      await popup.getByRole('searchbox', { name: 'Search history' }).fill(record.subscriptionId);
      const opening = spec.world.browser.context.waitForEvent('page');
      await popup.getByRole('list', { name: 'History' }).getByRole('link', { name: record.displayName }).click();
      const back = await opening;
      await panelOn(back).waitForText(FABRIKAM.name);
      expect(back.url()).toBe(azurePage(record.subscriptionId));
      await back.close();
    });
  });

  describe('The options page', () => {
    it('names the step at which a connection fails', async () => {
      const options = await spec.openPage(OPTIONS_PAGE);
      const test = async (serviceUrl: string, token: string, sentence: string) => {
        await options.getByRole('textbox', { name: 'Service URL' }).fill(serviceUrl);
        await options.getByRole('textbox', { name: 'Access token' }).fill(token);
        await options.getByRole('button', { name: 'Test connection' }).click();
        await options.getByText(sentence).first().waitFor();
        await options.getByText('The connection does not work yet.').waitFor();
      };
      await test('http://localhost:9/v1', 'x', 'can’t be reached.');
      await test(spec.world.proxy.url, 'por_wrong', 'The service refused this token.');
      const body = JSON.stringify({ status: 'ok', contract: 2 });
      spec.world.proxy.plan(({ path }) => path === '/health', { kind: 'answer', status: 200, body });
      await test(spec.world.proxy.url, 'x', 'This service speaks version 2; this extension speaks version 1');
    });

    it('never shows a stored token again', async () => {
      const options = await spec.openPage(OPTIONS_PAGE);
      await options
        .getByText('One is stored. Leave empty to keep it.')
        .or(options.getByPlaceholder(/One is stored/))
        .first()
        .waitFor();
      expect(await options.content()).not.toContain(spec.world.service.token);
      expect(await options.getByRole('textbox', { name: 'Access token' }).inputValue()).toBe('');
      expect(await spec.world.backstage.storedLocally()).not.toContain(spec.world.service.token);
    });

    it('gives the focus back to what asked, once a question is answered by the keyboard', async () => {
      const options = await spec.openPage(OPTIONS_PAGE);
      const clear = options.getByRole('button', { name: 'Clear history' });
      for (const key of ['Escape', 'Enter']) {
        await clear.focus();
        await options.keyboard.press('Enter');
        await options.getByRole('alertdialog', { name: 'Clear the history?' }).waitFor();
        // Enter is pressed on Cancel, where the focus begins.
        await options.keyboard.press(key);
        await options.getByRole('alertdialog').waitFor({ state: 'detached' });
        await expect.poll(() => clear.evaluate((button) => button === document.activeElement)).toBe(true);
      }
    });

    it('shows the whole of a long scope in its question, in a narrow window', async () => {
      const options = await spec.openPage(OPTIONS_PAGE);
      await options.setViewportSize({ width: 320, height: 700 });
      const scope = 'https://directory.a-very-long-name.example/Everything.ReadWrite.All';
      const body = JSON.stringify({ resource: spec.world.proxy.url, scopes_supported: ['openid', scope] });
      spec.world.proxy.plan(
        ({ path }) => path.includes('oauth-protected-resource'),
        { kind: 'answer', status: 200, body },
        9,
      );
      await options.getByRole('combobox', { name: 'Sign-in' }).selectOption({ label: 'OpenID Connect' });
      await options.getByRole('textbox', { name: 'Issuer URL' }).fill('http://localhost:9');
      await options.getByRole('textbox', { name: 'Client ID' }).fill('helper');
      await options.getByRole('button', { name: 'Save', exact: true }).click();
      const question = options.getByRole('alertdialog', { name: 'What your provider will be asked for' });
      await question.getByText(scope).waitFor();
      expect(await question.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBeLessThanOrEqual(0);
      await question.getByRole('button', { name: 'Cancel' }).click();
    });

    it('takes the panel off a portal that is switched off, and puts it back', async () => {
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const { panel } = await spec.openPanel(record);
      const options = await spec.openPage(OPTIONS_PAGE);
      const azure = options.getByRole('switch', { name: 'Azure portal' });
      await azure.click();
      await panel.waitGone('region', 'Partner of record');
      await azure.click();
      await panel.waitForText(FABRIKAM.name);
    });
  });

  describe('A portal that the browser withholds', () => {
    it('shows no panel; the popup names it and offers to allow it', async () => {
      const { browser } = spec.world;
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const extensions = await spec.open('chrome://extensions/');
      const allowHosts = (hostAccess: 'ON_CLICK' | 'ON_ALL_SITES') =>
        extensions.evaluate(
          ([extensionId, access]) =>
            chrome.developerPrivate.updateExtensionConfiguration({ extensionId, hostAccess: access }),
          [browser.id, hostAccess] as const,
        );
      await allowHosts('ON_CLICK');
      const page = await spec.open(azurePage(record.subscriptionId));
      const popup = await spec.openPage(POPUP_PAGE);
      await popup.getByText('The browser keeps the extension away from Azure portal').waitFor();
      await popup.getByRole('button', { name: 'Allow' }).waitFor();
      expect(await panelOn(page).count()).toBe(0);
      await allowHosts('ON_ALL_SITES');
      await page.reload();
      await panelOn(page).waitForText(FABRIKAM.name);
    });
  });
}
