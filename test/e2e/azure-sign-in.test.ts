import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testGuid } from '../azure/directory';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import type { Panel } from './harness/panel';

const CONTOSO = '4711001';
const EVERYTHING = [{ actions: ['*'] }];
const ACRS = 'c1';
const CLAIMS = JSON.stringify({ access_token: { acrs: { essential: true, value: ACRS } } });

/** One sign-in for many tenants, by a real browser's pages, cookies and rules for requests across origins. */
describe('An account that is signed in at one tenant', () => {
  let world: AzureWorld;
  let page: Page | null = null;

  beforeAll(async () => {
    world = await startAzureWorld({ tenants: 4 });
    const { management, directory, ada } = world;
    management.partners.set(CONTOSO, 'Contoso Consulting');
    for (const [i, { id }] of directory.tenants.entries()) {
      management.subscriptions.set(subscriptionIn(i), {
        id: subscriptionIn(i),
        name: `Production ${i + 1}`,
        tenant: id,
        agreement: 'MicrosoftCustomerAgreement',
        roles: new Map([[ada.user, EVERYTHING]]),
      });
    }
    world.entra.atPage = ada.user;
    const link = await open(0);
    await link.click('button', 'Sign in');
    await link.waitForText('No partner link');
    // From now on nobody is at a page that opens.
    world.entra.atPage = null;
  });
  afterAll(() => world.close());
  afterEach(() => expect(world.violations()).toEqual([]));

  const subscriptionIn = (tenant: number) => testGuid('d', tenant + 1);
  const tenantAt = (at: number) => world.directory.tenants[at]?.id ?? '';
  const of = (tenant: number) => ({ user: world.ada.user, tenant: tenantAt(tenant) });

  async function open(tenant: number): Promise<Panel> {
    await page?.close();
    page = await world.browser.open(
      `https://portal.azure.com/#@tenant${tenant + 1}.example/resource/subscriptions/${subscriptionIn(tenant)}`,
    );
    return world.linkOn(page);
  }

  /** What Entra was asked while the work was done, as `page unseen`, `page` and `token`. */
  async function askedDuring(work: () => Promise<void>): Promise<string[]> {
    const before = world.entra.requests.length;
    await work();
    return world.entra.requests.slice(before).flatMap(({ what, asked, method }) => {
      if (what === 'authorize') return method === 'GET' ? [asked['prompt'] === 'none' ? 'page unseen' : 'page'] : [];
      return what === 'token' ? [`token by ${asked['grant_type']}`] : [];
    });
  }

  it('sees its link in another without a window', async () => {
    const asked = await askedDuring(async () => {
      const link = await open(1);
      await link.waitForText('No partner link');
      await link.waitForText('Tenant 2');
    });
    expect(asked).toEqual(['token by refresh_token']);
  });

  it('goes on by the browser’s session once its refresh token has ended, by a page that nobody sees', async () => {
    world.entra.endRefreshTokens(700084);
    const asked = await askedDuring(async () => {
      const link = await open(2);
      await link.waitForText('No partner link');
    });
    expect(asked).toEqual(['token by refresh_token', 'page unseen', 'token by authorization_code']);
  });

  it('signs in once more where a tenant demands that, and is told why', async () => {
    const { entra } = world;
    entra.demand({ ...of(3), number: 50076, error: 'interaction_required', until: 'signedInThere' });
    const link = await open(3);
    expect(
      await askedDuring(async () => {
        await link.waitForText('This tenant wants another proof of who you are. Sign in there.');
      }),
    ).not.toContain('page');
    entra.atPage = world.ada.user;
    const asked = await askedDuring(async () => {
      await link.click('button', 'Sign in');
      await link.waitForText('No partner link');
    });
    entra.atPage = null;
    expect(asked).toEqual(['page', 'token by authorization_code']);
  });

  it('makes its link where Azure wants more claims for the write alone, without a window', async () => {
    const { management } = world;
    const challenge = management.startFault(
      { kind: 'claims', claims: CLAIMS, value: ACRS },
      { of: of(1), on: ['write'] },
    );
    const link = await open(1);
    await link.type('Partner ID', CONTOSO);
    const asked = await askedDuring(async () => {
      await link.click('button', 'Link partner');
      await link.click('button', 'Yes');
      await link.waitForText('Partner link has been changed.');
    });
    expect(asked).toEqual(['token by refresh_token']);
    expect(challenge.met()).toBe(1);
    expect(management.link(of(1))).toMatchObject({ partnerId: CONTOSO });
  });

  it('signs in for the claims where Entra gives them only to the person, and the change goes on by itself', async () => {
    const { entra, management } = world;
    entra.demand({ ...of(2), number: 50076, error: 'interaction_required', until: 'signedInThere', forAcrs: ACRS });
    const challenge = management.startFault(
      { kind: 'claims', claims: CLAIMS, value: ACRS },
      { of: of(2), on: ['write'], times: 5 },
    );
    const link = await open(2);
    await link.type('Partner ID', CONTOSO);
    await link.click('button', 'Link partner');
    await link.click('button', 'Yes');
    await link.waitForText('This tenant wants another proof of who you are. Sign in there.');
    expect(management.link(of(2))).toBeNull();
    entra.atPage = world.ada.user;
    const asked = await askedDuring(async () => {
      await link.click('button', `Sign in as ${world.ada.username}`);
      await link.waitForText('Partner link has been changed.');
    });
    entra.atPage = null;
    expect(asked).toEqual(['page', 'token by authorization_code']);
    expect(challenge.met()).toBe(1);
    expect(management.link(of(2))).toMatchObject({ partnerId: CONTOSO });
  });
});
