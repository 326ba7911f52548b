import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { type Service, startService } from './harness/service';
import { FABRIKAM } from './harness/spec';
import { until } from './harness/until';

/** More than stand on any page. */
const MOST_STOPS = 80;

let service: Service;
let portals: Portals;
let browser: ExtensionBrowser;

beforeAll(async () => {
  [service, portals] = await Promise.all([startService(), startPortals()]);
});
beforeEach(async () => {
  browser = await launchBrowser({ hostResolverRules: portals.hostResolverRules });
});
afterEach(() => browser.close());
afterAll(() => Promise.all([portals.close(), service.stop()]));

/** The role and the accessible name of what has the focus, in a closed root too. */
async function focused(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const has = (node: (typeof nodes)[number], property: string) =>
    node.properties?.some(({ name, value }) => name === property && value.value === true) ?? false;
  const node = nodes.findLast((one) => has(one, 'focused'));
  return node === undefined ? '' : `${node.role?.value} ${node.name?.value}`;
}

/** Presses Tab until something of that role and name has the focus. */
async function tabTo(page: Page, wanted: string | RegExp): Promise<void> {
  const met: string[] = [];
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    const here = await focused(page);
    if (typeof wanted === 'string' ? here === wanted : wanted.test(here)) return;
    met.push(here);
    await page.keyboard.press('Tab');
  }
  throw new Error(`No ${wanted} on the way of Tab: ${met.join(', ')}`);
}

describe('By keyboard alone', () => {
  it('a fresh profile comes to a saved partner, and to an undone one', async () => {
    const welcome = await browser.welcomePage();
    await welcome.getByRole('textbox', { name: 'Service URL' }).waitFor();
    await tabTo(welcome, 'textbox Service URL');
    await welcome.keyboard.type(service.url);
    await tabTo(welcome, 'textbox Access token');
    await welcome.keyboard.type(service.token);
    await welcome.keyboard.press('Enter');
    await welcome.getByRole('status').filter({ hasText: 'Saved.' }).waitFor();

    const link = welcome.getByRole('region', { name: 'What to do next' }).getByRole('link', { name: /See the panel/ });
    const id = /[0-9a-f-]{36}/.exec((await link.getAttribute('href')) ?? '')?.[0] ?? '';
    await service.setPartner(id, null);
    await tabTo(welcome, /^link See the panel/);
    const [page] = await Promise.all([browser.context.waitForEvent('page'), welcome.keyboard.press('Enter')]);

    const panel = panelOn(page);
    await panel.waitForText('No partner of record');
    await tabTo(page, /^\S+ Partner ID$/);
    await page.keyboard.type(FABRIKAM.partnerId);
    await page.keyboard.press('Enter');
    await panel.waitFor('button', 'Save partner');
    await tabTo(page, 'button Save partner');
    const holds = async () => (await service.read(id)).partnerOfRecord?.partnerId ?? null;
    await pressUntil(page, async () => (await holds()) === FABRIKAM.partnerId);
    await panel.waitForText('Partner information has been changed.');

    await panel.waitFor('button', 'Undo');
    await tabTo(page, 'button Undo');
    await pressUntil(page, async () => (await holds()) === null);
    await panel.waitForText('No partner of record');
    await expect.poll(() => focused(page)).not.toBe('');
  });
});

/** Presses Enter, and again where the panel says that it came too early, until it has done what it is for. */
async function pressUntil(page: Page, done: () => Promise<boolean>): Promise<void> {
  await page.keyboard.press('Enter');
  await until('what a press is for', async () => {
    if (await done()) return true;
    if ((await panelOn(page).text()).includes('Press again')) await page.keyboard.press('Enter');
    return false;
  });
}
