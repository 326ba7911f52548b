import { rm } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BatchProgress } from '../../src/domain/batch';
import { type FaultProxy, isWrite, type SeenRequest, startFaultProxy } from './harness/fault-proxy';
import { folderOfMany, manyId } from './harness/many-subscriptions';
import { FABRIKAM, NORTHWIND } from './harness/partners';
import { until } from './harness/until';
import { startWorld, SUBSCRIPTIONS_PAGE, type World } from './harness/world';

/** The extension API of the page that an evaluated function runs in. */
declare const chrome: { readonly storage: { readonly session: { set(items: object): Promise<void> } } };

/** Many changes at once in the browser, while requests fail, the worker is killed and the page is closed. */

const CHANGES = Number(process.env['CHANGES'] ?? 100);
/** The part of the subscriptions that what follows is about: one in so many. */
const ONE_IN = 100;
/** So many a connection has on the wire at once. */
const WIDTH = 4;
const OTHERS = 20;
const PATIENT = { patienceMs: 60_000 + CHANGES * 200 };
const PATIENT_PAGE = { timeout: PATIENT.patienceMs };
const WALL_SECONDS = 12;

let folder: string;
let world: World;
let other: FaultProxy;
let ids: { readonly first: string; readonly second: string };

beforeAll(async () => {
  folder = await folderOfMany(CHANGES + OTHERS);
  world = await startWorld({}, { dataFolder: folder });
  other = await startFaultProxy(world.service.url);
  await saveToken(other.url, 'Second', null);
  ids = { first: await connectionAt(world.proxy.url), second: await connectionAt(other.url) };
  for (const connectionId of Object.values(ids))
    for (const { partnerId } of [FABRIKAM, NORTHWIND])
      await world.backstage.call('partner.check', { partnerId, connectionId });
  // Both are of the same service: the list is that of the first.
  other.draw(({ path }) => (path.startsWith('/subscriptions?') ? { kind: 'resetBefore' } : undefined));
}, 300_000);
afterEach(() => world.proxy.reset());
afterAll(async () => {
  await other?.close();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Saves a connection with the service's token, as the options page does. */
async function saveToken(address: string, name: string, edited: string | null): Promise<void> {
  const { page, call } = world.backstage;
  await page.evaluate((typedToken) => chrome.storage.session.set({ typedToken }), world.service.token);
  const form = { name, kind: 'service', address, portals: [], tenants: [], signIn: 'accessToken' } as const;
  const asked = { ...form, token: 'typed', remember: true, edited, abandonOpenChanges: false } as const;
  expect(await call('connection.save', asked)).toEqual({ ok: true });
}

/** The ID of the connection that calls that address. */
async function connectionAt(address: string): Promise<string> {
  const stored = JSON.parse(await world.backstage.storedLocally());
  const connections: readonly { id: string; address: string }[] = stored.settings.connections;
  const found = connections.find((connection) => connection.address === address);
  if (found === undefined) throw new Error(`No connection calls ${address}: ${JSON.stringify(connections)}`);
  return found.id;
}

const subscriptionIn = ({ path }: SeenRequest) => path.split('/')[2] ?? '';
const numberOf = (id: string) => Number(id.slice(-12));

async function openList(): Promise<Page> {
  const page = await world.browser.open(world.browser.extensionUrl(`${SUBSCRIPTIONS_PAGE}?filter=Many+Ltd`));
  await page.getByRole('table', { name: 'Subscriptions' }).waitFor();
  return page;
}

/** What changed each of them, by the service's own log, newest first. */
async function effectsOf(from: number, count: number): Promise<(readonly string[])[]> {
  const numbers = Array.from({ length: count }, (_, n) => from + n);
  const all: (readonly string[])[] = [];
  for (let at = 0; at < numbers.length; at += 20) {
    const some = numbers.slice(at, at + 20).map((n) => world.service.effects(manyId(n)));
    all.push(...(await Promise.all(some)).map((effects) => effects.map(({ after }) => after?.partnerId ?? 'none')));
  }
  return all;
}

/** Asks for that partner for those of the many, as they are at the service now; answers the batch's ID. */
async function ask(connectionId: string, from: number, count: number, partnerId: string): Promise<string> {
  const id = crypto.randomUUID();
  const records = (await world.service.subscriptions()).filter(({ subscriptionId }) => {
    const n = numberOf(subscriptionId) - from;
    return subscriptionId === manyId(numberOf(subscriptionId)) && n >= 0 && n < count;
  });
  const items = records.map(({ subscriptionId, displayName, partnerOfRecord, etag }) => ({
    subscriptionId,
    name: displayName,
    page: null,
    before: partnerOfRecord && { partnerId: partnerOfRecord.partnerId, name: partnerOfRecord.name },
    basedOn: etag,
    after: partnerId,
  }));
  const answer = await world.backstage.call('batch.ask', { id, connectionId, kind: 'bulk', items });
  expect(answer).toMatchObject({ ok: true, asked: count });
  return id;
}

/** How far that batch is, as it is on the disk. */
async function progressOf(batchId: string): Promise<Partial<Record<string, number>>> {
  return world.backstage.page.evaluate(countOutcomes, batchId);
}

/** Runs in a page of the extension. */
function countOutcomes(batchId: string): Promise<Partial<Record<string, number>>> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('outcomes').objectStore('outcomes').getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        opening.result.close();
        const counts: Partial<Record<string, number>> = {};
        for (const { batch, outcome } of reading.result)
          if (batch === batchId) counts[outcome] = (counts[outcome] ?? 0) + 1;
        resolve(counts);
      };
    };
  });
}

const ended = (batchId: string, counts: Partial<BatchProgress['counts']>) =>
  until(
    `the end of a batch with ${JSON.stringify(counts)}`,
    async () => JSON.stringify(await progressOf(batchId)) === JSON.stringify(counts),
    { ...PATIENT, state: async () => JSON.stringify(await progressOf(batchId)) },
  );

describe('Many changes in bulk', () => {
  it(`each succeed once though 1 % of answers are 503 and 1 % refusals, the worker is killed three times and the page closed; Undo puts all back`, async () => {
    const { proxy, backstage } = world;
    const refused = (n: number) => n % ONE_IN === 7;
    const failing = (n: number) => n % ONE_IN === 13 || n % ONE_IN === 57;
    const lost = (n: number) => n % ONE_IN === 31;
    const tries = new Map<string, number>();
    proxy.draw((request) => {
      if (!isWrite(request)) return undefined;
      const id = subscriptionIn(request);
      const n = numberOf(id);
      const tried = (tries.get(id) ?? 0) + 1;
      tries.set(id, tried);
      const error = (code: string) => JSON.stringify({ error: { code, message: 'No.' } });
      if (refused(n)) {
        return n % (2 * ONE_IN) === 7
          ? { kind: 'answer', status: 403, body: error('NotPermitted') }
          : { kind: 'answer', status: 404, body: error('SubscriptionNotFound') };
      }
      if (tried > 1) return undefined;
      if (failing(n)) return { kind: 'answer', status: 503, headers: { 'retry-after': '1' } };
      return lost(n) ? { kind: 'resetAfter' } : undefined;
    });

    const page = await openList();
    await page
      .getByText(`${CHANGES + OTHERS} of `)
      .first()
      .waitFor(PATIENT_PAGE);
    await page.getByRole('checkbox', { name: 'Select all' }).check();
    await page.getByRole('textbox', { name: 'Partner ID' }).fill(FABRIKAM.partnerId);
    await page.getByRole('button', { name: 'Check ID' }).click();
    const save = page.getByRole('button', { name: `Save partner for ${CHANGES + OTHERS}` });
    await save.click(PATIENT_PAGE);
    await page.getByText('You may close this page').waitFor(PATIENT_PAGE);

    const all = CHANGES + OTHERS;
    const done = () => proxy.writes().filter(({ serviceStatus }) => serviceStatus === 200).length;
    const reach = (part: number) => until(`${part} of it`, async () => done() >= all * part, PATIENT);
    await reach(0.15);
    await backstage.killWorker();
    await backstage.askWorker();
    await reach(0.3);
    await page.close();
    await reach(0.45);
    await backstage.killWorker();
    await backstage.askWorker();
    await reach(0.7);
    await backstage.killWorker();
    await backstage.askWorker();

    const again = await openList();
    const report = again.getByRole('article').first();
    const refusals = Array.from({ length: all }, (_, n) => n).filter(refused);
    await report.getByText('All changes have ended').waitFor(PATIENT_PAGE);
    const told = await report.getByRole('status').first().textContent();
    expect(told).toContain(`${all - refusals.length} done`);
    expect(told).toContain(`${refusals.length} failed`);
    await report.getByRole('button', { name: 'Outcome' }).click();
    const effects = await effectsOf(0, all);
    expect(effects.map((one, n) => (refused(n) ? one.length === 0 : one.join() === FABRIKAM.partnerId))).toEqual(
      effects.map(() => true),
    );

    await report.getByRole('button', { name: 'Undo these' }).click();
    await again.getByRole('article').nth(1).waitFor(PATIENT_PAGE);
    await again.getByRole('article').first().getByText('All changes have ended').waitFor(PATIENT_PAGE);
    const undone = await effectsOf(0, all);
    expect(undone.map((one) => one.join())).toEqual(
      undone.map((_, n) => (refused(n) ? '' : `none,${FABRIKAM.partnerId}`)),
    );
    await again.close();
  });
});

describe('Many changes of one connection', () => {
  const requestsSince = (before: number) => world.proxy.writes().slice(before);

  it('into a wall of 429 send one lane’s width before the time is up, also after the worker was killed, and another connection goes on', async () => {
    const { proxy, backstage } = world;
    const isWall = { now: true };
    proxy.draw((request) =>
      isWall.now && isWrite(request)
        ? { kind: 'answer', status: 429, headers: { 'retry-after': String(WALL_SECONDS) } }
        : undefined,
    );
    const begun = Date.now();
    const held = await ask(ids.first, 0, CHANGES, NORTHWIND.partnerId);
    await until('the first request', async () => requestsSince(0).length > 0);
    await until('the answers', async () => requestsSince(0).every(({ endedAt }) => endedAt !== null));
    await backstage.killWorker();
    await backstage.askWorker();
    const free = await ask(ids.second, CHANGES, OTHERS, NORTHWIND.partnerId);
    await ended(free, { done: OTHERS });
    // Else it would have shown nothing of the wall.
    expect(Date.now() - begun).toBeLessThan(WALL_SECONDS * 1000);
    expect(requestsSince(0).length).toBeLessThanOrEqual(WIDTH);
    isWall.now = false;
    await ended(held, { done: CHANGES });
  });

  it('into a 401 send one lane’s width until somebody has signed in, also after the worker was killed', async () => {
    const { proxy, backstage } = world;
    const isOut = { now: true };
    proxy.draw((request) => (isOut.now && isWrite(request) ? { kind: 'answer', status: 401 } : undefined));
    const held = await ask(ids.first, 0, CHANGES, FABRIKAM.partnerId);
    await until('the first request', async () => requestsSince(0).length > 0);
    await until('the answers', async () => requestsSince(0).every(({ endedAt }) => endedAt !== null));
    await backstage.killWorker();
    await backstage.askWorker();
    await backstage.ringAlarm();
    const free = await ask(ids.second, CHANGES, OTHERS, FABRIKAM.partnerId);
    await ended(free, { done: OTHERS });
    expect(requestsSince(0).length).toBeLessThanOrEqual(WIDTH);
    isOut.now = false;
    await saveToken(proxy.url, 'First', ids.first);
    await ended(held, { done: CHANGES });
  });
});
