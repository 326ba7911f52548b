import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { SubscriptionRecord } from '../../../src/domain/subscription';
import { type Panel, panelOn } from './panel';
import { azurePage, startWorld, type World } from './world';

export { ADATUM, FABRIKAM, HOSTILE, NORTHWIND } from './partners';

/** A tab that shows a subscription's page with the panel on it. */
export interface OpenPanel {
  readonly page: Page;
  readonly panel: Panel;
}

/** A spec file's world, for its parts. */
export type Spec = ReturnType<typeof oneWorld>;

/**
 * One world for a spec file: started before its first test, ended after its last one. Between the tests the tabs are closed,
 * and planned faults and seen requests are forgotten.
 */
export function oneWorld() {
  let world: World | undefined;
  const tabs: Page[] = [];
  beforeAll(async () => {
    world = await startWorld();
  });
  afterEach(async () => {
    await Promise.all(tabs.splice(0).map((page) => page.close()));
    world?.proxy.reset();
  });
  afterAll(async () => {
    await world?.close();
  });
  const running = (): World => {
    if (world === undefined) throw new Error('The world is there only while tests run');
    return world;
  };

  async function open(address: string): Promise<Page> {
    const page = await running().browser.open(address);
    tabs.push(page);
    return page;
  }

  return {
    get world() {
      return running();
    },
    /** Opens an address in a tab that is closed when the test ends. */
    open,
    openPage: (path: string) => open(running().browser.extensionUrl(path)),
    /** Opens a subscription's page in the Azure portal and waits for its panel to have read the record. */
    async openPanel({ subscriptionId, partnerOfRecord }: SubscriptionRecord): Promise<OpenPanel> {
      const page = await open(azurePage(subscriptionId));
      const panel = panelOn(page);
      await panel.waitForText(partnerOfRecord?.partnerId ?? 'No partner of record');
      return { page, panel };
    },
  };
}

/** Types an ID, checks it and waits until it can be saved. */
export async function check(panel: Panel, { partnerId, name }: { partnerId: string; name: string }): Promise<void> {
  await panel.type('Partner ID', partnerId);
  await panel.click('button', 'Check ID');
  await panel.waitFor('button', 'Save partner');
  await panel.waitForText(name);
}

/** Has the panel read anew by “Try again”, until it says that. The button is gone where it has read by itself in the meantime. */
export async function tryAgain(panel: Panel, text: string): Promise<void> {
  await panel.click('button', 'Try again').catch(async (error: unknown) => {
    if (!(await panel.text()).includes(text)) throw error;
  });
  await panel.waitForText(text);
}
