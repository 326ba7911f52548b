import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { always, isRead } from '../harness/fault-proxy';
import { testConnection } from '../harness/options';
import { panelOn } from '../harness/panel';
import { SUPPORT } from '../harness/service';
import { check, FABRIKAM, HOSTILE, NORTHWIND, tryAgain, type Spec } from '../harness/spec';
import { azurePage, OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from '../harness/world';

/** What a person is told when the main job can not be done, and of a partner whose name is markup. */
export function states(spec: Spec): void {
  describe('What the panel says when the main job can not be done', () => {
    it('to a reader: their role, who may, and no control that would be refused', async () => {
      const record = await spec.world.newSubscription({ role: 'Reader' });
      const { panel } = await spec.openPanel(record);
      await panel.waitForText('You are a reader here. Only the account administrator');
      for (const name of ['Check ID', 'Save partner', 'Remove partner'])
        expect(await panel.find('button', name)).toBeNull();
      expect(await panel.find('textbox', 'Partner ID')).toBeNull();
      await panel.waitForText(SUPPORT);
    });

    it('of a subscription that the service does not know: unknown is not none', async () => {
      const panel = panelOn(await spec.open(azurePage('6f1b9c5e-0000-4000-8000-00000000dead')));
      await panel.waitForText('This subscription is not in your organisation’s list');
      await panel.waitForText(SUPPORT);
      expect(await panel.text()).not.toContain('No partner of record');
    });

    it('of a service that can not be reached, until it can be', async () => {
      const { proxy } = spec.world;
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      proxy.plan(always, { kind: 'resetBefore' }, Number.POSITIVE_INFINITY);
      const panel = panelOn(await spec.open(azurePage(record.subscriptionId)));
      await panel.waitForText('can’t be reached');
      expect(await panel.text()).not.toContain('No partner of record');
      proxy.reset();
      await tryAgain(panel, FABRIKAM.name);
    });

    it('of a service that wants another sign-in', async () => {
      const { proxy } = spec.world;
      const record = await spec.world.newSubscription({ partnerId: FABRIKAM.partnerId });
      proxy.plan(isRead, { kind: 'answer', status: 401 }, Number.POSITIVE_INFINITY);
      const panel = panelOn(await spec.open(azurePage(record.subscriptionId)));
      await panel.waitForText('expired or was withdrawn');
      const opening = spec.world.browser.context.waitForEvent('page');
      await panel.click('button', 'Sign in');
      const options = await opening;
      // A tab that has just come has no address yet.
      await options.waitForURL(spec.world.browser.extensionUrl(OPTIONS_PAGE));
      await options.close();
    });

    it('of an ID that is none, and of one that nobody has', async () => {
      const { panel } = await spec.openPanel(await spec.world.newSubscription());
      await panel.type('Partner ID', '12ab');
      await panel.click('button', 'Check ID');
      await panel.waitForText('A Partner ID has digits only.');
      await panel.type('Partner ID', '12345678');
      await panel.click('button', 'Check ID');
      await panel.waitForText('There is no partner with the ID 12345678.');
      expect(await panel.find('button', 'Save partner')).toBeNull();
    });

    it('of an ID that was changed after its check: it can not be saved', async () => {
      const { panel } = await spec.openPanel(await spec.world.newSubscription());
      await check(panel, FABRIKAM);
      await panel.type('Partner ID', NORTHWIND.partnerId);
      await panel.waitGone('button', 'Save partner');
    });
  });

  describe('A partner whose name is markup and a formula', () => {
    it('is text in the panel, the popup, the subscriptions page and the exports', async () => {
      const { world } = spec;
      const record = await world.newSubscription();
      const { page, panel } = await spec.openPanel(record);
      await check(panel, HOSTILE);
      await panel.click('button', 'Save partner');
      await panel.waitForText('Partner information has been changed.');
      await panel.waitForText(HOSTILE.name);
      expect(await page.locator('img').count()).toBe(0);

      const popup = await spec.openPage(POPUP_PAGE);
      await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(HOSTILE.partnerId);
      await popup.getByRole('button', { name: 'Check ID' }).click();
      await popup.getByRole('listitem').filter({ hasText: HOSTILE.name }).first().waitFor();
      await popup.getByRole('tab', { name: 'History' }).click();
      await popup.getByRole('listitem').filter({ hasText: HOSTILE.name }).first().waitFor();
      expect(await popup.locator('img[src="x"]').count()).toBe(0);

      const [csv] = await Promise.all([
        popup.waitForEvent('download').then(readDownload),
        popup.getByRole('button', { name: 'Export CSV' }).click(),
      ]);
      expect(csv).toContain(HOSTILE.name);
      // No cell may begin as a formula does: the name follows its ID in a cell of its own.
      expect(csv).not.toMatch(/(^|[,\n])"?[=+\-@\t\r]/);
      const [json] = await Promise.all([
        popup.waitForEvent('download').then(readDownload),
        popup.getByRole('button', { name: 'Export JSON' }).click(),
      ]);
      expect(JSON.stringify(JSON.parse(json))).toContain(JSON.stringify(HOSTILE.name).slice(1, -1));
      expect(csv + json).not.toContain(world.service.token);

      const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
      await subscriptions.getByRole('searchbox', { name: 'Filter' }).fill(record.subscriptionId);
      const row = subscriptions.getByRole('row').filter({ hasText: record.displayName });
      await row.getByText(HOSTILE.name, { exact: true }).waitFor();
      expect(await subscriptions.locator('img[src="x"]').count()).toBe(0);
    });

    it('is text as the name of a customer and of the signed-in person too', async () => {
      const { world } = spec;
      const record = await world.newSubscription({ partnerId: FABRIKAM.partnerId });
      const renamed = (body: unknown) =>
        JSON.parse(JSON.stringify(body).replaceAll(/Contoso Ltd|Woodgrove Bank|Avery Howard/g, '<b id=x>'));
      world.proxy.plan(always, { kind: 'edit', change: renamed }, Number.POSITIVE_INFINITY);
      const { page, panel } = await spec.openPanel(record);
      await panel.waitForText('<b id=x>');
      expect(await page.locator('#x').count()).toBe(0);

      const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
      await subscriptions.getByRole('table').getByText('<b id=x>').first().waitFor();
      expect(await subscriptions.locator('#x').count()).toBe(0);

      const options = await spec.openPage(OPTIONS_PAGE);
      await testConnection(options);
      await options.getByText('<b id=x>, <b id=x>').waitFor();
      expect(await options.locator('#x').count()).toBe(0);
    });
  });

  async function readDownload(download: { path(): Promise<string> }): Promise<string> {
    return readFile(await download.path(), 'utf8');
  }
}
