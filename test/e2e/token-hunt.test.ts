import { readFile } from 'node:fs/promises';
import type { Page, Worker } from 'playwright-core';
import { expect, it } from 'vitest';
import { deferred } from '../support/deferred';
import { isRead, isWrite } from './harness/fault-proxy';
import { fillConnection, saveConnection, testConnection } from './harness/options';
import { tabAt } from './harness/sender';
import { ADATUM, check, FABRIKAM, NORTHWIND, oneWorld } from './harness/spec';
import { until } from './harness/until';
import { OPTIONS_PAGE, POPUP_PAGE, SUBSCRIPTIONS_PAGE } from './harness/world';

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

const spec = oneWorld();

/** No service knows it: typed by mistake, refused, and as secret as the right one. */
const WRONG_TOKEN = 'por_MARKED-token-that-no-service-knows-00000000000';

/** Where something was found: a place for each piece of text in which a token could be. */
type Places = Record<string, string>;

/** Collects what every console says from now on. */
function listenToConsoles(): () => string {
  const said: string[] = [];
  const { context } = spec.world.browser;
  context.on('console', (message) => said.push(message.text()));
  context.on('weberror', (error) => said.push(String(error.error())));
  const hear = (worker: Worker) => worker.on('console', (message) => said.push(message.text()));
  context.serviceWorkers().forEach(hear);
  // It sleeps now and then, and another comes.
  context.on('serviceworker', hear);
  return () => said.join('\n');
}

/** Runs a function in the extension's own world on the portal page in front. */
async function inContentScript(page: Page, what: 'listen' | 'tell'): Promise<string> {
  return spec.world.backstage.page.evaluate(
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
    [await tabAt(spec.world.backstage, page.url()), what] as const,
  );
}

/** What the extension has stored: each storage area, and each object store of each of its databases. */
async function stored(): Promise<Places> {
  return spec.world.backstage.page.evaluate(async () => {
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
async function shown(page: Page): Promise<string> {
  const fields = await page
    .locator('input, select, textarea')
    .evaluateAll((all) => all.map((field) => (field instanceof HTMLInputElement ? field.value : '')));
  return `${await page.content()}\n${fields.join('\n')}`;
}

async function downloaded(page: Page, button: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return readFile(await download.path(), 'utf8');
}

/** The main job with its failures, on every page there is; answers all that was shown, exported and sent to a portal. */
async function work(): Promise<Places> {
  const { world } = spec;
  const { proxy } = world;
  const places: Places = {};
  const record = await world.newSubscription();
  const { page, panel } = await spec.openPanel(record);
  await inContentScript(page, 'listen');
  await check(panel, FABRIKAM);
  await panel.click('button', 'Save partner');
  await panel.waitForText('Partner information has been changed.');
  await panel.click('button', 'Undo');
  await panel.waitForText('Partner information has been removed.');

  // A service that repeats what it was sent.
  const refusal = { error: { code: 'Refused', message: `The request was refused: Bearer ${world.service.token}` } };
  proxy.plan(isWrite, { kind: 'answer', status: 403, body: JSON.stringify(refusal) });
  await check(panel, NORTHWIND);
  await panel.click('button', 'Save partner');
  await panel.waitForText('The request was refused: Bearer [access token]');
  places['panel, refused'] = await panel.text();
  // A refusal has the record read once more.
  await until('the read after the refusal', async () => {
    const { requests } = proxy;
    return requests
      .slice(requests.findLastIndex(isWrite))
      .some((request) => isRead(request) && request.endedAt !== null);
  });
  // Nobody reads of the other partner before Save meets it.
  const reads = deferred();
  proxy.draw((request) => (isRead(request) ? { kind: 'holdBefore', released: reads.promise } : undefined));
  await world.service.setPartner(record.subscriptionId, ADATUM.partnerId);
  await panel.click('button', 'Save partner');
  await panel.waitFor('button', 'Overwrite');
  reads.resolve();
  proxy.draw(() => undefined);
  places['panel, in conflict'] = await panel.text();
  places['messages to the portal'] = await inContentScript(page, 'tell');
  expect(places['messages to the portal']).toContain(ADATUM.partnerId);
  // Not the next one alone: what reads may just be on its way.
  proxy.draw((request) => (isRead(request) ? { kind: 'answer', status: 401 } : undefined));
  await page.reload();
  await panel.waitForText('expired or was withdrawn');
  proxy.draw(() => undefined);
  places['panel, signed out'] = await panel.text();

  const popup = await spec.openPage(POPUP_PAGE);
  await popup.getByRole('textbox', { name: 'Partner IDs' }).fill(`${FABRIKAM.partnerId} 12345678 x`);
  await popup.getByRole('button', { name: 'Check ID' }).click();
  await expect.poll(() => popup.getByRole('listitem').count()).toBe(3);
  await popup.getByRole('tab', { name: 'History' }).click();
  await popup.getByRole('list', { name: 'History' }).getByRole('listitem').first().waitFor();
  places['popup'] = await shown(popup);
  places['exported CSV'] = await downloaded(popup, 'Export CSV');
  places['exported JSON'] = await downloaded(popup, 'Export JSON');

  const subscriptions = await spec.openPage(SUBSCRIPTIONS_PAGE);
  await subscriptions.getByRole('table').waitFor();
  places['subscriptions page'] = await shown(subscriptions);

  const options = await spec.openPage(OPTIONS_PAGE);
  await testConnection(options);
  places['options page'] = await shown(options);
  places['exported settings'] = await downloaded(options, 'Export settings');
  return places;
}

it('A token is where it is kept and nowhere else: remembered or not, right or wrong, after work and failures', async () => {
  const { world } = spec;
  const { token } = world.service;
  const said = listenToConsoles();
  const found = (places: Places) =>
    Object.entries(places)
      .filter(([, text]) => [token, WRONG_TOKEN, token.slice(4, 24)].some((secret) => text.includes(secret)))
      .map(([place]) => place);

  const options = await spec.openPage(OPTIONS_PAGE);
  await fillConnection(options, world.proxy.url, WRONG_TOKEN);
  await options.getByRole('button', { name: 'Test connection' }).click();
  await options.getByText('The service refused this token.').first().waitFor();
  const [, ...others] = (await shown(options)).split(WRONG_TOKEN);
  // In the field of the page where it was typed, until that is saved or left.
  expect(others.length).toBeLessThanOrEqual(1);
  expect(await options.getByLabel('Access token', { exact: true }).getAttribute('type')).toBe('password');
  await options.close();
  expect(found(await stored())).toEqual(['storage.session']);

  const again = await spec.openPage(OPTIONS_PAGE);
  await fillConnection(again, world.proxy.url, token);
  await saveConnection(again);
  expect(found({ 'options page': await shown(again) })).toEqual([]);
  expect(found(await work())).toEqual([]);
  expect(found(await stored())).toEqual(['storage.session']);

  await fillConnection(again, world.proxy.url, token);
  await again.getByRole('checkbox', { name: 'Remember on this device' }).check();
  await saveConnection(again);
  expect(found(await work())).toEqual([]);
  const kept = await stored();
  expect(found(kept)).toEqual(['storage.session', 'indexedDB tokens']);
  expect(Object.keys(kept)).toEqual(
    expect.arrayContaining(['indexedDB rows', 'indexedDB snapshots', 'indexedDB damaged', 'indexedDB tokens']),
  );

  // The search itself works: what was done is in these places.
  expect(kept['indexedDB rows']).toContain(FABRIKAM.partnerId);
  await world.backstage.askWorker();
  await Promise.all(
    world.browser.context.serviceWorkers().map((worker) => worker.evaluate(() => console.info('heard'))),
  );
  await expect.poll(said).toContain('heard');
  expect(found({ consoles: said() })).toEqual([]);
});
