import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Service as ServiceKind } from '../../src/domain/subscription';
import { panelOn } from './harness/panel';
import { azurePage, POPUP_PAGE, startWorld, type World } from './harness/world';

const FABRIKAM = { partnerId: '4852013', name: 'Fabrikam Cloud Services' };
const NORTHWIND = { partnerId: '5120846', name: 'Northwind Consulting' };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

const opened: Page[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
  world.proxy.reset();
});

async function open(address: string): Promise<Page> {
  const page = await world.browser.open(address);
  opened.push(page);
  return page;
}

interface Place {
  readonly portal: string;
  readonly service: ServiceKind;
  readonly pageOf: (subscriptionId: string) => string;
}

const places: readonly Place[] = [
  { portal: 'the Azure portal', service: 'azure', pageOf: azurePage },
  {
    portal: 'the account centre',
    service: 'azure',
    pageOf: (id) => `https://account.azure.com/Subscriptions/Statement?subscriptionId=${id}`,
  },
  {
    portal: 'the Microsoft 365 admin centre',
    service: 'ems',
    pageOf: (id) => `https://admin.microsoft.com/Adminportal/Home#/subscriptions/webdirect/${id}`,
  },
  { portal: 'a portal the user added', service: 'azure', pageOf: (id) => world.ownPortal.pageOf(id) },
];

describe('The main job', () => {
  it.each(places)('is done in $portal, and every step is in the history', async ({ service, pageOf }) => {
    const { proxy, backstage } = world;
    const { subscriptionId } = await world.newSubscription({ service });
    const page = await open(pageOf(subscriptionId));
    const panel = panelOn(page);
    const partner = async () => (await world.service.read(subscriptionId)).partnerOfRecord?.partnerId ?? null;
    await panel.waitForText('No partner of record');
    expect(await panel.find('button', 'Remove partner')).toBeNull();
    expect(await panel.find('button', 'Save partner')).toBeNull();

    await panel.type('Partner ID', FABRIKAM.partnerId);
    await panel.click('button', 'Check ID');
    await panel.waitForText(FABRIKAM.name);
    await panel.waitFor('button', 'Save partner');
    expect(proxy.writes()).toEqual([]);
    expect(await partner()).toBeNull();

    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect(await partner()).toBe(FABRIKAM.partnerId);

    await panel.type('Partner ID', NORTHWIND.partnerId);
    await panel.click('button', 'Check ID');
    await panel.waitForText(NORTHWIND.name);
    expect(await partner()).toBe(FABRIKAM.partnerId);
    await panel.click('button', 'Save partner');
    await expect.poll(partner).toBe(NORTHWIND.partnerId);
    await panel.waitForText('Partner information has been changed.');

    await panel.click('button', 'Remove partner');
    await panel.waitFor('alertdialog', 'Remove partner of record?');
    await panel.click('button', 'No');
    await panel.waitGone('alertdialog', 'Remove partner of record?');
    expect(proxy.writes()).toHaveLength(2);
    expect(await partner()).toBe(NORTHWIND.partnerId);

    await panel.click('button', 'Remove partner');
    await panel.click('button', 'Yes');
    await panel.waitForText('Partner information has been removed.');
    await panel.waitForText('No partner of record');
    expect(await partner()).toBeNull();

    const effects = await world.service.effects(subscriptionId);
    expect(effects.map(({ kind }) => kind)).toEqual(['remove', 'change', 'assign']);
    const writes = proxy.writes();
    expect(writes.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'DELETE']);
    const keys = writes.map(({ idempotencyKey }) => idempotencyKey ?? '');
    expect(new Set(keys).size).toBe(3);
    expect(keys.every((key) => UUID.test(key))).toBe(true);

    const rows = (await backstage.history()).flatMap((row) =>
      row.type === 'change' && row.change.target.kind === 'subscription' && row.change.target.id === subscriptionId
        ? [row.change]
        : [],
    );
    expect(rows.map(({ kind, life }) => [kind, life.state])).toEqual([
      ['remove', 'done'],
      ['change', 'done'],
      ['assign', 'done'],
    ]);
    expect(rows.map(({ id }) => id).reverse()).toEqual(keys);

    const popup = await open(world.browser.extensionUrl(POPUP_PAGE));
    await popup.getByRole('tab', { name: 'History' }).click();
    const list = popup.getByRole('list', { name: 'History' });
    await popup.getByRole('searchbox', { name: 'Search history' }).fill(subscriptionId);
    await expect.poll(() => list.getByRole('listitem').count()).toBe(3);
    await popup.getByRole('searchbox', { name: 'Search history' }).fill(NORTHWIND.name);
    await list.getByText(NORTHWIND.partnerId).first().waitFor();
    expect(await list.getByRole('listitem').count()).toBeGreaterThanOrEqual(3);
  });
});
