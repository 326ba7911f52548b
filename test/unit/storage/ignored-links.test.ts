import { beforeEach, expect, it, vi } from 'vitest';
import type { LinkTarget } from '../../../src/domain/target';
import { forgetIgnored, readIgnored, writeIgnored } from '../../../src/storage/ignored-links';
import { createStorageAreas } from '../../support/storage-areas';
import { uuid } from '../../support/targets';

const fake = vi.hoisted(() => ({ browser: {} as { storage?: unknown } }));
vi.mock('../../../src/platform/browser', () => fake);

const link = (connection: number, tenant: string, user = 'ada'): LinkTarget => ({
  kind: 'signIn',
  connectionId: uuid(connection),
  tenant,
  user,
});

let storage: ReturnType<typeof createStorageAreas>;
beforeEach(() => {
  storage = createStorageAreas();
  fake.browser = { storage };
});

it('a link that is ignored is so for its account, in its tenant, at its connection alone', async () => {
  await writeIgnored(link(1, 't1'), true);
  const isIgnored = await readIgnored(uuid(1));
  expect([link(1, 't1'), link(1, 't2'), link(1, 't1', 'ben')].map(isIgnored)).toEqual([true, false, false]);
  expect((await readIgnored(uuid(2)))(link(2, 't1'))).toBe(false);
});

it('several that are ignored at once are all kept, and one that is not any more is forgotten', async () => {
  const some = [link(1, 't1'), link(1, 't2'), link(1, 't3')];
  await Promise.all(some.map((one) => writeIgnored(one, true)));
  await writeIgnored(link(1, 't2'), false);
  expect(some.map(await readIgnored(uuid(1)))).toEqual([true, false, true]);
});

it('those of a connection that is removed are forgotten, and nothing else is', async () => {
  await storage.local.set({ settings: { shape: 1 } });
  await writeIgnored(link(1, 't1'), true);
  await writeIgnored(link(2, 't1'), true);
  await forgetIgnored(uuid(1));
  expect(Object.keys(storage.local.everything())).toEqual(['settings', `ignoredLink ${uuid(2)} t1 ada`]);
});
