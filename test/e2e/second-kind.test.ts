import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IN_FLIGHT_MS } from '../../src/domain/change';
import { azurePage, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/addresses';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { type Ledger, startLedger } from './harness/ledger';
import { saveConnection, testConnection } from './harness/options';
import { type Panel, panelOn } from './harness/panel';
import { startPortals } from './harness/portals';
import { buildWithLedger } from './harness/second-kind';
import { type Backstage, openBackstage } from './harness/worker';

const SUBSCRIPTION_ID = '7d1f4c52-93ab-4e0e-8a67-2f5b0c9d3e14';
const [FIRST, SECOND] = ['4852013', '4712345'];

interface There {
  readonly ledger: Ledger;
  readonly browser: ExtensionBrowser;
  readonly backstage: Backstage;
  readonly options: Page;
}

/** The extension as somebody has it who did what CONTRIBUTING says; no service is there. */
let there: There;
let panel: Panel;
/** What ends what was started, the last first. */
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'partner-of-record-second-kind-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const ledger = await startLedger();
  ends.push(ledger.close);
  const portals = await startPortals();
  ends.push(portals.close);
  await buildWithLedger(folder);
  const browser = await launchBrowser({ extension: folder, hostResolverRules: portals.hostResolverRules });
  ends.push(browser.close);
  there = { ledger, browser, backstage: await openBackstage(browser), options: await browser.welcomePage() };
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** What the ledger was told of the subscription. */
const written = () => there.ledger.writes.map(({ id, partnerId }) => (id === SUBSCRIPTION_ID ? partnerId : id));

async function save(partnerId: string): Promise<void> {
  await panel.unfold();
  await panel.type('Partner ID', partnerId);
  await panel.click('button', 'Save partner');
}

describe('A kind of backend that was added as CONTRIBUTING says', () => {
  it('is chosen in the options, which show its ways to sign in and its steps of a test alone', async () => {
    const { options, ledger } = there;
    await options.getByRole('combobox', { name: 'Where the record is kept' }).selectOption({ label: 'ledger' });
    const signIns = options.getByRole('combobox', { name: 'Sign-in' }).locator('option');
    await expect.poll(() => signIns.allInnerTexts()).toEqual(['None', 'Access token']);
    await options.getByLabel('Access token', { exact: true }).fill(ledger.token);
    await options.getByRole('textbox', { name: 'Address', exact: true }).fill(ledger.url);
    await testConnection(options);
    const steps = options.getByRole('list', { name: 'Connection test' }).getByRole('listitem');
    await expect
      .poll(() => steps.locator('.step-name').allInnerTexts())
      .toEqual(['Address', 'Permission', 'Reachable']);
    await saveConnection(options);
  });

  it('is driven from the panel: a partner is saved without a check, and nobody is said to be told', async () => {
    panel = panelOn(await there.browser.open(azurePage(SUBSCRIPTION_ID)));
    await panel.waitForText('No partner of record');
    await panel.type('Partner ID', FIRST);
    await panel.waitFor('button', 'Save partner');
    expect(await panel.find('button', 'Check ID')).toBeNull();
    expect(await panel.text()).not.toMatch(/mail|What this partner will see/);
    await panel.click('button', 'Save partner');
    await panel.waitForText(/is now the partner of record\./);
    expect(written()).toEqual([FIRST]);
  });

  it('carries a change whose answer was lost to its end by reading: it takes effect once', async () => {
    const { ledger, backstage } = there;
    ledger.loseNextAnswer();
    await save(SECOND);
    await panel.waitForText('Still trying.');
    const { id } = await backstage.waitForChange(SUBSCRIPTION_ID, 'waiting');
    await backstage.killWorker();
    await backstage.age(id, IN_FLIGHT_MS);
    await backstage.askWorker();
    await backstage.waitForChange(SUBSCRIPTION_ID, 'done');
    await panel.waitForText('Partner information has been changed.');
    expect(written()).toEqual([FIRST, SECOND]);
  });

  it('removes', async () => {
    await panel.click('button', 'Remove partner');
    await panel.click('button', 'Yes');
    await panel.waitForText('No partner of record');
    expect(written()).toEqual([FIRST, SECOND, null]);
  });

  it('has no dead control in the popup, and is asked for no list', async () => {
    const { browser } = there;
    const popup = await browser.open(browser.extensionUrl(POPUP_PAGE));
    await popup.getByRole('tab', { name: 'Partner', exact: true }).waitFor();
    expect(await popup.getByRole('button', { name: 'Check ID' }).count()).toBe(0);
    expect(await popup.getByRole('link', { name: 'All subscriptions' }).count()).toBe(0);
    const subscriptions = await browser.open(browser.extensionUrl(SUBSCRIPTIONS_PAGE));
    await subscriptions.getByText('does not list its subscriptions').waitFor();
    expect(await subscriptions.getByRole('alert').count()).toBe(0);
  });
});
