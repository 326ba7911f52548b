import { beforeEach, expect, it, vi } from 'vitest';
import { placeOf } from '../../../src/domain/place';
import { notePlace, readPlaces } from '../../../src/storage/places';
import { subscriptionId } from '../../support/targets';
import { createStorageAreas } from '../../support/storage-areas';

const fake = vi.hoisted(() => ({ browser: {} as { storage?: unknown } }));
vi.mock('../../../src/platform/browser', () => fake);

const ONE = subscriptionId('5b000000-0000-4000-8000-000000000001');
const TWO = subscriptionId('5b000000-0000-4000-8000-000000000002');
const GOVERNMENT = { cloud: 'usGovernment', tenant: 'contoso.us' } as const;
const PUBLIC = { cloud: 'public', tenant: null } as const;

let storage: ReturnType<typeof createStorageAreas>;
beforeEach(() => {
  storage = createStorageAreas();
  fake.browser = { storage };
});

it('a subscription is looked for where it was met, another one in the cloud where the person was last', async () => {
  expect(placeOf(ONE, await readPlaces())).toEqual(PUBLIC);
  await notePlace(ONE, GOVERNMENT);
  expect(placeOf(ONE, await readPlaces())).toEqual(GOVERNMENT);
  expect(placeOf(TWO, await readPlaces())).toEqual({ cloud: 'usGovernment', tenant: null });
  await notePlace(TWO, PUBLIC);
  expect(placeOf(ONE, await readPlaces())).toEqual(GOVERNMENT);
});

it('which subscriptions were met ends with the browser, and the cloud alone stays', async () => {
  await notePlace(ONE, GOVERNMENT);
  expect(storage.local.everything()).toEqual({ cloud: 'usGovernment' });
  expect(JSON.stringify(storage.local.everything())).not.toContain(ONE);
});

it('nothing is written when nothing is new', async () => {
  await notePlace(ONE, GOVERNMENT);
  const written = vi.fn();
  storage.onChanged.addListener(written);
  await notePlace(ONE, GOVERNMENT);
  expect(written).not.toHaveBeenCalled();
});

it('the newest 500 stay', async () => {
  for (let n = 0; n <= 500; n++) await notePlace(subscriptionId(`sub-${n}`), GOVERNMENT);
  const { met } = await readPlaces();
  expect(met).toHaveLength(500);
  expect(met[0]?.subscriptionId).toBe('sub-1');
});

it('what another version left is as if nothing was met', async () => {
  await storage.session.set({ placesMet: [{ subscriptionId: ONE }] });
  await storage.local.set({ cloud: 'mooncake' });
  expect(await readPlaces()).toEqual({ cloud: 'public', met: [] });
});
