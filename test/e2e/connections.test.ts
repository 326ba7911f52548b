import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from './harness/fault-proxy';
import { fillConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { type Service, startService } from './harness/service';
import { check, FABRIKAM, oneWorld } from './harness/spec';
import { until } from './harness/until';
import { azurePage, OPTIONS_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

const TENANT = 'northwind.example';
const NAME = 'Northwind partners';

const spec = oneWorld();
let service: Service;
let proxy: FaultProxy;
beforeAll(async () => {
  service = await startService();
  proxy = await startFaultProxy(service.url);
});
afterAll(async () => {
  await proxy?.close();
  await service?.stop();
});

it('A second connection is added on the screen, serves the pages of its tenant, and each service gets only its own changes', async () => {
  const options = await spec.openPage(OPTIONS_PAGE);
  await options.getByRole('button', { name: 'Add connection' }).click();
  await options.getByRole('textbox', { name: 'Name', exact: true }).fill(NAME);
  await fillConnection(options, proxy.url, service.token);
  await options.getByRole('textbox', { name: 'Tenants' }).fill(TENANT);
  await options.getByRole('button', { name: 'Save', exact: true }).click();
  await options.getByText('What to do next').waitFor();
  const items = options.getByRole('list', { name: 'Connections' }).getByRole('listitem');
  expect(await items.count()).toBe(2);
  expect(await items.nth(1).textContent()).toContain(`All portals; ${TENANT}`);
  expect(await options.getByRole('textbox', { name: 'Service URL' }).inputValue()).toBe(proxy.url);
  await options.getByRole('textbox', { name: 'Name', exact: true }).fill(`${NAME} 2`);
  await options.getByRole('button', { name: 'Save', exact: true }).click();
  await options.getByRole('button', { name: `Edit ${NAME} 2` }).waitFor();

  const [one, other] = (await spec.world.service.subscriptions()).filter(({ caller }) => caller.canChangePartner);
  if (one === undefined || other === undefined)
    throw new Error('The demo has no two subscriptions that may be changed');
  const firsts = await spec.world.service.effects(one.subscriptionId);
  const seconds = await service.effects(other.subscriptionId);
  const change = async (address: string, source: string) => {
    const panel = panelOn(await spec.open(address));
    await panel.waitForText('Details');
    await panel.click('DisclosureTriangle', 'Details');
    await panel.waitForText(source);
    await panel.unfold();
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
  };
  await change(azurePage(one.subscriptionId), new URL(spec.world.proxy.url).host);
  await change(azurePage(other.subscriptionId).replace('contoso.com', TENANT), `${NAME} 2`);

  const written = (through: FaultProxy) => through.writes().map(({ path }) => path.split('/')[2]);
  expect(written(spec.world.proxy)).toEqual([one.subscriptionId]);
  expect(written(proxy)).toEqual([other.subscriptionId]);
  expect(await spec.world.service.effects(one.subscriptionId)).toHaveLength(firsts.length + 1);
  expect(await service.effects(other.subscriptionId)).toHaveLength(seconds.length + 1);

  const list = await spec.openPage(SUBSCRIPTIONS_PAGE);
  const rows = list.getByRole('table', { name: 'Subscriptions' });
  const count = async () => Number(await rows.getAttribute('aria-rowcount'));
  await until('the rows of both', async () => (await count()) > 1);
  const every = async () => (await spec.world.service.subscriptions()).length + (await service.subscriptions()).length;
  await until('all rows', async () => (await count()) === (await every()) + 1, {
    state: async () => `${await count()}`,
  });
  await list.getByRole('combobox', { name: 'Connection' }).selectOption({ label: `${NAME} 2` });
  const half = (await service.subscriptions()).length;
  await until('the rows of one', async () => (await count()) === half + 1, { state: async () => `${await count()}` });
  // The same subscription may be at both.
  await rows.getByRole('rowheader').first().getByText(`${NAME} 2`).waitFor();

  await options.getByRole('button', { name: `Remove ${NAME} 2` }).click();
  await options.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
  await options.getByText('Connection removed.').waitFor();
  // The steps follow once the page has read what is stored by now.
  const address = options.getByRole('textbox', { name: 'Service URL' });
  await expect.poll(() => address.inputValue()).toBe(spec.world.proxy.url);
});
