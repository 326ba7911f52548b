import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { panelOn } from './harness/panel';
import { check, FABRIKAM, NORTHWIND } from './harness/spec';
import { until } from './harness/until';
import { azurePage, startWorld, type World } from './harness/world';

let world: World;

beforeAll(async () => {
  world = await startWorld({ backForwardCache: true });
});
afterAll(async () => {
  await world?.close();
});

/** Leaves a page and comes back to it; whether it came from the back/forward cache, by what it still remembers. */
async function leaveAndComeBack(page: Page, meanwhile: () => Promise<unknown>): Promise<boolean> {
  await page.evaluate(() => Object.assign(window, { remembered: true }));
  await page.goto('https://account.azure.com/Subscriptions');
  await meanwhile();
  // Not `goBack`, which waits for a load that does not come.
  await page.evaluate(() => history.back());
  await until('the page that was left', async () => page.url().startsWith('https://portal.azure.com/'));
  return until('the page to answer', () =>
    page.evaluate(() => ({ kept: Reflect.get(window, 'remembered') === true })),
  ).then(({ kept }) => kept);
}

describe('A page that comes back from the back/forward cache', () => {
  it('shows what the record holds by now, and a change that was on its way has its end', async () => {
    const record = await world.newSubscription({ partnerId: NORTHWIND.partnerId });
    const page = await world.browser.open(azurePage(record.subscriptionId));
    const panel = panelOn(page);
    await panel.waitForText(NORTHWIND.name);
    await check(panel, FABRIKAM);
    const kept = await leaveAndComeBack(page, () => world.service.setPartner(record.subscriptionId, null));
    expect(kept).toBe(true);
    await panel.waitForText('No partner of record');
    expect(await panel.count()).toBe(1);
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
  });
});
