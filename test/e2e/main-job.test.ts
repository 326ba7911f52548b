import { describe, expect, it } from 'vitest';
import type { CloudService } from '../../src/domain/cloud-service';
import { panelOn } from './harness/panel';
import { check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { azurePage, POPUP_PAGE } from './harness/world';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const spec = oneWorld();

const places: readonly (readonly [
  portal: string,
  service: CloudService,
  pageOf: (subscriptionId: string) => string,
])[] = [
  ['the Azure portal', 'azure', azurePage],
  ['the account centre', 'azure', (id) => `https://account.azure.com/Subscriptions/Statement?subscriptionId=${id}`],
  [
    'the Microsoft 365 admin centre',
    'office365',
    (id) => `https://admin.microsoft.com/Adminportal/Home#/subscriptions/webdirect/${id}`,
  ],
  ['a portal the user added', 'azure', (id) => spec.world.ownPortal.pageOf(id)],
];

describe('The main job', () => {
  it.each(places)('is done in %s, and every step is in the history', async (_portal, service, pageOf) => {
    const { proxy, backstage } = spec.world;
    const { subscriptionId } = await spec.world.newSubscription({ service });
    const panel = panelOn(await spec.open(pageOf(subscriptionId)));
    const partner = async () => (await spec.world.service.read(subscriptionId)).partnerOfRecord?.partnerId ?? null;
    await panel.waitForText('No partner of record');
    await panel.waitFor('textbox', 'Partner ID');
    expect(await panel.find('button', 'Remove partner')).toBeNull();
    expect(await panel.find('button', 'Save partner')).toBeNull();

    await check(panel, FABRIKAM);
    expect(proxy.writes()).toEqual([]);
    expect(await partner()).toBeNull();

    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect(await partner()).toBe(FABRIKAM.partnerId);

    await check(panel, NORTHWIND);
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

    const effects = await spec.world.effects(subscriptionId);
    expect(effects.map(({ kind }) => kind)).toEqual(['remove', 'change', 'assign']);
    const writes = proxy.writes();
    expect(writes.map(({ method }) => method)).toEqual(['PUT', 'PUT', 'DELETE']);
    const keys = writes.map(({ idempotencyKey }) => idempotencyKey ?? '');
    expect(new Set(keys).size).toBe(3);
    expect(keys.every((key) => UUID.test(key))).toBe(true);

    const rows = await backstage.changesOf(subscriptionId);
    expect(rows.map(({ kind, life }) => [kind, life.state])).toEqual([
      ['remove', 'done'],
      ['change', 'done'],
      ['assign', 'done'],
    ]);
    expect(rows.map(({ id }) => id).reverse()).toEqual(keys);

    const popup = await spec.openPage(POPUP_PAGE);
    await popup.getByRole('tab', { name: 'History' }).click();
    const entries = popup.getByRole('list', { name: 'History' }).getByRole('listitem');
    await popup.getByRole('searchbox', { name: 'Search history' }).fill(subscriptionId);
    await expect.poll(() => entries.count()).toBe(3);
    await expect
      .poll(() => entries.allInnerTexts())
      .toEqual([
        expect.stringMatching(/Remove.*Northwind Consulting/s),
        expect.stringMatching(/Change.*Fabrikam Cloud Services.*Northwind Consulting/s),
        expect.stringMatching(/Assign.*Fabrikam Cloud Services/s),
      ]);
    // The two checks name no subscription: they are apart, and found by the partner.
    await popup.getByRole('radio', { name: 'Checks' }).check();
    await popup.getByRole('searchbox', { name: 'Search history' }).fill(NORTHWIND.partnerId);
    await expect.poll(() => entries.filter({ hasText: 'Check' }).count()).toBeGreaterThanOrEqual(1);
  });
});
