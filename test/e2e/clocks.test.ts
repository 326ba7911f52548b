import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ExtensionBrowser, launchBrowser } from './harness/browser';
import { type FaultProxy, isWrite, startFaultProxy } from './harness/fault-proxy';
import { fillConnection, saveConnection, testConnection } from './harness/options';
import { type Panel, panelOn } from './harness/panel';
import { type Portals, startPortals } from './harness/portals';
import { type Service, startService } from './harness/service';
import { ADATUM, check, FABRIKAM, NORTHWIND } from './harness/spec';
import { until } from './harness/until';
import { openBackstage } from './harness/worker';
import { azurePage } from './harness/world';

/** The extension API of the page that an evaluated function runs in. */
declare const chrome: {
  readonly alarms: { getAll(): Promise<{ name: string; scheduledTime: number; periodInMinutes: number }[]> };
};

const DAY_SECONDS = 24 * 60 * 60;

let service: Service;
let proxy: FaultProxy;
let portals: Portals;
let profile: string;
let running: ExtensionBrowser | undefined;

beforeAll(async () => {
  [service, portals, profile] = await Promise.all([
    startService(),
    startPortals(),
    mkdtemp(join(tmpdir(), 'partner-of-record-clocks-')),
  ]);
  proxy = await startFaultProxy(service.url);
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(async () => {
  await Promise.all([proxy.close(), portals.close(), service.stop()]);
  await rm(profile, { recursive: true, force: true });
});

async function launch(clockAhead?: number): Promise<ExtensionBrowser> {
  const { hostResolverRules } = portals;
  running = await launchBrowser({ hostResolverRules, profile, ...(clockAhead !== undefined && { clockAhead }) });
  return running;
}

async function openPanel(browser: ExtensionBrowser, subscriptionId: string): Promise<Panel> {
  const panel = panelOn(await browser.open(azurePage(subscriptionId)));
  await panel.waitFor('region', 'Partner of record');
  return panel;
}

describe('A profile that was used while the clock was a day ahead, and is used with it put right', () => {
  it('is told so; hides no newer partner, tells of it once, and has no alarm that waits for that day', async () => {
    const [met, changed] = (await service.subscriptions()).filter(({ caller }) => caller.canChangePartner);
    if (met === undefined || changed === undefined) throw new Error('The demo has too few subscriptions');
    for (const { subscriptionId } of [met, changed]) await service.setPartner(subscriptionId, NORTHWIND.partnerId);

    const ahead = await launch(DAY_SECONDS);
    const options = await ahead.welcomePage();
    await fillConnection(options, proxy.url, service.token);
    await options.getByRole('checkbox', { name: 'Remember on this device' }).check();
    await testConnection(options);
    await options.getByText('This computer’s clock is 24 hours ahead of the service’s: set it right.').waitFor();
    await saveConnection(options);
    await (await openPanel(ahead, met.subscriptionId)).waitForText(NORTHWIND.name);
    // A change is left open, and with it an alarm.
    proxy.plan(isWrite, { kind: 'answer', status: 503, headers: { 'retry-after': '600' } }, 1000);
    const asking = await openPanel(ahead, changed.subscriptionId);
    await asking.waitForText(NORTHWIND.name);
    await asking.click('button', 'Change');
    await check(asking, ADATUM);
    await asking.click('button', 'Save partner');
    await (await openBackstage(ahead)).waitForChange(changed.subscriptionId, 'waiting');
    await ahead.close();

    await service.setPartner(met.subscriptionId, FABRIKAM.partnerId);
    const right = await launch();
    const backstage = await openBackstage(right);
    await until('alarms that come within their period', async () => {
      const alarms = await backstage.page.evaluate(() => chrome.alarms.getAll());
      const names = alarms.map(({ name }) => name).toSorted();
      const stands = alarms.filter((one) => one.scheduledTime - Date.now() > one.periodInMinutes * 60_000 + 1000);
      return names.join() === 'changes,prune' && stands.length === 0;
    });
    const panel = await openPanel(right, met.subscriptionId);
    await panel.waitForText(FABRIKAM.name);
    const again = await openPanel(right, met.subscriptionId);
    await again.waitForText(FABRIKAM.name);
    await backstage.call('subscription.read', { subscriptionId: met.subscriptionId, anew: true });
    const foreign = async () => (await backstage.history()).filter(({ type }) => type === 'foreign');
    await expect.poll(foreign).toMatchObject([{ foreign: { after: { partnerId: FABRIKAM.partnerId } } }]);
  });
});

describe('A clock that is a year ahead', () => {
  it('removes nothing by its age until the service has told the time, and then what is too old by that', async () => {
    running = await launchBrowser({ clockAhead: 365 * DAY_SECONDS });
    const options = await running.welcomePage();
    const backstage = await openBackstage(running);
    const limits = { retention: { maxAgeDays: 30, maxRows: null }, mayRemove: 100 };
    // The database is there once this is answered.
    await backstage.call('retention.preview', limits);
    const times = [1, 24, 40 * 24].map((hours) => Date.now() - hours * 3_600_000);
    await backstage.page.evaluate(writeChecks, times);
    expect(await backstage.call('retention.save', limits)).toEqual({ ok: true, removed: 0 });
    await fillConnection(options, proxy.url, service.token);
    expect(await backstage.history()).toHaveLength(3);
    await testConnection(options);
    expect(await backstage.call('retention.save', limits)).toEqual({ ok: true, removed: 1 });
    expect((await backstage.history()).map(({ at }) => at)).toEqual(times.slice(0, 2));
  });
});

/** Runs in a page of the extension: writes checks that were made at those times. */
function writeChecks(times: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('rows', 'readwrite');
      for (const at of times) {
        const id = crypto.randomUUID();
        const check = {
          id,
          connectionId: id,
          partnerId: '4852013',
          checkedAt: at,
          outcome: { kind: 'unknownPartner' },
        };
        const row = { type: 'check', id, at, check };
        transaction.objectStore('rows').put({ id, shape: 4, order: -at, at, checkedPartner: [id, '4852013'], row });
      }
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      transaction.onabort = () => reject(transaction.error);
    };
  });
}
