import { readFile } from 'node:fs/promises';
import type { Page, Worker } from 'playwright-core';
import type { ExtensionBrowser } from './browser';
import { tabAt } from './sender';
import type { Backstage } from './worker';

/** What the extension's pages, and its script on a portal, can do. */
declare const chrome: {
  readonly runtime: {
    sendMessage(message: unknown): Promise<unknown>;
    readonly onMessage: { addListener(listener: (message: unknown) => undefined): void };
  };
  readonly storage: Record<'local' | 'sync' | 'managed' | 'session', { get(): Promise<unknown> }>;
  readonly scripting: {
    executeScript(injection: {
      readonly target: { readonly tabId: number };
      readonly func: () => unknown;
    }): Promise<readonly { readonly result: unknown }[]>;
  };
};

/** Where something was found: a place for each piece of text in which a token could be. */
export type Places = Record<string, string>;

/** Collects what every console says from now on. */
export function listenToConsoles({ context }: ExtensionBrowser): () => string {
  const said: string[] = [];
  context.on('console', (message) => said.push(message.text()));
  context.on('weberror', (error) => said.push(String(error.error())));
  const hear = (worker: Worker) => worker.on('console', (message) => said.push(message.text()));
  context.serviceWorkers().forEach(hear);
  // It sleeps now and then, and another comes.
  context.on('serviceworker', hear);
  return () => said.join('\n');
}

/** Runs a function in the extension's own world on the portal page in front. */
export async function inContentScript(backstage: Backstage, page: Page, what: 'listen' | 'tell'): Promise<string> {
  return backstage.page.evaluate(
    async ([tabId, task]) => {
      const listen = () => {
        const heard: string[] = [];
        const { runtime } = chrome;
        const { sendMessage } = runtime;
        Object.assign(globalThis, { heard });
        runtime.onMessage.addListener((message) => {
          heard.push(JSON.stringify(message));
        });
        runtime.sendMessage = async (message: unknown) => {
          const answer = await sendMessage.call(runtime, message);
          heard.push(JSON.stringify([message, answer]));
          return answer;
        };
      };
      const tell = () => JSON.stringify(Reflect.get(globalThis, 'heard'));
      const func = task === 'listen' ? listen : tell;
      const [frame] = await chrome.scripting.executeScript({ target: { tabId }, func });
      return String(frame?.result);
    },
    [await tabAt(backstage, page.url()), what] as const,
  );
}

/** What the extension has stored: each storage area, and each object store of each of its databases. */
export async function stored(backstage: Backstage): Promise<Places> {
  return backstage.page.evaluate(async () => {
    const places: Record<string, string> = {};
    for (const area of ['local', 'sync', 'managed', 'session'] as const) {
      // Left out of the permissions, an area is not there at all.
      const values = await chrome.storage[area]?.get().catch((error: unknown) => String(error));
      places[`storage.${area}`] = JSON.stringify(values ?? null);
    }
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name);
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      for (const store of database.objectStoreNames) {
        places[`indexedDB ${store}`] = await new Promise((resolve, reject) => {
          const reading = database.transaction(store).objectStore(store).getAll();
          reading.onsuccess = () => resolve(JSON.stringify(reading.result));
          reading.onerror = () => reject(reading.error);
        });
      }
      database.close();
    }
    places['caches'] = JSON.stringify(await caches.keys());
    return places;
  });
}

/** All that a page shows or holds: its document, and what stands in its fields. */
export async function shown(page: Page): Promise<string> {
  const fields = await page
    .locator('input, select, textarea')
    .evaluateAll((all) => all.map((field) => (field instanceof HTMLInputElement ? field.value : '')));
  return `${await page.content()}\n${fields.join('\n')}`;
}

export async function downloaded(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFile(await download.path(), 'utf8');
}
