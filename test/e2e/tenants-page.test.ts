import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TENANTS_PAGE } from './harness/addresses';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { until } from './harness/until';

const CONTOSO = '4711001';
const LONG = { timeout: 120_000 };

/** The page of all tenants, in the real browser. */
describe('Whoever reaches 60 tenants, 3 of which need a sign-in and 2 refuse', () => {
  let world: AzureWorld;
  let page: Page;

  beforeEach(async () => {
    world = await startAzureWorld({ tenants: 60 });
    const { management, entra, directory, ada } = world;
    management.partners.set(CONTOSO, 'Contoso Consulting');
    entra.atPage = ada.user;
    for (const { id: tenant } of directory.tenants.slice(10, 13))
      entra.demand({
        user: ada.user,
        tenant,
        number: 50079,
        error: 'interaction_required',
        until: 'signedInThere',
      });
    page = await world.browser.open(world.browser.extensionUrl(TENANTS_PAGE));
  });
  afterEach(async () => {
    expect(world.violations()).toEqual([]);
    await world.close();
  });

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const says = (text: string) => page.getByText(text, { exact: true }).first().waitFor(LONG);
  const rows = () => page.getByRole('table', { name: 'Tenants' }).locator('tbody tr');
  const linked = () =>
    world.directory.tenants.filter(
      ({ id }) => world.management.link({ user: world.ada.user, tenant: id })?.partnerId === CONTOSO,
    ).length;

  /** Signs in, and waits until the link in each tenant was read that needs nothing more. */
  async function addAccount(): Promise<void> {
    await press('Add account');
    await until('57 links that were read', async () => (await rows().getByText('No link').count()) === 57);
    await page.getByRole('button', { name: 'Sign in to 3 tenants' }).waitFor(LONG);
  }

  it('links a partner in all of them with one confirmation, and is told of each how it ended', async () => {
    const { management, directory, ada } = world;
    const refusing = directory.tenants.slice(20, 22).map(({ id }) => id);
    const faults = refusing.map((tenant) =>
      management.startFault({ kind: 'forbidden' }, { on: ['write'], of: { user: ada.user, tenant }, times: 1000 }),
    );
    await addAccount();
    await page.getByRole('checkbox', { name: 'Select all' }).click();
    await page.getByRole('textbox', { name: 'Partner ID' }).fill(CONTOSO);
    await press('Link partner in 60 tenants');
    const question = page.getByRole('alertdialog', { name: 'Link partner in 60 tenants?' });
    expect(await question.getByRole('listitem').count()).toBe(60);
    await question.getByRole('button', { name: 'Yes' }).click();
    // What was pressed is gone with the selection.
    await until('the focus at what was asked for', async () =>
      page.evaluate(() => document.activeElement?.textContent === 'Set 60 links to 4711001'),
    );
    await page.getByRole('progressbar', { name: 'Progress' }).waitFor();
    await says('55 done');
    await says('2 failed');
    await says('3 wait until you have signed in there.');
    await says('Refused: Tenant 21 and Tenant 22.');
    expect(linked()).toBe(55);

    await press('Sign in to 3 tenants');
    await says('All changes have ended: 58 done, 2 failed.');
    expect(linked()).toBe(58);
    await page.getByRole('radio', { name: 'Failed' }).check();
    expect(await rows().getByRole('rowheader').allInnerTexts()).toEqual([
      expect.stringContaining('Tenant 21'),
      expect.stringContaining('Tenant 22'),
    ]);

    for (const fault of faults) fault.stop();
    await press('Retry failed');
    await says('All changes have ended: 2 done, 0 failed.');
    expect(linked()).toBe(60);
    const writes = management.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/partners'));
    // Each once; what was refused a second time.
    expect(writes.length).toBe(62);
  });

  it('ignores one, which stays so when the page is opened again, and exports a report that the page reads', async () => {
    await addAccount();
    await press('Ignore Tenant 5');
    await says('59 tenants');
    await page.reload();
    await says('59 tenants');
    await page.getByRole('radio', { name: 'Ignored' }).check();
    await says('1 of 60 tenants');
    await press('Stop ignoring Tenant 5');
    await page.getByRole('radio', { name: 'All' }).check();
    await says('60 tenants');

    const [download] = await Promise.all([page.waitForEvent('download'), press('Export CSV')]);
    const path = await download.path();
    const lines = (await readFile(path, 'utf8')).trim().split('\r\n');
    expect(lines).toHaveLength(61);
    expect(lines[0]).toBe('Tenant,Domain,Tenant ID,Account,Partner ID,Partner,State,Since');
    // Not read is not the same as none.
    expect(lines.filter((line) => line.includes(',Unknown,'))).toHaveLength(3);
    await page.locator('input[type=file]').setInputFiles({
      name: 'ben.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from((await readFile(path, 'utf8')).replaceAll('ada@tenant1.example', 'ben@tenant2.example')),
    });
    await says('60 links were read from ben.csv.');
    const report = page.getByRole('table', { name: 'Reports side by side' });
    expect(await report.locator('tbody tr').count()).toBe(120);
    await press('Put away ben.csv');
    await report.waitFor({ state: 'detached' });
  });
});
