import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyExtension, type ExtensionBrowser, launchBrowser } from './harness/browser';
import { type FaultProxy, isWrite, startFaultProxy } from './harness/fault-proxy';
import { fillConnection, saveConnection } from './harness/options';
import { type Panel, panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { type Service, startService } from './harness/service';
import { check, FABRIKAM, NORTHWIND } from './harness/spec';
import { openBackstage } from './harness/worker';
import { azurePage } from './harness/world';

/** The alarm that starts a worker again for its open changes comes every 30 s. */
const NEXT_ALARM_MS = 45_000;

let service: Service;
let proxy: FaultProxy;
let portals: Portals;
let folder: string;
let subscriptions: string[];
let running: ExtensionBrowser | undefined;

beforeAll(async () => {
  [service, portals, folder] = await Promise.all([
    startService(),
    startPortals(),
    mkdtemp(join(tmpdir(), 'partner-of-record-lifecycle-')),
  ]);
  proxy = await startFaultProxy(service.url);
  subscriptions = (await service.subscriptions())
    .filter(({ caller, partnerOfRecord }) => caller.canChangePartner && partnerOfRecord === null)
    .map(({ subscriptionId }) => subscriptionId);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  proxy.reset();
});
afterAll(async () => {
  await Promise.all([proxy.close(), portals.close(), service.stop()]);
  await rm(folder, { recursive: true, force: true });
});

async function launch(options: { profile?: string; extension?: string } = {}): Promise<ExtensionBrowser> {
  running = await launchBrowser({ hostResolverRules: portals.hostResolverRules, ...options });
  return running;
}

/** Connects the extension on its welcome page. */
async function connect(browser: ExtensionBrowser, { remember = false } = {}): Promise<void> {
  const welcome = await browser.welcomePage();
  await fillConnection(welcome, proxy.url, service.token);
  if (remember) await welcome.getByRole('checkbox', { name: 'Remember on this device' }).check();
  await saveConnection(welcome);
  await welcome.close();
}

function takeSubscription(): string {
  const subscriptionId = subscriptions.pop();
  if (subscriptionId === undefined) throw new Error('The demo has no other subscription without a partner');
  return subscriptionId;
}

async function openPanel(browser: ExtensionBrowser, subscriptionId: string): Promise<Panel> {
  const panel = panelOn(await browser.open(azurePage(subscriptionId)));
  await panel.waitFor('region', 'Partner of record');
  return panel;
}

describe('The first start', () => {
  it('opens a welcome; a panel says that no service is set up, and works as soon as one is', async () => {
    const browser = await launch();
    const subscriptionId = takeSubscription();
    const panel = await openPanel(browser, subscriptionId);
    await panel.waitForText('No service is set up yet');
    expect(await panel.find('textbox', 'Partner ID')).toBeNull();
    const welcome = await browser.welcomePage();
    await welcome.getByText('It changes nothing at Microsoft').first().waitFor();
    await panel.click('button', 'Open options');
    await connect(browser);
    await panel.waitForText('No partner of record');
    await panel.waitFor('textbox', 'Partner ID');
  });
});

describe('An update of the extension', () => {
  /** A copy of the extension whose version can be raised under a running browser. */
  async function updatable() {
    const extension = await mkdtemp(join(folder, 'extension-'));
    await copyExtension(extension, (manifest) => manifest);
    return {
      extension,
      async update(browser: ExtensionBrowser, more: object = {}): Promise<void> {
        await copyExtension(extension, (manifest) => ({ ...manifest, version: '99.0.0', ...more }));
        const session = await browser.context.browser()?.newBrowserCDPSession();
        await session?.send('Extensions.loadUnpacked', { path: extension });
      },
    };
  }

  it('under an open page puts the new panel in the old one’s place, and it works', async () => {
    const { extension, update } = await updatable();
    const browser = await launch({ extension });
    // Chromium 156 empties its session's storage at an update: only a remembered token is still there.
    await connect(browser, { remember: true });
    const subscriptionId = takeSubscription();
    const page = await browser.open(azurePage(subscriptionId));
    const panel = panelOn(page);
    await panel.waitForText('No partner of record');
    await panel.type('Partner ID', NORTHWIND.partnerId);
    await update(browser);
    // What was typed goes with the old panel: its absence tells the new one.
    await expect.poll(async () => (await panel.find('textbox', 'Partner ID'))?.value).toBe('');
    await expect.poll(() => panel.count()).toBe(1);
    await check(panel, FABRIKAM);
    await panel.click('button', 'Save partner');
    await panel.waitForText('Partner information has been changed.');
    expect((await service.read(subscriptionId)).partnerOfRecord?.partnerId).toBe(FABRIKAM.partnerId);
  });

  it('that does not come to the page any more leaves a panel that says what to do, in the words that it has', async () => {
    const { extension, update } = await updatable();
    const browser = await launch({ extension });
    await connect(browser, { remember: true });
    const panel = await openPanel(browser, takeSubscription());
    await panel.waitForText('No partner of record');
    // With no script to set on open pages the new version leaves the old one's panel where it is.
    await update(browser, { content_scripts: [] });
    await panel.waitForText('Reload the page to continue.');
    await panel.waitFor('alert', '');
    expect(await panel.find('textbox', 'Partner ID')).toBeNull();
    await expect.poll(() => panel.count()).toBe(1);
  });

  it('in the middle of a change loses and doubles nothing', async () => {
    const { extension, update } = await updatable();
    const browser = await launch({ extension });
    await connect(browser, { remember: true });
    const subscriptionId = takeSubscription();
    const panel = await openPanel(browser, subscriptionId);
    await check(panel, FABRIKAM);
    const hold = proxy.hold('after', isWrite);
    await panel.click('button', 'Save partner');
    await hold.arrived;
    await update(browser);
    hold.release();
    await panel.waitForText(FABRIKAM.name, { patienceMs: NEXT_ALARM_MS });
    const backstage = await openBackstage(browser);
    await backstage.waitForChange(subscriptionId, 'done', NEXT_ALARM_MS);
    expect((await service.effects(subscriptionId)).length).toBe(1);
    expect(new Set(proxy.writes().map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });
});

describe('An extension that is switched off under an open page', () => {
  it('leaves a panel that asks to reload the page, and nothing else', async () => {
    const browser = await launch();
    await connect(browser);
    const panel = await openPanel(browser, takeSubscription());
    await panel.waitForText('No partner of record');
    const extensions = await browser.open('chrome://extensions/');
    await extensions.evaluate((id) => chrome.management.setEnabled(id, false), browser.id);
    await panel.waitForText('Reload the page to continue.');
    expect(await panel.find('button', 'Check ID')).toBeNull();
  });
});

/** What the browser's own page of extensions can do, for lack of a person to click there. */
declare const chrome: { readonly management: { setEnabled(id: string, enabled: boolean): Promise<void> } };
