import 'urlpattern-polyfill';
import { beforeEach, expect, it, vi } from 'vitest';
import { knownHosts } from '../../../src/portals';
import { keepDocksOf, readDock, writeDock } from '../../../src/storage/docks';
import { createStorageAreas } from '../../support/storage-areas';

const fake = vi.hoisted(() => ({ browser: {} as { storage?: unknown } }));
vi.mock('../../../src/platform/browser', () => fake);

const LEFT = { corner: 'top-left', folded: true } as const;
const BILLING = 'https://billing.example:8443/subscriptions/:subscriptionId';

let storage: ReturnType<typeof createStorageAreas>;
beforeEach(() => {
  storage = createStorageAreas();
  fake.browser = { storage };
});

it('how a person left the panel is forgotten with the own portal that they remove, and nothing else is', async () => {
  await storage.local.set({ settings: { shape: 1 } });
  for (const host of ['portal.azure.com', 'billing.example:8443', 'removed.example']) await writeDock(host, LEFT);
  await keepDocksOf(knownHosts({ off: ['azure'], own: [BILLING] }));
  expect(await readDock('billing.example:8443')).toEqual(LEFT);
  // A portal that is switched off is not removed.
  expect(await readDock('portal.azure.com')).toEqual(LEFT);
  expect(Object.keys(storage.local.everything())).toEqual([
    'settings',
    'dock portal.azure.com',
    'dock billing.example:8443',
  ]);
});
