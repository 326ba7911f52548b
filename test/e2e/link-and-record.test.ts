import { afterAll, beforeAll, expect, it } from 'vitest';
import { OPTIONS_PAGE } from './harness/addresses';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { type FaultProxy, startFaultProxy } from './harness/fault-proxy';
import { fillConnection, saveConnection } from './harness/options';
import { panelOn } from './harness/panel';
import { FABRIKAM } from './harness/partners';
import { type Service, startService } from './harness/service';
import { check } from './harness/spec';
import { type Backstage, openBackstage } from './harness/worker';

const CONTOSO = '4711001';
const SERVICE = 'Contoso’s record';

let world: AzureWorld;
let backstage: Backstage;
let service: Service;
let proxy: FaultProxy;

beforeAll(async () => {
  [world, service] = await Promise.all([startAzureWorld(), startService()]);
  proxy = await startFaultProxy(service.url);
  backstage = await openBackstage(world.browser);
  const { own } = world;
  await own.goto(world.browser.extensionUrl(OPTIONS_PAGE));
  await own.getByRole('button', { name: 'Add connection' }).click();
  await own.getByRole('combobox', { name: 'Where the record is kept' }).selectOption('service');
  await own.getByRole('textbox', { name: 'Name', exact: true }).fill(SERVICE);
  await fillConnection(own, proxy.url, service.token);
  await saveConnection(own);
});
afterAll(async () => {
  await world?.close();
  await proxy?.close();
  await service?.stop();
});

it('A page whose organisation runs the service shows the record with the link below it, and each server gets only its own', async () => {
  const { management, entra, ada, browser, connectionId } = world;
  const records = await service.subscriptions();
  const record = records.find(({ caller, partnerOfRecord }) => caller.canChangePartner && partnerOfRecord === null);
  if (record === undefined) throw new Error('The demo has no subscription without a partner');
  const { subscriptionId } = record;
  management.partners.set(CONTOSO, 'Contoso Consulting');
  management.subscriptions.set(subscriptionId, {
    id: subscriptionId,
    name: record.displayName,
    tenant: ada.homeTenant,
    agreement: 'MicrosoftCustomerAgreement',
    roles: new Map([[ada.user, [{ actions: ['*'] }]]]),
  });
  const mine = { user: ada.user, tenant: ada.homeTenant };
  const before = (await service.effects(subscriptionId)).length;
  entra.atPage = ada.user;
  const page = await browser.open(
    `https://portal.azure.com/#@tenant1.example/resource/subscriptions/${subscriptionId}`,
  );
  const [panel, link] = [panelOn(page), world.linkOn(page)];

  await panel.waitForText('No partner of record');
  await panel.click('DisclosureTriangle', 'Details');
  await panel.waitForText(SERVICE);
  await link.click('button', 'Sign in');
  await link.waitForText('No partner link');
  const [above, below] = [await panel.whereIs('textbox', 'Partner ID'), await link.whereIs('textbox', 'Partner ID')];
  expect(above.y).toBeLessThan(below.y);
  expect([await link.find('button', 'Check ID'), await panel.find('button', 'Link partner')]).toEqual([null, null]);

  await check(panel, FABRIKAM);
  await panel.click('button', 'Save partner');
  await panel.waitForText('Partner information has been changed.');
  expect([management.link(mine), await link.text()]).toMatchObject([null, expect.not.stringContaining(FABRIKAM.name)]);
  await link.type('Partner ID', CONTOSO);
  await link.click('button', 'Link partner');
  await link.click('button', 'Yes');
  await link.waitForText('Partner link has been changed.');
  expect(await panel.text()).not.toContain('Contoso Consulting');

  expect(management.link(mine)).toMatchObject({ partnerId: CONTOSO });
  expect((await service.read(subscriptionId)).partnerOfRecord).toMatchObject({ partnerId: FABRIKAM.partnerId });
  expect(await service.effects(subscriptionId)).toHaveLength(before + 1);
  const changes = (await backstage.history()).flatMap((row) => (row.type === 'change' ? [row.change] : []));
  expect(
    changes.map(({ target, after }) => [target.kind, target.connectionId === connectionId, after?.partnerId]),
  ).toEqual([
    ['signIn', true, CONTOSO],
    ['subscription', false, FABRIKAM.partnerId],
  ]);

  // Whether the service is there is asked without a token.
  const signed = proxy.requests.filter(({ path }) => path !== '/health');
  expect(new Set(signed.map(({ token }) => token()))).toEqual(new Set([service.token]));
  expect(proxy.requests.filter(({ path }) => /managementpartner|\/tenants|api-version/i.test(path))).toEqual([]);
  expect(JSON.stringify([management.requests, entra.requests])).not.toContain(service.token);
  expect(JSON.stringify(management.requests.map(({ path, body }) => [path, body]))).not.toContain(FABRIKAM.partnerId);
  expect(proxy.writes()).toHaveLength(1);
});
