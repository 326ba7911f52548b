import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { ShippedDatabase } from '../unit/storage/fixtures/shipped-database';
import version1 from '../unit/storage/fixtures/version-1.json';
import { copyExtension } from './harness/browser';
import { type Panel, panelOn } from './harness/panel';
import { check, FABRIKAM, NORTHWIND, oneWorld, tryAgain } from './harness/spec';
import { until } from './harness/until';
import { azurePage, POPUP_PAGE, startWorld } from './harness/world';

const SHIPPED: readonly ShippedDatabase[] = [version1];

/** Longer than Chromium 156 keeps a database ready that nobody has open. */
const NOBODY_MS = 3000;

const spec = oneWorld();

/** Saves a partner on a panel and waits until the change is done, with one effect and a row in the history. */
async function saveOn(panel: Panel, subscriptionId: string, partner: typeof FABRIKAM): Promise<void> {
  await check(panel, partner);
  await panel.click('button', 'Save partner');
  await panel.waitForText('Partner information has been changed.');
  await spec.world.backstage.waitForChange(subscriptionId, 'done');
  expect(await spec.world.effects(subscriptionId)).toHaveLength(1);
}

async function openHistory(): Promise<Page> {
  const popup = await spec.openPage(POPUP_PAGE);
  await popup.getByRole('tab', { name: 'History' }).click();
  await popup.getByRole('radio', { name: 'All' }).check();
  return popup;
}

describe('A database that an earlier version of the extension left', () => {
  it.each(SHIPPED)(
    'version $version: every row shows, what was open waits for its connection, and the extension works',
    async (shipped) => {
      const { backstage } = spec.world;
      const rows = shipped.rows['history'] ?? [];
      await backstage.killWorker();
      await backstage.page.evaluate(putBack, JSON.stringify(shipped));

      const popup = await openHistory();
      const entries = popup.getByRole('list', { name: 'History' }).getByRole('listitem');
      await expect.poll(() => entries.count()).toBe(rows.length);
      await popup.getByText('1 entry could not be read and is left out.').waitFor();
      // Their connection is none of this installation's.
      await backstage.ringAlarm();
      const waits = async () => {
        const open = await backstage.history('openTarget');
        return open.map((row) => row.type === 'change' && row.change.life.state === 'waiting' && row.change.life.for);
      };
      await expect.poll(waits).toEqual(Array(4).fill('connection'));
      await entries.filter({ hasText: 'its connection is missing' }).first().waitFor();
      expect(await backstage.history()).toHaveLength(rows.length);

      const record = await spec.world.newSubscription();
      const { panel } = await spec.openPanel(record);
      await saveOn(panel, record.subscriptionId, FABRIKAM);
      expect(await backstage.history()).toHaveLength(rows.length + 2);
    },
  );

  it('with a row that cannot be read shows the others, and says that one is left out', async () => {
    const { backstage } = spec.world;
    const before = (await backstage.history()).length;
    await backstage.page.evaluate(damageNewest);
    const popup = await openHistory();
    await popup.getByText('2 entries could not be read and are left out.').waitFor();
    const entries = popup.getByRole('list', { name: 'History' }).getByRole('listitem');
    await expect.poll(() => entries.count()).toBe(before - 1);
  });
});

describe('A database that something else holds', () => {
  it('is told of in panel and popup; once it is let go and gone, the extension works with an empty history', async () => {
    const { backstage, newSubscription } = spec.world;
    const [known, other] = [await newSubscription(), await newSubscription()];
    const { panel } = await spec.openPanel(known);
    await backstage.page.evaluate(holdAndDelete);

    const told = /of the extension holds the history/;
    const second = panelOn(await spec.open(azurePage(other.subscriptionId)));
    await second.waitForText(told);
    const popup = await openHistory();
    await popup.getByRole('alert').filter({ hasText: told }).waitFor();
    await panel.type('Partner ID', FABRIKAM.partnerId);
    await panel.click('button', 'Check ID');
    await panel.waitForText(told);

    await backstage.page.evaluate(letGo);
    await tryAgain(second, 'No partner of record');
    await saveOn(second, other.subscriptionId, NORTHWIND);
    await popup.reload();
    await popup.getByRole('tab', { name: 'History' }).click();
    await popup.getByText(NORTHWIND.name).first().waitFor();
  });

  it('because a later version of the extension wrote it says so', async () => {
    const { backstage } = spec.world;
    const told = 'later version of this extension wrote the history';
    const record = await spec.world.newSubscription();
    const { page, panel } = await spec.openPanel(record);
    await backstage.page.evaluate(writeAsLater);
    const popup = await openHistory();
    await popup.getByRole('alert').filter({ hasText: told }).waitFor();
    await panel.type('Partner ID', FABRIKAM.partnerId);
    await panel.click('button', 'Check ID');
    await panel.waitForText(told);
    await tryAgain(panel, told);

    // What is still being answered may take the alert away before a button in it can be pressed: the page is opened anew.
    await backstage.page.evaluate(deleteIt);
    await page.reload();
    await panel.waitForText('No partner of record');
    await panel.waitGone('alert', /./);
    await saveOn(panel, record.subscriptionId, FABRIKAM);
  });
});

describe('A full disk', () => {
  it('is told where a change was asked for, and nothing is sent that could not be noted down', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'partner-of-record-limited-'));
    // With the right to unlimited storage Chromium holds it to no quota that a test could set.
    await copyExtension(folder, ({ permissions, ...manifest }) => ({
      ...manifest,
      permissions: permissions.filter((permission) => permission !== 'unlimitedStorage'),
    }));
    const world = await startWorld({ extension: folder });
    try {
      const { browser, backstage, proxy } = world;
      const record = await world.newSubscription();
      const panel = panelOn(await browser.open(azurePage(record.subscriptionId)));
      await check(panel, FABRIKAM);
      const session = await browser.context.newCDPSession(backstage.page);
      const origin = browser.extensionUrl('').replace(/\/$/, '');
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
      // Chromium 156 goes by the room that it knew of, until nobody has had a database open for a moment.
      await backstage.killWorker();
      const look = () => pause(NOBODY_MS).then(() => backstage.page.evaluate(isFull));
      await until('a full disk', look, { patienceMs: 40_000 });
      await panel.click('button', 'Save partner');
      await panel.waitForText('no room left to note this');
      expect(proxy.writes()).toEqual([]);
      expect(await backstage.changesOf(record.subscriptionId)).toEqual([]);

      await session.send('Storage.overrideQuotaForOrigin', { origin });
      await panel.click('button', 'Save partner');
      await panel.waitForText('Partner information has been changed.');
      expect(await world.effects(record.subscriptionId)).toHaveLength(1);
    } finally {
      await world.close();
      await rm(folder, { recursive: true });
    }
  });
});

// These run in a page of the extension, with the browser's own means alone.

/** Puts a {@link ShippedDatabase} in the place of what is there. */
function putBack(json: string): Promise<void> {
  const shipped: ShippedDatabase = JSON.parse(json);
  return new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase('partner-of-record');
    deleting.onerror = () => reject(deleting.error);
    deleting.onsuccess = () => {
      const opening = indexedDB.open('partner-of-record', shipped.version);
      opening.onerror = () => reject(opening.error);
      opening.onupgradeneeded = () => {
        for (const { name, keyPath, indexes } of shipped.stores) {
          const store = opening.result.createObjectStore(name, { keyPath });
          for (const index of indexes) store.createIndex(index.name, index.keyPath, { unique: index.unique });
          for (const { key, value } of shipped.rows[name] ?? []) {
            if (keyPath === null) store.put(value, key);
            else store.put(value);
          }
        }
      };
      opening.onsuccess = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}

function damageNewest(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('rows', 'readwrite');
      const finding = transaction.objectStore('rows').index('newestFirst').openCursor();
      finding.onsuccess = () => {
        finding.result?.update({ ...finding.result.value, row: { type: 'check', id: finding.result.primaryKey } });
      };
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}

/** Keeps a connection that does not make way, with a deletion waiting for it. */
function holdAndDelete(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      addEventListener('let go', () => opening.result.close(), { once: true });
      const deleting = indexedDB.deleteDatabase('partner-of-record');
      deleting.onblocked = () => resolve();
    };
  });
}

function letGo(): void {
  dispatchEvent(new Event('let go'));
}

/** Whether there is no room for anything more, tried on a database of its own. */
function isFull(): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('room');
    opening.onupgradeneeded = () => opening.result.createObjectStore('room', { autoIncrement: true });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('room', 'readwrite');
      transaction.objectStore('room').add('x'.repeat(1000));
      const end = (full: boolean) => {
        opening.result.close();
        resolve(full);
      };
      transaction.oncomplete = () => end(false);
      transaction.onabort = () => end(transaction.error?.name === 'QuotaExceededError');
    };
  });
}

function deleteIt(): Promise<void> {
  return new Promise((resolve, reject) => {
    const deleting = indexedDB.deleteDatabase('partner-of-record');
    deleting.onerror = () => reject(deleting.error);
    deleting.onsuccess = () => resolve();
  });
}

function writeAsLater(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record', 99);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      opening.result.close();
      resolve();
    };
  });
}
