import { describe, expect, it } from 'vitest';
import {
  readShownSubscriptions,
  readTenants,
  tenantOfDomain,
  tenantOfSubscription,
} from '../../../src/backends/azure-directory';
import { BackendError } from '../../../src/backends/backend';
import { createRequests } from '../../../src/backends/requests';
import { testDirectory, testGuid } from '../../azure/directory';
import { subscriptionId } from '../../support/targets';
import { LIMIT_MS } from '../../within';
import { signInAt, startAzure, tenantAt } from './azure-world';

const signal = new AbortController().signal;
const ID = subscriptionId(testGuid('d', 1));

async function failureOf(answer: Promise<unknown>) {
  const cause = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(cause instanceof BackendError)) throw new Error(`Not a BackendError: ${cause}`);
  return cause.failure;
}

describe('The subscriptions that a tenant shows an account', () => {
  it('are its own and those delegated to it, over all pages, and not those of others nor those without a role', async () => {
    const { server, directory, endpoints, requestsOf } = await startAzure();
    const [home, other] = [tenantAt(directory, 0), tenantAt(directory, 1)];
    const ada = signInAt(directory);
    const mine = new Map([[ada.user, []]]);
    const rows = [
      { tenant: home, roles: mine },
      { tenant: other, managedBy: [home], roles: mine },
      { tenant: other, roles: mine },
      { tenant: home, roles: new Map() },
    ];
    for (const [at, row] of rows.entries()) {
      const id = testGuid('d', at + 1);
      server.subscriptions.set(id, { id, name: `Subscription ${at + 1}`, ...row });
    }
    server.setPageSize(1);
    const shown = await readShownSubscriptions(endpoints.management, requestsOf(ada), signal);
    expect([...shown]).toEqual([testGuid('d', 1), testGuid('d', 2)]);
    expect(server.wrong).toEqual([]);
  });
});

describe('The tenants of an account', () => {
  it.each([1, 2, 7, 100])('are read with %i on a page, each once', async (size) => {
    const { server, directory, endpoints, requestsOf } = await startAzure({ directory: testDirectory(7) });
    server.setPageSize(size);
    const tenants = await readTenants(endpoints.management, requestsOf(signInAt(directory)), signal);
    expect(tenants).toEqual(directory.tenants);
    expect(server.requests).toHaveLength(Math.ceil(7 / size));
    expect(server.wrong).toEqual([]);
  });

  it('are those that it reaches, and no others', async () => {
    const { directory, endpoints, requestsOf } = await startAzure();
    const bens = signInAt(directory, { account: 1, tenant: 1 });
    const tenants = await readTenants(endpoints.management, requestsOf(bens), signal);
    expect(tenants.map(({ id }) => id)).toEqual([tenantAt(directory, 0), tenantAt(directory, 1)]);
  });

  it('may have no name and no domain, be written in capitals, and come twice', async () => {
    const { server, directory, endpoints, requestsOf } = await startAzure();
    const value = [
      { tenantId: testGuid('a', 10).toUpperCase() },
      { tenantId: testGuid('a', 11), displayName: 5, defaultDomain: '  ' },
      { tenantId: testGuid('a', 10), displayName: 'Once more' },
    ];
    server.startFault({ kind: 'answer', status: 200, body: { value, nextLink: '' } }, { on: ['tenants'] });
    expect(await readTenants(endpoints.management, requestsOf(signInAt(directory)), signal)).toEqual([
      { id: testGuid('a', 10), name: null, domain: null },
      { id: testGuid('a', 11), name: null, domain: null },
    ]);
  });

  it.each([
    ['another host', 'https://management.azure.com.evil.example/tenants', 'nextLink'],
    ['another host by way of a name', 'https://management.azure.com@evil.example/tenants', 'nextLink'],
    ['another scheme', 'http://management.azure.com/tenants', 'nextLink'],
    ['another port', 'https://management.azure.com:8443/tenants', 'nextLink'],
    ['where somebody signs in by the address', 'https://a:b@management.azure.com/tenants', 'nextLink'],
    ['no address', '/tenants?$skiptoken=1', 'nextLink'],
    ['where it came from', 'https://management.azure.com/tenants?api-version=2022-12-01', 'nextLink'],
    ['what is no text', 5, 'nextLink'],
  ])('are not followed to %s', async (_where, nextLink, field) => {
    const { server, directory, endpoints, requestsOf, elsewhere } = await startAzure();
    server.startFault({ kind: 'answer', status: 200, body: { value: [], nextLink } }, { on: ['tenants'] });
    const reading = readTenants(endpoints.management, requestsOf(signInAt(directory)), signal);
    expect(await failureOf(reading)).toMatchObject({ reason: 'unreadable', detail: { field } });
    expect(elsewhere).toEqual([]);
  });

  it.each([
    ['with its port', 'https://management.azure.com:443/tenants'],
    ['in capitals', 'HTTPS://Management.Azure.COM/tenants'],
    ['by a way around', 'https://management.azure.com/tenants/../tenants'],
  ])('are followed to a next page whose address is written %s', async (_how, address) => {
    const { server, directory, endpoints, requestsOf } = await startAzure();
    const nextLink = `${address}?api-version=2022-12-01&$skiptoken=1`;
    server.startFault({ kind: 'answer', status: 200, body: { value: [], nextLink } }, { on: ['tenants'] });
    const tenants = await readTenants(endpoints.management, requestsOf(signInAt(directory)), signal);
    expect(tenants).toEqual(directory.tenants.slice(1));
  });

  it('that have no end are told as too many', async () => {
    const { server, directory, endpoints, requestsOf } = await startAzure({ directory: testDirectory(60) });
    server.setPageSize(1);
    const reading = readTenants(endpoints.management, requestsOf(signInAt(directory)), signal);
    expect(await failureOf(reading)).toEqual({ reason: 'tooLarge', status: 200 });
    expect(server.requests).toHaveLength(50);
  });

  it('with one that is named by no ID are not guessed', async () => {
    const { server, directory, endpoints, requestsOf } = await startAzure();
    server.startFault(
      { kind: 'answer', status: 200, body: { value: [{ tenantId: 'contoso.com' }] } },
      { on: ['tenants'] },
    );
    const reading = readTenants(endpoints.management, requestsOf(signInAt(directory)), signal);
    expect(await failureOf(reading)).toMatchObject({
      reason: 'unreadable',
      detail: { code: 'fieldUnreadable', field: 'value.0.tenantId' },
    });
  });

  it.each([
    ['busy', { kind: 'throttled', retryAfter: '3' }, 'busy'],
    ['away', { kind: 'answerLost', when: 'before' }, 'noAnswer'],
    ['refusing', { kind: 'forbidden' }, 'refused'],
  ] as const)('are not read where Azure is %s', async (_how, fault, reason) => {
    const { server, directory, endpoints, requestsOf } = await startAzure();
    server.startFault(fault, { on: ['tenants'] });
    const reading = readTenants(endpoints.management, requestsOf(signInAt(directory)), signal);
    expect((await failureOf(reading)).reason).toBe(reason);
  });
});

describe('The tenant of a subscription', () => {
  it('is named by the refusal of a request without a token', async () => {
    const { server, directory, endpoints, requestsOf } = await startAzure();
    const tenant = tenantAt(directory, 2);
    server.subscriptions.set(ID, { id: ID, name: 'Production', tenant, roles: new Map() });
    const requests = requestsOf(signInAt(directory));
    expect(await tenantOfSubscription(endpoints.management, ID, requests, signal)).toBe(tenant);
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('is not known of a subscription that there is not', async () => {
    const { directory, endpoints, requestsOf } = await startAzure();
    const requests = requestsOf(signInAt(directory));
    expect(await tenantOfSubscription(endpoints.management, ID, requests, signal)).toBeNull();
  });

  it.each([
    ['Azure is busy', 429, 'busy'],
    ['Azure fails', 500, 'serverError'],
    ['it is refused otherwise', 400, 'refused'],
    ['it is answered to nobody', 200, 'unreadable'],
  ])('is told as not read where %s', async (_how, status, reason) => {
    const { directory, endpoints, connection, ports } = await startAzure();
    const answering = { ...ports, fetch: async () => Response.json({}, { status }) };
    const requests = createRequests(connection, answering, null, signInAt(directory));
    expect((await failureOf(tenantOfSubscription(endpoints.management, ID, requests, signal))).reason).toBe(reason);
  });
});

describe('The tenant of a domain', () => {
  const SIGN_IN = 'https://login.microsoftonline.com';
  const TENANT = testGuid('a', 1);

  /** What Entra answers, and what it was asked. */
  function entra(answer: () => Response | Promise<Response>) {
    const asked: string[] = [];
    const parts = {
      fetch: async (url: Parameters<typeof fetch>[0]) => {
        asked.push(String(url));
        return answer();
      },
      now: () => 0,
      timeoutMs: LIMIT_MS,
    };
    return { asked, find: (domain: string) => tenantOfDomain(SIGN_IN, domain, parts, signal) };
  }

  it('is in the issuer that the metadata name, without a token', async () => {
    const { asked, find } = entra(() => Response.json({ issuer: `${SIGN_IN}/${TENANT.toUpperCase()}/v2.0` }));
    expect(await find(' Contoso.COM ')).toBe(TENANT);
    expect(asked).toEqual([`${SIGN_IN}/contoso.com/v2.0/.well-known/openid-configuration`]);
  });

  it.each([
    ['its own ID', TENANT, TENANT],
    ['no domain', 'contoso', null],
    ['an address', 'https://contoso.com/x', null],
    ['a way out of the path', '../common', null],
    ['nothing', '', null],
  ])('is not asked for where the text is %s', async (_what, text, found) => {
    const { asked, find } = entra(() => Response.error());
    expect(await find(text)).toBe(found);
    expect(asked).toEqual([]);
  });

  it.each([
    ['no tenant has it', () => Response.json({ error: 'invalid_tenant', error_codes: [90002] }, { status: 400 })],
    ['it is of another cloud', () => Response.json({ issuer: `https://login.microsoftonline.us/${TENANT}/v2.0` })],
    ['it is of a host that begins the same', () => Response.json({ issuer: `${SIGN_IN}.evil.example/${TENANT}/v2.0` })],
    ['it is of a host behind a name', () => Response.json({ issuer: `${SIGN_IN}@${TENANT}/v2.0` })],
    ['the issuer is of everybody', () => Response.json({ issuer: `${SIGN_IN}/{tenantid}/v2.0` })],
  ])('is none where %s', async (_how, answer) => {
    expect(await entra(answer).find('contoso.com')).toBeNull();
  });

  it.each([
    ['Entra fails', () => Response.json({ error: 'server_error' }, { status: 500 }), 'serverError'],
    ['Entra is busy', () => new Response('', { status: 429 }), 'busy'],
    ['Entra refuses for another reason', () => Response.json({ error: 'invalid_request' }, { status: 400 }), 'refused'],
    ['there is no way to Entra', () => Promise.reject(new TypeError('offline')), 'noAnswer'],
    [
      'a page for people came',
      () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
      'unreadable',
    ],
    ['the metadata name no issuer', () => Response.json({}), 'unreadable'],
    ['the answer is too long', () => new Response('x'.repeat(6_000_000)), 'tooLarge'],
  ])('is told as not read where %s', async (_how, answer, reason) => {
    expect((await failureOf(entra(answer).find('contoso.com'))).reason).toBe(reason);
  });
});
