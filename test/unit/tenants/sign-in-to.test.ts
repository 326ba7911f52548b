import { beforeEach, expect, test, vi } from 'vitest';
import type { AzureSignInAnswer, TenantRow } from '../../../src/messaging/protocol';
import { signInTo } from '../../../src/tenants/sign-in-to';
import { AZURE_CAN, LINK_TARGET } from '../../support/links';
import { uuid } from '../../support/targets';

/** The rows that need a sign-in by now, by their tenants. */
const needing = new Set<string>();
const opened: string[] = [];
let answer: (tenant: string) => AzureSignInAnswer;
vi.mock('../../../src/messaging/call', () => ({
  call: async (name: string, input: { readonly tenant: string; readonly targets: readonly TenantRow['target'][] }) => {
    if (name === 'tenants.rows') return ROWS.filter(({ target }) => input.targets.includes(target)).map(asNow);
    opened.push(input.tenant);
    return answer(input.tenant);
  },
}));

const ROWS = [1, 2, 3].map(
  (at): TenantRow => ({
    target: { ...LINK_TARGET, tenant: uuid(at) },
    account: { user: LINK_TARGET.user, name: 'ada@contoso.example' },
    name: `Tenant ${at}`,
    domain: null,
    view: {
      source: 'Azure',
      state: null,
      readAt: null,
      order: 0,
      failure: null,
      can: AZURE_CAN,
      standing: null,
      changeOrder: 0,
      support: null,
    },
    needsSignIn: true,
    ignored: false,
  }),
);
const asNow = (row: TenantRow): TenantRow => ({ ...row, needsSignIn: needing.has(row.target.tenant) });
const account = { user: LINK_TARGET.user, homeTenant: LINK_TARGET.tenant, username: 'ada@contoso.example', name: null };
const signedIn = (tenant: string): AzureSignInAnswer => ({ kind: 'signedIn', account, tenant });

beforeEach(() => {
  opened.length = 0;
  for (const { target } of ROWS) needing.add(target.tenant);
});

test('An account that has to sign in anew does so once, however many tenants it reaches', async () => {
  answer = (tenant) => {
    needing.clear();
    return signedIn(tenant);
  };
  expect(await signInTo(ROWS, ({ name }) => name ?? '')).toBeNull();
  expect(opened).toEqual([uuid(1)]);
});

test('Tenants that each want a sign-in of their own are gone through, and one that refuses keeps none from the next', async () => {
  answer = (tenant) => {
    if (tenant === uuid(1)) return { kind: 'failed', failure: { reason: 'signInNeeded', code: 'SignInFailed' } };
    needing.delete(tenant);
    return signedIn(tenant);
  };
  expect(await signInTo(ROWS, ({ name }) => name ?? '')).toContain('Tenant 1');
  expect(opened).toEqual([uuid(1), uuid(2), uuid(3)]);
});

test('Of several that refuse each is told in a line of its own', async () => {
  answer = () => ({ kind: 'failed', failure: { reason: 'signInNeeded', code: 'SignInFailed' } });
  const told = (await signInTo(ROWS, ({ name }) => name ?? ''))?.split('\n');
  expect(told?.map((line) => line.split(':')[0])).toEqual(['Tenant 1', 'Tenant 2', 'Tenant 3']);
});

test('A window that the person closes ends it', async () => {
  answer = () => ({ kind: 'cancelled' });
  expect(await signInTo(ROWS, ({ name }) => name ?? '')).toBeNull();
  expect(opened).toEqual([uuid(1)]);
});
