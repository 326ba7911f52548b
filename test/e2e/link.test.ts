import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testGuid } from '../azure/directory';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import type { Panel } from './harness/panel';

const SUBSCRIPTION = testGuid('d', 1);
const CONTOSO = '4711001';
const FABRIKAM = '4711002';
const EVERYTHING = [{ actions: ['*'] }];

describe('A partner link on a subscription’s page', () => {
  let world: AzureWorld;
  let page: Page;
  let link: Panel;

  beforeAll(async () => {
    world = await startAzureWorld();
    const { management, ada, ben } = world;
    management.partners.set(CONTOSO, 'Contoso Consulting').set(FABRIKAM, 'Fabrikam');
    management.subscriptions.set(SUBSCRIPTION, {
      id: SUBSCRIPTION,
      name: 'Production',
      tenant: ada.homeTenant,
      agreement: 'MicrosoftCustomerAgreement',
      roles: new Map([ada, ben].map(({ user }) => [user, EVERYTHING])),
    });
  });
  afterAll(() => world.close());

  const mine = () => ({ user: world.ada.user, tenant: world.ada.homeTenant });

  beforeEach(async () => {
    world.entra.atPage = world.ada.user;
    page = await world.browser.open(
      `https://portal.azure.com/#@tenant1.example/resource/subscriptions/${SUBSCRIPTION}`,
    );
    link = world.linkOn(page);
  });
  afterEach(async () => {
    await page.close();
    expect(world.violations()).toEqual([]);
  });

  it('is made once the person has signed in, changed and removed, each after a question', async () => {
    await link.click('button', 'Sign in');
    await link.waitForText('No partner link');
    await link.waitForText('Links your sign-in \nada@tenant1.example\n in \nTenant 1\n to a partner.');
    await link.waitForText('Work done here is likely attributed');
    await link.type('Partner ID', CONTOSO);
    await link.click('button', 'Link partner');
    await link.waitFor('alertdialog', 'Link partner ID?');
    expect(world.management.link(mine())).toBeNull();
    await link.click('button', 'Yes');
    await link.waitForText('Partner link has been changed.');
    await link.waitForText('Contoso Consulting');
    expect(world.management.link(mine())).toMatchObject({ partnerId: CONTOSO });

    world.management.nextChange(mine());
    await link.type('Partner ID', FABRIKAM);
    await page.keyboard.press('Enter');
    await link.waitForText('This takes the place of your link to ');
    await link.click('button', 'Yes');
    await link.waitForText('Fabrikam');
    expect(world.management.link(mine())).toMatchObject({ partnerId: FABRIKAM });

    world.management.nextChange(mine());
    await link.click('button', 'Remove link');
    await link.waitFor('alertdialog', 'Remove partner link?');
    await link.click('button', 'Yes');
    await link.waitForText('Partner link has been removed.');
    expect(world.management.link(mine())).toBeNull();
  });

  it('is that of the account that somebody signs in with in place of another', async () => {
    await link.waitForText('Links your sign-in \nada@tenant1.example\n in ');
    world.entra.atPage = world.ben.user;
    await link.click('button', 'Use another account');
    await link.waitForText('Links your sign-in \nben@tenant2.example\n in \nTenant 1\n to a partner.');
    await link.click('button', 'Use ada@tenant1.example');
    await link.waitForText('Links your sign-in \nada@tenant1.example\n in ');
  });
});
