import { beforeEach, describe, expect, it, vi } from 'vitest';
import { BackendError } from '../../../src/backends/backend';
import { createTenants, type TenantsParts } from '../../../src/background/tenants';
import type { LinkTarget } from '../../../src/domain/target';
import { writeIgnored } from '../../../src/storage/ignored-links';
import { testDirectory } from '../../azure/directory';
import { createStorageAreas } from '../../support/storage-areas';
import { AZURE, aTenantRow } from '../tenants/tenant-rows';

const fake = vi.hoisted(() => ({ browser: {} as { storage?: unknown } }));
vi.mock('../../../src/platform/browser', () => fake);

const directory = testDirectory(3);
const accounts = directory.accounts.map(({ user, username, name, homeTenant }) => ({
  user,
  username,
  name,
  homeTenant,
}));
const [ada, ben] = accounts;
const targetOf = (at: number, user = ada?.user ?? ''): LinkTarget => ({
  kind: 'signIn',
  connectionId: AZURE.id,
  tenant: directory.tenants[at]?.id ?? '',
  user,
});

let viewed: LinkTarget[];
let awayFor: string | null;

beforeEach(() => {
  fake.browser = { storage: createStorageAreas() };
  viewed = [];
  awayFor = null;
});

function tenants() {
  const { view } = aTenantRow(1);
  return createTenants({
    connections: { byId: async (id) => (id === AZURE.id ? { connection: AZURE, backend: {} } : null) },
    subscriptions: {
      viewOf: async (_current, target) => {
        if (target.kind === 'signIn') viewed.push(target);
        return view;
      },
      readAnewOf: async () => view,
    },
    entra: {
      accounts: async () => accounts,
      needsPerson: async (_connection, { tenant }) => tenant === targetOf(2).tenant,
    },
    reader: {
      tenants: async (_connection, { user }) => {
        if (user === awayFor) throw new BackendError({ reason: 'noAnswer' });
        return user === ada?.user ? directory.tenants : directory.tenants.slice(0, 2);
      },
    },
  } as TenantsParts);
}

describe('The tenants of a connection’s accounts', () => {
  it('come with a row for each account in each, told which is ignored and which needs a sign-in', async () => {
    await writeIgnored(targetOf(1), true);
    const { rows, failures } = await tenants().list(AZURE.id);
    expect(rows.map(({ account, name, ignored, needsSignIn }) => [account.name, name, ignored, needsSignIn])).toEqual([
      ['ada@tenant1.example', 'Tenant 1', false, false],
      ['ada@tenant1.example', 'Tenant 2', true, false],
      ['ada@tenant1.example', 'Tenant 3', false, true],
      ['ben@tenant2.example', 'Tenant 1', false, false],
      ['ben@tenant2.example', 'Tenant 2', false, false],
    ]);
    expect(failures).toEqual([]);
  });

  it('are those of one account where another’s cannot be read, which is named', async () => {
    awayFor = ada?.user ?? null;
    const { rows, failures } = await tenants().list(AZURE.id);
    expect(rows.map(({ account }) => account.name)).toEqual(['ben@tenant2.example', 'ben@tenant2.example']);
    expect(failures).toMatchObject([{ account: { name: 'ada@tenant1.example' }, failure: { reason: 'noAnswer' } }]);
  });

  it('are looked up for some links alone, and for those that are reached no more there are none', async () => {
    const wanted = [targetOf(1), targetOf(1, ben?.user), targetOf(2, ben?.user)];
    const rows = await tenants().rows(wanted);
    expect(rows.map(({ target }) => target)).toEqual(wanted.slice(0, 2));
    expect(viewed).toEqual(wanted.slice(0, 2));
  });

  it('are none of a connection that is gone', async () => {
    expect(await tenants().rows([{ ...targetOf(0), connectionId: 'gone' }])).toEqual([]);
  });
});
