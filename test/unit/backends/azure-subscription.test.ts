import { describe, expect, it } from 'vitest';
import { readAgreement, readPermissions, readSubscription } from '../../../src/backends/azure-subscription';
import { BackendError } from '../../../src/backends/backend';
import { testDirectory, testGuid } from '../../azure/directory';
import type { TestPermission, TestSubscription } from '../../azure/management-server';
import { subscriptionId } from '../../support/targets';
import { type AzureParts, signInAt, startAzure, tenantAt } from './azure-world';

const signal = new AbortController().signal;
const ID = subscriptionId(testGuid('d', 1));
const OWNER: TestPermission = { actions: ['*'], notActions: [] };

async function azureWith(
  more: Partial<TestSubscription> = {},
  roles: readonly TestPermission[] | 403 | 404 = [OWNER],
  parts: AzureParts = {},
) {
  const directory = testDirectory(3);
  const azure = await startAzure({ directory, ...parts });
  const of = signInAt(directory, { tenant: 1 });
  azure.server.subscriptions.set(ID, {
    id: ID,
    name: 'Production',
    tenant: of.tenant,
    roles: new Map([[of.user, roles]]),
    ...more,
  });
  const base = azure.endpoints.management;
  const requests = azure.requestsOf(of);
  return {
    ...azure,
    of,
    subscription: (as = requests) => readSubscription(base, ID, as, signal),
    agreement: () => readAgreement(base, ID, requests, signal),
    permissions: () => readPermissions(base, ID, requests, signal),
  };
}

async function failureOf(answer: Promise<unknown>) {
  const cause = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof BackendError)) throw new Error(`Not a BackendError: ${cause}`);
  return cause.failure;
}

describe('A subscription', () => {
  it('is read with its tenant, its offer and its name', async () => {
    const { subscription, of, server } = await azureWith({ quotaId: 'PayAsYouGo_2014-09-01' });
    expect(await subscription()).toEqual({
      tenant: of.tenant,
      name: 'Production',
      managedBy: [],
      quotaId: 'PayAsYouGo_2014-09-01',
    });
    expect(server.wrong).toEqual([]);
  });

  it('that is delegated is read through the managing tenant, and names the customer’s', async () => {
    const directory = testDirectory(3);
    const managing = tenantAt(directory, 0);
    const { subscription, requestsOf, of } = await azureWith({ managedBy: [managing] });
    expect(await subscription(requestsOf({ user: of.user, tenant: managing }))).toMatchObject({
      tenant: of.tenant,
      managedBy: [managing],
    });
  });

  it('is read where Azure says less', async () => {
    const { subscription, server, of } = await azureWith();
    const body = { subscriptionId: ID.toUpperCase(), tenantId: of.tenant.toUpperCase(), managedByTenants: null };
    server.startFault({ kind: 'answer', status: 200, body }, { on: ['subscription'] });
    expect(await subscription()).toEqual({ tenant: of.tenant, name: null, managedBy: [], quotaId: null });
  });

  it.each([
    ['another one', { subscriptionId: testGuid('d', 2), tenantId: testGuid('a', 2) }, 'subscriptionId'],
    ['one of no tenant', { subscriptionId: ID }, 'tenantId'],
    [
      'one that nobody can be told to manage',
      { subscriptionId: ID, tenantId: testGuid('a', 2), managedByTenants: [{ tenantId: 'x' }] },
      'managedByTenants.0.tenantId',
    ],
  ])('is not taken for %s', async (_what, body, field) => {
    const { subscription, server } = await azureWith();
    server.startFault({ kind: 'answer', status: 200, body }, { on: ['subscription'] });
    expect(await failureOf(subscription())).toMatchObject({ reason: 'unreadable', detail: { field } });
  });

  it('of a tenant that the token is not for is refused, and needs a sign-in there', async () => {
    const { subscription, requestsOf, of, server } = await azureWith({}, [OWNER], { provokes: ['tenant'] });
    const other = requestsOf({ user: of.user, tenant: tenantAt(testDirectory(3), 2) });
    expect(await failureOf(subscription(other))).toMatchObject({
      reason: 'signInNeeded',
      code: 'InvalidAuthenticationTokenTenant',
    });
    expect(server.wrong.map(({ why }) => why)).toContain('tenant');
  });
});

describe('Its agreement', () => {
  it('is told by its name, whatever that is', async () => {
    expect(await (await azureWith({ agreement: 'MicrosoftCustomerAgreement' })).agreement()).toEqual({
      known: true,
      value: 'MicrosoftCustomerAgreement',
    });
  });

  it.each([
    [403, 'notAllowed'],
    [404, 'notFound'],
  ] as const)('is told as not known by a %i', async (agreement, why) => {
    expect(await (await azureWith({ agreement })).agreement()).toEqual({ known: false, why });
  });

  it('of which nothing is said is one that nobody knows', async () => {
    const { agreement, server } = await azureWith();
    server.startFault({ kind: 'answer', status: 200, body: { properties: {} } }, { on: ['billing'] });
    expect(await agreement()).toEqual({ known: true, value: '' });
  });
});

describe('What the account’s roles let do', () => {
  it('is read over all pages', async () => {
    const roles = [
      OWNER,
      { actions: ['*/read'], notActions: [], dataActions: [], notDataActions: [] },
      { actions: [], dataActions: ['Microsoft.Storage/*'], condition: '@Resource[x] StringEquals y' },
    ];
    const { permissions, server } = await azureWith({}, roles);
    server.setPageSize(2);
    expect(await permissions()).toEqual({
      known: true,
      value: [
        { actions: ['*'], notActions: [], dataActions: [], isConditional: false },
        { actions: ['*/read'], notActions: [], dataActions: [], isConditional: false },
        { actions: [], notActions: [], dataActions: ['Microsoft.Storage/*'], isConditional: true },
      ],
    });
  });

  it.each([
    [403, 'notAllowed'],
    [404, 'notFound'],
  ] as const)('is told as not known by a %i', async (status, why) => {
    expect(await (await azureWith({}, status)).permissions()).toEqual({ known: false, why });
  });
});

describe('Neither', () => {
  it.each([
    ['busy', { kind: 'throttled', retryAfter: '3' }, 'busy'],
    ['failing', { kind: 'serverError', status: 500, when: 'after' }, 'serverError'],
    ['away', { kind: 'answerLost', when: 'after' }, 'noAnswer'],
    ['hidden behind a page for people', { kind: 'webPage', status: 200 }, 'unreadable'],
    ['of another mind', { kind: 'answer', status: 200, body: { value: 5, properties: 5 } }, 'unreadable'],
  ] as const)('is told as not known while Azure is %s: that is a failure', async (_how, fault, reason) => {
    const { agreement, permissions, server } = await azureWith();
    server.startFault(fault, { on: ['permissions', 'billing'], times: 2 });
    expect((await failureOf(agreement())).reason).toBe(reason);
    expect((await failureOf(permissions())).reason).toBe(reason);
  });
});
