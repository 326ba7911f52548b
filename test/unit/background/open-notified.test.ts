import 'fake-indexeddb/auto';
import 'urlpattern-polyfill';
import { beforeEach, expect, test, vi } from 'vitest';
import { notifyOfForeign } from '../../../src/background/notify';
import type { ForeignChange } from '../../../src/domain/history';
import { createSnapshots } from '../../../src/storage/snapshots';
import { aBatch, itemsOf } from '../../support/batches';
import { START } from '../../support/clock';
import { anEntraConnection, CONNECTION, onlyConnection } from '../../support/connections';
import { createFakeService } from '../../support/fake-service';
import { OLD } from '../../support/partners';
import { state } from '../../support/records';
import { SUBSCRIPTION_ID, TARGET, targetOf, uuid } from '../../support/targets';
import { createWholeWorker, type WholeWorker } from '../../support/whole-worker';
import { createFakeBrowser } from '../../support/worker-browser';

const fake = vi.hoisted(() => ({ browser: {} as Record<string, unknown> }));
vi.mock('../../../src/platform/browser', () => ({
  get browser() {
    return fake.browser;
  },
}));

let whole: WholeWorker;
let opened: string[];
let cleared: string[];
let device: ReturnType<typeof createFakeBrowser>;

beforeEach(async () => {
  device = createFakeBrowser();
  opened = [];
  cleared = [];
  fake.browser = {
    ...device.browser,
    tabs: { ...device.browser.tabs, create: async ({ url }: { url: string }) => void opened.push(url) },
    notifications: { ...device.browser.notifications, clear: async (id: string) => void cleared.push(id) },
  };
  whole = createWholeWorker(() => createFakeService());
  await device.browser.storage.local.set({ settings: { version: 2, ...onlyConnection(CONNECTION) } });
  whole.restart();
});

const LIST = 'chrome-extension://ownextension/src/subscriptions/index.html';

function foreign(more: Partial<ForeignChange> = {}): ForeignChange {
  return {
    id: uuid(1),
    target: TARGET,
    targetName: 'Pro\u202educ',
    before: OLD,
    after: null,
    foundAt: START,
    by: null,
    version: null,
    seen: false,
    ...more,
  };
}

async function write(one: ForeignChange): Promise<void> {
  const snapshot = { state: state(null), readAt: START, readAs: null };
  await createSnapshots(whole.open).writeAfter([{ target: one.target, snapshot, foreign: () => one, least: 1 }]);
}

test('the click on a change made elsewhere leads to the subscription’s page, and the person has met it by that', async () => {
  await write(foreign());
  await whole.worker.openNotified(uuid(1));
  expect(opened).toEqual([expect.stringContaining(SUBSCRIPTION_ID)]);
  expect(opened[0]).toMatch(/^https:\/\/portal\.azure\.com\//);
  expect(cleared).toEqual([uuid(1)]);
  expect(await whole.history.unmetCount()).toBe(0);
});

test('the click on many, on one without a page and on one that is gone leads to the list', async () => {
  await write(foreign({ target: targetOf('away', uuid(9)) }));
  for (const id of ['foreign', uuid(1), uuid(2)]) await whole.worker.openNotified(id);
  expect(opened).toEqual([LIST, LIST, LIST]);
});

test('the click on a batch’s end leads to the batch in the list', async () => {
  await whole.history.acceptBatch(aBatch(1, itemsOf(2)), itemsOf(2));
  await whole.worker.openNotified(uuid(1));
  expect(opened).toEqual([`${LIST}?batch=${uuid(1)}`]);
});

test('the click on a link’s change, and on a batch of links, leads to the tenants', async () => {
  const azure = anEntraConnection({ id: uuid(3) });
  await device.browser.storage.local.set({
    settings: { version: 3, connections: [CONNECTION, azure], defaultConnection: CONNECTION.id },
  });
  whole.restart();
  const link = { kind: 'signIn', connectionId: azure.id, tenant: 'tenant', user: 'user' } as const;
  await write(foreign({ id: uuid(4), target: link }));
  const items = itemsOf(1).map((item) => ({ ...item, target: link }));
  await whole.history.acceptBatch(aBatch(1, items, { connectionId: azure.id }), items);
  for (const id of [uuid(4), uuid(1)]) await whole.worker.openNotified(id);
  const tenants = LIST.replace('subscriptions', 'tenants');
  expect(opened).toEqual([tenants, `${tenants}?batch=${uuid(1)}`]);
});

test('one is told by its name, with what is invisible in it written out, and one that is gone not at all', async () => {
  await write(foreign());
  await notifyOfForeign([uuid(1)], whole.history);
  await notifyOfForeign([uuid(2)], whole.history);
  await notifyOfForeign([], whole.history);
  expect(device.notified).toEqual([
    {
      id: uuid(1),
      message: 'Pro[U+202E]duc: changed elsewhere from Old Partner (100001) to no partner of record.',
    },
  ]);
});
