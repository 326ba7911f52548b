import { AZURE_ENDPOINTS } from '../../src/domain/azure-cloud';
import { idFor } from '../../src/storage/portable-connection';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AzureWorld, startAzureWorld } from './harness/azure';
import { until } from './harness/until';
import { type Backstage, openBackstage } from './harness/worker';

const CONTOSO = '4711001';
const TENANTS = 60;

describe('Links in 60 tenants at once, 3 of which need a sign-in and 2 refuse', () => {
  let world: AzureWorld;
  let backstage: Backstage;

  beforeEach(async () => {
    world = await startAzureWorld({ tenants: TENANTS });
    backstage = await openBackstage(world.browser);
    world.management.partners.set(CONTOSO, 'Contoso Consulting');
    world.entra.atPage = world.ada.user;
  });
  afterEach(() => world.close());

  const linked = () =>
    world.directory.tenants.filter(
      ({ id }) => world.management.link({ user: world.ada.user, tenant: id })?.partnerId === CONTOSO,
    ).length;
  const writes = () =>
    world.management.requests.filter(({ method, path }) => method !== 'GET' && path.includes('/partners')).length;

  it.each([0, 3])(
    'are each made once, and those that need it once somebody has signed in there; the worker is killed %i times',
    async (deaths) => {
      const { user } = world.ada;
      const connectionId = await idFor({ kind: 'azurePal', address: AZURE_ENDPOINTS.public.management }, []);
      const signIn = (tenant: string | null) =>
        backstage.call('azure.signIn', { connectionId, user: tenant === null ? null : user, tenant });
      expect(await signIn(null)).toMatchObject({ kind: 'signedIn' });
      const needing = world.directory.tenants.slice(10, 13).map(({ id }) => id);
      const refusing = world.directory.tenants.slice(20, 22).map(({ id }) => id);
      for (const tenant of needing)
        world.entra.demand({ user, tenant, number: 50079, error: 'interaction_required', until: 'signedInThere' });
      for (const tenant of refusing)
        world.management.startFault({ kind: 'forbidden' }, { on: ['write'], of: { user, tenant }, times: 1000 });
      const throttled = world.directory.tenants[30]?.id ?? '';
      world.management.startFault(
        { kind: 'throttled', retryAfter: '20' },
        { on: ['write'], of: { user, tenant: throttled } },
      );

      const list = await backstage.call('tenants.list', { connectionId, anew: false });
      expect([list?.rows.length, list?.failures]).toEqual([TENANTS, []]);
      const batchId = crypto.randomUUID();
      const links = (list?.rows ?? []).map(({ target }) => ({ target, before: null, basedOn: null }));
      const asked = await backstage.call('links.ask', {
        id: batchId,
        connectionId,
        partnerId: CONTOSO,
        links,
      });
      expect(asked).toMatchObject({ ok: true, asked: TENANTS });
      for (let death = 1; death <= deaths; death += 1) {
        await until(`${death * 12} links`, async () => linked() >= death * 12);
        await backstage.killWorker();
        await backstage.ageHolds(120_000);
        await backstage.ringAlarm();
      }
      // The one that is throttled holds no other.
      const before = TENANTS - needing.length - refusing.length - 1;
      await until(`${before} links`, async () => linked() >= before, { patienceMs: 120_000 });
      await until(`${before + 1} links`, async () => linked() >= before + 1, { patienceMs: 120_000 });
      for (const tenant of needing) expect(await signIn(tenant)).toMatchObject({ kind: 'signedIn' });
      await until('all links', async () => linked() === TENANTS - refusing.length, { patienceMs: 120_000 });
      const refused = (await backstage.history('newestFirst', 100)).filter(
        (row) => row.type === 'change' && row.change.life.state === 'refused',
      );
      expect(refused.map((row) => row.type === 'change' && row.change.targetName).sort()).toEqual([
        'Tenant 21 (ada@tenant1.example)',
        'Tenant 22 (ada@tenant1.example)',
      ]);
      expect(writes()).toBeGreaterThanOrEqual(TENANTS);
      expect(world.violations()).toEqual([]);
    },
  );
});
