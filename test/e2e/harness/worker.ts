import type { Page } from 'playwright-core';
import type { Change } from '../../../src/domain/change';
import type { HistoryRow } from '../../../src/domain/history';
import type { ExtensionBrowser } from './browser';
import { PATIENCE_MS, until } from './until';

/** The extension API of the page that an evaluated function runs in; the tests themselves have none. */
declare const chrome: {
  readonly runtime: { sendMessage(message: object): Promise<unknown> };
  readonly action: { getBadgeText(details: object): Promise<string> };
  readonly storage: { readonly local: { get(): Promise<unknown> } };
};

/** A bare page of the extension's origin, to look at its storage and to reach its worker without any page's script running. */
export interface Backstage {
  /** Ends the worker at once, as the browser may at any moment. */
  killWorker(): Promise<void>;
  /** Asks the worker something harmless, which starts it when it is not running, and waits for the answer. */
  askWorker(): Promise<unknown>;
  /** Every row of the history, newest first. */
  history(): Promise<HistoryRow[]>;
  /** The changes of a subscription, newest first. */
  changesOf(subscriptionId: string): Promise<Change[]>;
  /** Waits until the newest change of a subscription is in that state. */
  waitForChange(subscriptionId: string, state: Change['life']['state'], patienceMs?: number): Promise<Change>;
  badge(): Promise<string>;
  /** What `storage.local` holds, as text. */
  storedLocally(): Promise<string>;
  readonly page: Page;
}

export async function openBackstage(browser: ExtensionBrowser): Promise<Backstage> {
  const page = await browser.open(browser.extensionUrl('manifest.json'));
  const session = await browser.context.newCDPSession(page);
  const running = new Set<string>();
  session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
    for (const { versionId, runningStatus } of versions) {
      if (runningStatus === 'running' || runningStatus === 'starting') running.add(versionId);
      else running.delete(versionId);
    }
  });
  await session.send('ServiceWorker.enable');

  const history = (): Promise<HistoryRow[]> => page.evaluate(readHistory);
  const changesOf = async (subscriptionId: string): Promise<Change[]> =>
    (await history())
      .flatMap((row) => (row.type === 'change' ? [row.change] : []))
      .filter(({ target }) => target.kind === 'subscription' && target.id === subscriptionId);
  return {
    page,
    history,
    changesOf,
    askWorker: () => page.evaluate(() => chrome.runtime.sendMessage({ name: 'partners.used', input: {} })),
    async killWorker() {
      await session.send('ServiceWorker.stopAllWorkers');
      await until('the end of the worker', async () => running.size === 0);
    },
    waitForChange: (subscriptionId, state, patienceMs = PATIENCE_MS) =>
      until(
        `a change of ${subscriptionId} that is ${state}`,
        async () => {
          const [newest] = await changesOf(subscriptionId);
          return newest?.life.state === state && newest;
        },
        { patienceMs, state: async () => JSON.stringify(await changesOf(subscriptionId), null, 1) },
      ),
    badge: () => page.evaluate(() => chrome.action.getBadgeText({})),
    storedLocally: async () => JSON.stringify(await page.evaluate(() => chrome.storage.local.get())),
  };
}

/** Runs in a page of the extension: all rows as they are stored, without the extension's own code in between. */
async function readHistory(): Promise<HistoryRow[]> {
  const name = 'partner-of-record';
  // Opening one that is not there yet would make it, empty.
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return [];
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const reading = database.transaction('history').objectStore('history').index('newestFirst').getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        database.close();
        resolve(reading.result.map((stored: { row: HistoryRow }) => stored.row));
      };
    };
  });
}
