import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testGuid } from '../azure/directory';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { confirmWindowsIn, press, says } from './harness/confirm-window';
import { type Panel, panelOn } from './harness/panel';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';

const CONTOSO = '4711001';
const FABRIKAM = '4711002';
const EVERYTHING = [{ actions: ['*'] }];
/** More than a page is shown at once. */
const MANY = 12;

describe('A link’s region that was withheld', () => {
  let world: AzureWorld;
  let backstage: Backstage;
  let page: Page;
  let link: Panel;

  beforeAll(async () => {
    world = await startAzureWorld();
    backstage = await openBackstage(world.browser);
    const { management, entra, ada, ben, connectionId } = world;
    management.partners.set(CONTOSO, 'Contoso Consulting').set(FABRIKAM, 'Fabrikam');
    for (let number = 1; number <= MANY; number += 1) {
      const id = testGuid('d', number);
      management.subscriptions.set(id, {
        id,
        name: `Subscription ${number}`,
        tenant: ada.homeTenant,
        agreement: 'MicrosoftCustomerAgreement',
        roles: new Map([ada, ben].map(({ user }) => [user, EVERYTHING])),
      });
    }
    for (const { user } of [ada, ben]) {
      entra.atPage = user;
      await backstage.call('azure.signIn', { connectionId, user: null, tenant: null });
    }
  });
  afterAll(() => world.close());

  const mine = () => ({ user: world.ada.user, tenant: world.ada.homeTenant });
  const linked = () => world.management.link(mine())?.partnerId ?? null;
  const addressOf = (number: number) =>
    `https://portal.azure.com/#@tenant1.example/resource/subscriptions/${testGuid('d', number)}`;

  beforeEach(async () => {
    world.management.setLink(mine(), null);
    world.management.nextChange(mine());
    await backstage.forgetPortalUses();
    page = await world.browser.open(addressOf(1));
    link = world.linkOn(page);
    await link.waitForText('No partner link');
  });
  afterEach(async () => {
    await Promise.all(confirmWindowsIn(world.browser).map((window) => window.close()));
    await page.close();
    expect(world.violations()).toEqual([]);
  });

  /** Leads the panel over many subscriptions until one is withheld. */
  async function untilWithheld(): Promise<void> {
    const addresses = Array.from({ length: MANY }, (_, at) => addressOf(at + 1));
    await until(
      'a link that is withheld',
      async () => {
        await page.evaluate(async (all) => {
          for (const address of all) {
            location.href = address;
            await new Promise((later) => setTimeout(later, 100));
          }
        }, addresses);
        await until('a panel that has its answer', async () =>
          /shows once you ask|No partner link/.test(await link.text()),
        );
        return (await link.find('button', 'Show link')) !== null;
      },
      { patienceMs: 60_000 },
    );
  }

  it('says so alone, shows the link at a press, and has it made and removed there', async () => {
    await untilWithheld();
    expect(await panelOn(page).count()).toBe(0);
    expect(await link.text()).not.toContain(world.ada.username);
    await link.click('button', 'Show link');
    await link.waitForText(`Links your sign-in \n${world.ada.username}\n in \nTenant 1\n to a partner.`);
    expect(await panelOn(page).count()).toBe(0);
    await link.type('Partner ID', CONTOSO);
    await link.click('button', 'Link partner');
    await link.click('button', 'Yes');
    await link.waitForText('Partner link has been changed.');
    expect(linked()).toBe(CONTOSO);
    world.management.nextChange(mine());
    await link.click('button', 'Remove link');
    await link.click('button', 'Yes');
    await link.waitForText('Partner link has been removed.');
    expect(linked()).toBeNull();
  });

  it('is confirmed in the link’s own window where the panel can’t be sure that it is seen', async () => {
    await untilWithheld();
    await page.evaluate(() => {
      const cover = document.createElement('div');
      cover.style.cssText = 'position: fixed; inset: 0; z-index: 2147483647; pointer-events: none; background: #fff8';
      document.body.append(cover);
    });
    await link.waitFor('button', 'Confirm in the extension', { patienceMs: 30_000 });
    await link.click('button', 'Confirm in the extension');
    const window = await until('the window to confirm in', async () => confirmWindowsIn(world.browser)[0] ?? false);
    await window.getByText(world.ada.username).waitFor();
    await window.getByText('Tenant 1', { exact: true }).waitFor();
    await window.getByText('No partner link').waitFor();
    await window.getByRole('textbox', { name: 'Partner ID' }).fill(CONTOSO);
    await press(window, 'Link partner');
    await press(window, 'Yes');
    await says(window, 'Partner link has been changed.');
    expect(linked()).toBe(CONTOSO);
  });

  it('that another account was chosen in is that account’s once the person asks, with what they had typed', async () => {
    await link.type('Partner ID', FABRIKAM);
    const other = [world.ben.username, world.ada.username];
    await until(
      'a chosen account’s link that is withheld',
      async () => {
        const [next = ''] = other;
        await link.click('button', `Use ${next}`);
        await until(
          'the answer',
          async () =>
            /shows once you ask/.test(await link.text()) || (await link.text()).includes(`sign-in \n${next}\n`),
        );
        if ((await link.find('button', 'Show link')) !== null) return true;
        other.reverse();
        return false;
      },
      { patienceMs: 60_000 },
    );
    const [chosen = ''] = other;
    expect(await panelOn(page).count()).toBe(0);
    await link.click('button', 'Show link');
    await link.waitForText(`Links your sign-in \n${chosen}\n in \nTenant 1\n to a partner.`);
    expect((await link.waitFor('textbox', 'Partner ID')).value).toBe(FABRIKAM);
  });

  it('is shown as it is by now when the page comes back before the person', async () => {
    const other = await world.browser.open('https://portal.azure.com/#home');
    await other.bringToFront();
    world.management.setLink(mine(), CONTOSO);
    await backstage.call('link.known', {
      subscriptionId: testGuid('d', 1),
      target: { kind: 'signIn', connectionId: world.connectionId, ...mine() },
      anew: true,
    });
    await page.bringToFront();
    await link.waitForText('Contoso Consulting');
    await other.close();
  });
});
