import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testGuid, type TestAccount } from '../azure/directory';
import { CSP_REFUSAL, type TestSubscription } from '../azure/management-server';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import type { Panel } from './harness/panel';
import { type Backstage, openBackstage } from './harness/worker';

const CONTOSO = '4711001';
const EVERYTHING = [{ actions: ['*'] }];

describe('A partner link', () => {
  let world: AzureWorld;
  let backstage: Backstage;
  let page: Page;
  let link: Panel;
  let count = 0;

  beforeAll(async () => {
    world = await startAzureWorld({ tenants: 6 });
    backstage = await openBackstage(world.browser);
    world.management.partners.set(CONTOSO, 'Contoso Consulting');
    const { connectionId } = world;
    for (const { user } of [world.ada, world.ben]) {
      world.entra.atPage = user;
      expect(await backstage.call('azure.signIn', { connectionId, user: null, tenant: null })).toMatchObject({
        kind: 'signedIn',
      });
    }
  });
  afterAll(() => world.close());

  beforeEach(async () => {
    world.entra.atPage = null;
    await backstage.forgetPortalUses();
  });
  afterEach(async () => {
    await page.close();
    expect(world.violations()).toEqual([]);
  });

  const tenantAt = (at: number) => world.directory.tenants[at]?.id ?? '';
  const of = ({ user }: TestAccount, at: number) => ({ user, tenant: tenantAt(at) });
  const writes = () =>
    world.management.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/partners')).length;

  /** Opens the page of a subscription that nobody has seen before, which the portal shows in the tenant at that place. */
  async function open(at: number, more: Partial<TestSubscription> = {}): Promise<void> {
    const { management, ada, ben } = world;
    count += 1;
    const id = testGuid('d', count);
    management.subscriptions.set(id, {
      id,
      name: `Subscription ${count}`,
      tenant: tenantAt(at),
      agreement: 'MicrosoftCustomerAgreement',
      roles: new Map([ada, ben].map(({ user }) => [user, EVERYTHING])),
      ...more,
    });
    page = await world.browser.open(`https://portal.azure.com/#@tenant${at + 1}.example/resource/subscriptions/${id}`);
    link = world.linkOn(page);
  }

  async function ask(): Promise<void> {
    await link.type('Partner ID', CONTOSO);
    await link.click('button', 'Link partner');
    await link.click('button', 'Yes');
  }

  it('counts in the provider’s own tenant for a subscription that Azure Lighthouse delegates to it', async () => {
    const { ben, management } = world;
    // Ben is nobody in the customer's tenant.
    await open(1, { tenant: tenantAt(2), managedBy: [tenantAt(1)] });
    await link.waitForText('No partner link');
    await link.waitForText(
      'This subscription is delegated to \nTenant 2\n: one link there covers what is delegated to you.',
    );
    await link.waitForText(`Links your sign-in \n${ben.username}\n in \nTenant 2\n to a partner.`);
    await ask();
    await link.waitForText('Partner link has been changed.');
    expect(management.link(of(ben, 1))).toMatchObject({ partnerId: CONTOSO });
    expect(management.requests.filter((request) => request.of?.tenant === tenantAt(2))).toEqual([]);
  });

  it('that Azure refuses a CSP who works with delegated rights is told in Azure’s own words, with what to do, and not tried again', async () => {
    const { ada, management } = world;
    await open(2);
    await link.waitForText('No partner link');
    management.startFault({ kind: 'cspRefusal' }, { on: ['write'], of: of(ada, 2) });
    const before = writes();
    await ask();
    await link.waitForText(CSP_REFUSAL);
    await link.waitForText('Sign in with an account that is a member or guest of the customer’s own tenant');
    expect([writes() - before, management.link(of(ada, 2))]).toEqual([1, null]);
  });

  it('that was asked for offline is made once when the browser is online again, and no token is forgotten', async () => {
    const { ada, management, browser, entra } = world;
    // Each token is to be renewed before it is used again.
    entra.accessTokenSeconds = 3;
    await open(3);
    await link.waitForText('No partner link');
    await link.type('Partner ID', CONTOSO);
    await link.click('button', 'Link partner');
    await link.waitFor('button', 'Yes');
    const [before, asked] = [writes(), entra.requests.length];
    const begun = management.requests.length;
    await browser.context.setOffline(true);
    await link.click('button', 'Yes');
    await link.waitForText('Still trying');
    expect([management.link(of(ada, 3)), writes() - before]).toEqual([null, 0]);
    entra.accessTokenSeconds = 3600;
    await browser.context.setOffline(false);
    await link.waitForText('Partner link has been changed.');
    expect(management.link(of(ada, 3))).toMatchObject({ partnerId: CONTOSO });
    // A token of three seconds may end between the read and the write, which is then refused and goes again.
    const taken = management.requests.slice(begun).filter(({ method, status }) => method !== 'GET' && status !== 401);
    expect(taken.map(({ hadEffect }) => hadEffect)).toEqual([true]);
    expect(entra.requests.slice(asked).map(({ asked: { grant_type: by } }) => by)).toEqual(['refresh_token']);
  });

  it('that waits for its own account is not made as another that signs in, and the panel says which is wanted', async () => {
    const { ada, ben, management, entra } = world;
    await open(0);
    await link.waitForText('No partner link');
    const before = writes();
    const end = entra.demand({ ...of(ada, 0), number: 50076, error: 'interaction_required', until: 'signedInThere' });
    management.startFault({ kind: 'expired' }, { on: ['write'], of: of(ada, 0) });
    await ask();
    await link.waitForText('Your change waits until you are signed in.');
    entra.atPage = ben.user;
    await link.click('button', `Sign in as ${ada.username}`);
    await link.waitForText('You signed in as ');
    await link.waitForText(ben.username);
    expect([management.link(of(ada, 0)), management.link(of(ben, 0)), writes() - before]).toEqual([null, null, 1]);
    end();
    entra.atPage = ada.user;
    await link.click('button', `Sign in as ${ada.username}`);
    await link.waitForText('Partner link has been changed.');
    expect([management.link(of(ada, 0)), management.link(of(ben, 0))]).toMatchObject([{ partnerId: CONTOSO }, null]);
  });

  it.each([
    [65001, 'consent_required', 'Nobody has allowed the application in this tenant yet.'],
    [90094, 'consent_required', 'Only an administrator may allow the application in this tenant.'],
    [90095, 'interaction_required', 'Sign in there and request the approval.'],
  ])(
    'whose consent was withdrawn (AADSTS%i) waits, says what is to be done, and goes once it is there',
    async (number, error, words) => {
      const { ada, management, entra } = world;
      await open(4);
      await link.waitForText(/No partner link|Contoso Consulting/);
      if (management.link(of(ada, 4)) !== null) management.setLink(of(ada, 4), null);
      await page.reload();
      await link.waitForText('No partner link');
      management.nextChange(of(ada, 4));
      const end = entra.demand({ ...of(ada, 4), number, error, until: 'ended' });
      management.startFault({ kind: 'expired' }, { on: ['write'], of: of(ada, 4) });
      await ask();
      await link.waitForText(words);
      await link.waitForText('Your change waits until you are signed in.');
      entra.atPage = ada.user;
      // As long as nobody gives it, nobody gets any further.
      await link.click('button', `Sign in as ${ada.username}`);
      await link.waitForText(words);
      expect(management.link(of(ada, 4))).toBeNull();
      end();
      await link.click('button', `Sign in as ${ada.username}`);
      await link.waitForText('Partner link has been changed.');
      expect(management.link(of(ada, 4))).toMatchObject({ partnerId: CONTOSO });
    },
  );

  it('whose account’s owner declines to consent (AADSTS65004) is not read, and says so', async () => {
    const { ada, entra } = world;
    entra.demand({ ...of(ada, 5), number: 65001, error: 'consent_required', until: 'signedInThere' });
    await open(5);
    await link.waitForText('Nobody has allowed the application in this tenant yet.');
    entra.atPage = ada.user;
    entra.declines = true;
    await link.click('button', 'Sign in');
    await link.waitForText('You did not allow the application what it asks for. Sign in again and accept.');
    entra.declines = false;
    await link.click('button', 'Sign in');
    await link.waitForText('No partner link');
  });
});
