import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AZURE_ENDPOINTS } from '../../src/domain/azure-cloud';
import { idFor } from '../../src/storage/portable-connection';
import { testGuid } from '../azure/directory';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { confirmWindowsIn, press, says } from './harness/confirm-window';
import type { Panel } from './harness/panel';
import { sendFrom } from './harness/sender';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';

const SUBSCRIPTION = testGuid('d', 1);
const CONTOSO = '4711001';
const FABRIKAM = '4711002';

describe('Where every change is confirmed in the extension’s own window, a link', () => {
  let world: AzureWorld;
  let backstage: Backstage;
  let page: Page;
  let link: Panel;

  beforeAll(async () => {
    world = await startAzureWorld();
    backstage = await openBackstage(world.browser);
    const { management, ada } = world;
    management.partners.set(CONTOSO, 'Contoso Consulting').set(FABRIKAM, 'Fabrikam');
    management.subscriptions.set(SUBSCRIPTION, {
      id: SUBSCRIPTION,
      name: 'Production',
      tenant: ada.homeTenant,
      agreement: 'MicrosoftCustomerAgreement',
      roles: new Map([[ada.user, [{ actions: ['*'] }]]]),
    });
    await backstage.call('confirm.save', { confirm: 'always' });
    world.entra.atPage = ada.user;
    await backstage.call('azure.signIn', { connectionId: await connectionId(), user: null, tenant: null });
  });
  afterAll(() => world.close());

  const connectionId = () => idFor({ kind: 'azurePal', address: AZURE_ENDPOINTS.public.management }, []);
  const mine = () => ({ user: world.ada.user, tenant: world.ada.homeTenant });
  const linked = () => world.management.link(mine())?.partnerId ?? null;
  const windowOf = () =>
    until('the window to confirm in', async () => {
      const [window, ...others] = confirmWindowsIn(world.browser);
      return others.length === 0 && window;
    });

  beforeEach(async () => {
    page = await world.browser.open(
      `https://portal.azure.com/#@tenant1.example/resource/subscriptions/${SUBSCRIPTION}`,
    );
    link = world.linkOn(page);
  });
  afterEach(async () => {
    await Promise.all(confirmWindowsIn(world.browser).map((window) => window.close()));
    await page.close();
    expect(world.violations()).toEqual([]);
  });

  it('is made, changed back and removed there, and nowhere else', async () => {
    await link.waitForText('No partner link');
    await link.click('button', 'Confirm in the extension');
    const window = await windowOf();
    await window.getByText('ada@tenant1.example').waitFor();
    await window.getByText('Tenant 1', { exact: true }).waitFor();
    await window.getByText('No partner link').waitFor();
    await window.getByRole('textbox', { name: 'Partner ID' }).fill(CONTOSO);
    await press(window, 'Link partner');
    await window.getByRole('alertdialog', { name: 'Link partner ID?' }).waitFor();
    expect(linked()).toBeNull();
    await press(window, 'Yes');
    await says(window, 'Partner link has been changed.');
    await window.getByText('Contoso Consulting').first().waitFor();
    expect(linked()).toBe(CONTOSO);
    // The panel shows what was done elsewhere.
    await link.waitForText('Contoso Consulting');

    world.management.nextChange(mine());
    await window.getByRole('textbox', { name: 'Partner ID' }).fill(FABRIKAM);
    await press(window, 'Link partner');
    await window.getByText('This takes the place of your link to ').waitFor();
    await press(window, 'Yes');
    await window.getByText('Fabrikam').first().waitFor();
    expect(linked()).toBe(FABRIKAM);

    world.management.nextChange(mine());
    await press(window, 'Undo');
    await says(window, 'Undone: Contoso Consulting is your linked partner again.');
    expect(linked()).toBe(CONTOSO);

    world.management.nextChange(mine());
    await press(window, 'Remove link');
    await window.getByRole('alertdialog', { name: 'Remove partner link?' }).waitFor();
    await press(window, 'Yes');
    await says(window, 'Partner link has been removed.');
    expect(linked()).toBeNull();
  });

  it('is not made from the page, whatever the page’s own script sends', async () => {
    const target = { kind: 'signIn', connectionId: await connectionId(), ...mine() };
    const asking = () => ({ id: crypto.randomUUID(), target, seen: 'none' });
    const { top } = await sendFrom(backstage, page, [
      { name: 'link.assign', input: { ...asking(), partnerId: CONTOSO } },
      { name: 'link.remove', input: asking() },
      { name: 'link.known', input: { subscriptionId: SUBSCRIPTION, target, anew: true } },
      { name: 'azure.signIn', input: { connectionId: target.connectionId, user: null, tenant: null } },
    ]);
    expect(top).toMatchObject([
      { ok: true, answer: { ok: false, problem: 'confirmInExtension' } },
      { ok: true, answer: { ok: false, problem: 'confirmInExtension' } },
      { ok: false, problem: 'notAllowed' },
      { ok: false, problem: 'notAllowed' },
    ]);
    expect(linked()).toBeNull();
  });
});
