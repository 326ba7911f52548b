import { afterAll, beforeAll, expect, it } from 'vitest';
import { POPUP_PAGE } from './harness/addresses';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';

/** The extension API of the page that an evaluated function runs in. */
declare const chrome: {
  readonly alarms: { create(name: string, when: object): Promise<void> };
};

const CONTOSO = '4711001';
const FABRIKAM = '4711002';
const TENANTS = 3;

let world: AzureWorld;
let backstage: Backstage;

beforeAll(async () => {
  world = await startAzureWorld({ tenants: TENANTS });
  backstage = await openBackstage(world.browser);
  const { management, directory, entra, ada } = world;
  management.partners.set(CONTOSO, 'Contoso Consulting').set(FABRIKAM, 'Fabrikam');
  for (const { id } of directory.tenants) management.setLink({ user: ada.user, tenant: id }, CONTOSO);
  entra.atPage = ada.user;
  const { connectionId } = world;
  expect(await backstage.call('azure.signIn', { connectionId, user: null, tenant: null })).toMatchObject({
    kind: 'signedIn',
  });
  // From now on nobody is at a page that opens.
  entra.atPage = null;
});
afterAll(() => world.close());

/** Runs in a page of the extension: when the last pass ended; null while one goes on, and before. */
function passEnded(): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction('watches').objectStore('watches').getAll();
      reading.onerror = () => reject(reading.error);
      reading.onsuccess = () => {
        opening.result.close();
        const [watching] = reading.result as { pass: object | null; last: { endedAt: number } | null }[];
        resolve(watching?.pass === null ? (watching.last?.endedAt ?? null) : null);
      };
    };
  });
}

/** Runs in a page of the extension: the last pass began a day earlier. */
function ageWatching(): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('partner-of-record');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('watches', 'readwrite');
      const going = transaction.objectStore('watches').openCursor();
      going.onsuccess = () => {
        const cursor = going.result;
        if (cursor === null) return;
        cursor.update({ ...cursor.value, begunAt: cursor.value.begunAt - 24 * 60 * 60_000 });
        cursor.continue();
      };
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  });
}

const endedAt = () => backstage.page.evaluate(passEnded);
const ring = () =>
  backstage.page.evaluate(() => chrome.alarms.create('watch', { when: Date.now(), periodInMinutes: 60 }));

/** Lets the alarm come a day later, and waits for the pass to end. */
async function nextDay(): Promise<void> {
  const before = await endedAt();
  await backstage.page.evaluate(ageWatching);
  await ring();
  await until('the end of a pass', async () => {
    const now = await endedAt();
    return now !== null && now !== before;
  });
}

const found = async () => (await backstage.history()).flatMap((row) => (row.type === 'foreign' ? [row.foreign] : []));

it('A link that is removed behind the extension’s back is announced the next day, without a window, and Restore puts it back', async () => {
  const { management, directory, ada } = world;
  const second = { user: ada.user, tenant: directory.tenants[1]?.id ?? '' };
  const third = { user: ada.user, tenant: directory.tenants[2]?.id ?? '' };
  const reads = () => management.requests.filter(({ method, path }) => method === 'GET' && path.endsWith('/partners'));
  // Entra gives this one's tokens to the person alone.
  world.entra.demand({ ...third, number: 50079, error: 'interaction_required', until: 'signedInThere' });
  await backstage.call('watch.save', { watch: 'hour', watched: 'all' });
  await until('the end of the first pass', async () => (await endedAt()) !== null);
  expect([await found(), reads().length]).toEqual([[], TENANTS - 1]);

  management.setLink(second, null);
  await backstage.killWorker();
  await nextDay();
  expect(await found()).toMatchObject([
    { targetName: 'Tenant 2 (ada@tenant1.example)', before: { partnerId: CONTOSO }, after: null, seen: false },
  ]);
  expect(reads()).toHaveLength(2 * (TENANTS - 1));
  const shown = world.entra.requests.filter(({ what, asked }) => what === 'authorize' && asked['prompt'] !== 'none');
  expect(shown).toHaveLength(1);
  await expect.poll(() => backstage.badge()).toBe('1');

  management.nextChange(second);
  const popup = await world.browser.open(world.browser.extensionUrl(POPUP_PAGE));
  const needs = popup.getByRole('region', { name: 'Needs you' });
  await needs.getByRole('heading', { name: 'Tenant 2' }).waitFor();
  await needs.getByText('Changed elsewhere from Contoso Consulting').getByText('no partner link').waitFor();
  await needs.getByRole('button', { name: 'Restore' }).click();
  await expect.poll(() => management.link(second)?.partnerId).toBe(CONTOSO);
  await expect.poll(() => backstage.badge()).toBe('');
  await nextDay();
  expect(await found()).toHaveLength(1);
  expect(world.violations()).toEqual([]);
});
