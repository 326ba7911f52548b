import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testGuid } from '../azure/directory';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import type { Panel } from './harness/panel';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';

const CONTOSO = '4711001';
const FABRIKAM = '4711002';
const ELSEWHERE = '4711003';
const ACRS = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
const EVERYTHING = [{ actions: ['*'] }];

describe('A partner link', () => {
  let world: AzureWorld;
  let backstage: Backstage;
  let page: Page;
  let link: Panel;
  let count = 0;

  beforeAll(async () => {
    world = await startAzureWorld({ tenants: 4 });
    backstage = await openBackstage(world.browser);
    world.management.partners.set(CONTOSO, 'Contoso Consulting').set(FABRIKAM, 'Fabrikam').set(ELSEWHERE, 'Northwind');
    world.entra.atPage = world.ada.user;
    await open(world.ada.homeTenant);
    await link.click('button', 'Sign in');
    await link.waitForText('No partner link');
    await page.close();
  });
  afterAll(() => world.close());

  const mine = (tenant = world.ada.homeTenant) => ({ user: world.ada.user, tenant });
  const writes = () =>
    world.management.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/partners')).length;

  const reads = () =>
    world.management.requests.filter(
      ({ method, path, status }) => method === 'GET' && path.includes('/partners') && status !== null,
    ).length;

  /** Opens the page of a subscription that nobody has seen before, in that tenant. */
  async function open(tenant: string, more: object = {}): Promise<void> {
    const { management, ada, ben } = world;
    count += 1;
    const id = testGuid('d', count);
    management.subscriptions.set(id, {
      id,
      name: `Subscription ${count}`,
      tenant,
      agreement: 'MicrosoftCustomerAgreement',
      roles: new Map([ada, ben].map(({ user }) => [user, EVERYTHING])),
      ...more,
    });
    page = await world.browser.open(`https://portal.azure.com/#@${tenant}/resource/subscriptions/${id}`);
    link = world.linkOn(page);
  }

  async function ask(partnerId: string): Promise<void> {
    world.management.nextChange(mine());
    await link.type('Partner ID', partnerId);
    await link.click('button', 'Link partner');
    await link.click('button', 'Yes');
  }

  beforeEach(async () => {
    world.management.setLink(mine(), null);
    world.entra.atPage = world.ada.user;
    await backstage.forgetPortalUses();
    const before = reads();
    await open(world.ada.homeTenant);
    // What is known from the test before is shown until it is read anew.
    await link.waitForText('No partner link');
    await until('the link to be read anew', async () => reads() > before);
  });
  afterEach(async () => {
    await page.close();
    expect(world.violations()).toEqual([]);
  });

  it('that was changed elsewhere meanwhile is not written over before the person says so', async () => {
    world.management.setLink(mine(), ELSEWHERE);
    const before = writes();
    await ask(CONTOSO);
    await link.waitForText('Meanwhile your link was set to ');
    expect([writes() - before, world.management.link(mine())]).toMatchObject([0, { partnerId: ELSEWHERE }]);
    world.management.nextChange(mine());
    await link.click('button', 'Overwrite');
    await link.waitForText('Partner link has been changed.');
    expect(world.management.link(mine())).toMatchObject({ partnerId: CONTOSO });
  });

  it('whose write is throttled goes when the time that Azure named is over', async () => {
    world.management.startFault({ kind: 'throttled', retryAfter: '2' }, { on: ['write'] });
    await ask(CONTOSO);
    await link.waitForText('Partner link has been changed.');
    expect(world.management.link(mine())).toMatchObject({ partnerId: CONTOSO });
  });

  it('whose answer was lost after the effect is not written a second time', async () => {
    world.management.startFault({ kind: 'answerLost', when: 'after' }, { on: ['write'] });
    const before = writes();
    await ask(CONTOSO);
    await link.waitForText('Partner link has been changed.');
    expect([writes() - before, world.management.link(mine())]).toMatchObject([1, { partnerId: CONTOSO }]);
  });

  it('whose token expires in the middle of the change is written once, with another', async () => {
    world.management.startFault({ kind: 'expired' }, { on: ['write'] });
    await ask(CONTOSO);
    await link.waitForText('Partner link has been changed.');
    expect(world.management.link(mine())).toMatchObject({ partnerId: CONTOSO });
  });

  it('whose write demands more of the sign-in goes once the person has signed in with that', async () => {
    const end = world.entra.demand({
      ...mine(),
      number: 50076,
      error: 'interaction_required',
      until: 'signedInThere',
      forAcrs: 'c1',
    });
    const fault = world.management.startFault(
      { kind: 'claims', claims: ACRS, value: 'c1' },
      { on: ['write'], times: 1000 },
    );
    await ask(CONTOSO);
    await link.waitForText('Your change waits until you are signed in.');
    expect(world.management.link(mine())).toBeNull();
    await link.click('button', 'Sign in as ada@tenant1.example');
    await link.waitForText('Partner link has been changed.');
    fault.stop();
    end();
    expect(world.management.link(mine())).toMatchObject({ partnerId: CONTOSO });
  });

  it('that a worker had written when it ended is not written a second time', async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const fault = world.management.startFault({ kind: 'held', when: 'after', until: held }, { on: ['write'] });
    const before = writes();
    await ask(CONTOSO);
    await until('the write that nobody answers', async () => fault.met() > 0);
    await backstage.killWorker();
    letGo();
    const [row] = await until('the open change', async () => {
      const open = await backstage.history('openTarget');
      return open.length > 0 && open;
    });
    await backstage.age(row?.id ?? '', 120_000);
    await backstage.askWorker();
    await link.waitForText('Partner link has been changed.', { patienceMs: 90_000 });
    expect([writes() - before, world.management.link(mine())]).toMatchObject([1, { partnerId: CONTOSO }]);
  });

  it('with another account at the sign-in than was wanted is not touched, and the panel says which is wanted', async () => {
    await page.close();
    const tenant = world.ben.homeTenant;
    world.entra.demand({ ...mine(tenant), number: 50079, error: 'interaction_required', until: 'signedInThere' });
    await open(tenant);
    world.entra.atPage = world.ben.user;
    await link.click('button', 'Sign in');
    await link.waitForText('You signed in as ');
    await link.waitForText('ben@tenant2.example');
    await link.waitFor('button', 'Sign in as ada@tenant1.example');
    expect([
      world.management.link(mine(tenant)),
      world.management.link({ ...mine(tenant), user: world.ben.user }),
    ]).toEqual([null, null]);
    // A page that looks for accounts among the panel's words finds none; what is ours is no secret, and shows that it looks.
    const found = await page.evaluate(
      (texts) => texts.filter((text) => Reflect.get(window, 'find').call(window, text) === true),
      ['ada@tenant1.example', 'ben@tenant2.example', 'You signed in as'],
    );
    expect(found).toEqual(['You signed in as']);
  });

  it('in a second tenant needs no second window', async () => {
    await page.close();
    const pages = () =>
      world.entra.requests.filter(({ what, asked }) => what === 'authorize' && asked['prompt'] !== 'none');
    const before = pages().length;
    const tenant = world.directory.tenants[3]?.id ?? '';
    await open(tenant);
    await link.waitForText('No partner link');
    await link.waitForText('Tenant 4');
    expect(pages()).toHaveLength(before);
  });

  it('in a guest’s tenant that demands its own sign-in waits for that', async () => {
    await page.close();
    const tenant = world.directory.tenants[2]?.id ?? '';
    world.entra.demand({ ...mine(tenant), number: 50079, error: 'interaction_required', until: 'signedInThere' });
    await open(tenant);
    await link.click('button', 'Sign in');
    await link.waitForText('No partner link');
  });
});
