import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { TenantSignIn } from '../../../src/domain/person';
import { type JudgedToken, testDirectory, testGuid } from '../../azure/directory';
import { startManagementServer } from '../../azure/management-server';
import { deferred } from '../../support/deferred';

const directory = testDirectory(3);
const [ADA, BEN] = directory.accounts;
const [HOME, OTHER] = directory.tenants;
if (!ADA || !BEN || !HOME || !OTHER) throw new Error('The directory has two accounts and three tenants');

const ada: TenantSignIn = { user: ADA.user, tenant: HOME.id };
const VERSION = '?api-version=2018-02-01';
const PARTNERS = '/providers/Microsoft.ManagementPartner/partners';

function told(account: typeof ADA | typeof BEN, tenant: string, more: Partial<JudgedToken> = {}): JudgedToken {
  return {
    tenant,
    objectId: account?.objectIds.get(tenant) ?? '',
    audience: 'https://management.azure.com',
    isExpired: false,
    claims: [],
    ...more,
  };
}

async function started() {
  const server = await startManagementServer({
    directory,
    judge: async (token) => JSON.parse(Buffer.from(token, 'base64url').toString()),
  });
  onTestFinished(() => server.close());
  const tokenOf = (judged: JudgedToken | null) => Buffer.from(JSON.stringify(judged)).toString('base64url');
  async function ask(method: string, path: string, { as = told(ADA, HOME?.id ?? ''), body = '' }: Asked = {}) {
    const response = await fetch(`${server.url}${path}`, {
      method,
      ...(as !== 'nobody' && { headers: { authorization: `Bearer ${tokenOf(as)}` } }),
      ...(body !== '' && { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text === '' ? null : JSON.parse(text) };
  }
  /** As a browser sends a PATCH that has no body: Node tells the length of nothing. */
  async function askWithoutLength(method: string, path: string): Promise<void> {
    const socket = connect(server.port, '127.0.0.1');
    const authorization = `Bearer ${tokenOf(told(ADA, HOME?.id ?? ''))}`;
    socket.end(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`);
    await once(socket.resume(), 'close');
  }
  const link = (method: string, partnerId: string) =>
    ask(
      method,
      `${PARTNERS}/${partnerId}${VERSION}`,
      method === 'DELETE' ? {} : { body: JSON.stringify({ partnerId }) },
    );
  const read = () => ask('GET', `${PARTNERS}${VERSION}`);
  return { ...server, ask, askWithoutLength, link, read };
}

interface Asked {
  readonly as?: JudgedToken | null | 'nobody';
  readonly body?: string;
}

describe('A link of the tests’ Azure', () => {
  it('is made, changed and removed, and goes on from where it was when it is made anew', async () => {
    const { link, read } = await started();
    expect((await read()).json.error.code).toBe('NotFound');
    const made = await link('PUT', '100001');
    expect(made.json).toMatchObject({ etag: 1, properties: { version: 1, state: 'Active', partnerId: '100001' } });
    expect((await link('PATCH', '200002')).json).toMatchObject({ etag: 2 });
    expect((await read()).json.properties.partnerId).toBe('200002');
    expect(await link('DELETE', '200002')).toMatchObject({ status: 200, json: null });
    expect((await read()).status).toBe(404);
    const again = await link('PUT', '300003');
    expect(again.json.etag).toBe(4);
    expect(again.json.properties.createdTime).toBe(made.json.properties.createdTime);
  });

  it('is refused where it is there, and where it is not', async () => {
    const { link, setLink } = await started();
    for (const method of ['PATCH', 'DELETE']) expect((await link(method, '100001')).status).toBe(404);
    setLink(ada, '100001');
    expect((await link('PUT', '200002')).json.error.code).toBe('PartnerIdAlreadyLinked');
    expect((await link('DELETE', '200002')).status).toBe(404);
  });

  it('is its account’s own in each tenant', async () => {
    const server = await started();
    server.setLink(ada, '100001');
    const path = `${PARTNERS}${VERSION}`;
    for (const as of [told(ADA, OTHER.id), told(BEN, HOME.id)]) {
      expect((await server.ask('GET', path, { as })).status).toBe(404);
    }
    expect(server.wrong).toEqual([]);
  });
});

describe('A token', () => {
  it.each([
    ['that nobody gave', 'unknown', null],
    ['for another audience', 'audience', told(ADA, HOME.id, { audience: 'https://graph.microsoft.com' })],
    ['of nobody in that tenant', 'account', told(ADA, HOME.id, { objectId: testGuid('c', 9) })],
    [
      'of an account in a tenant that it does not reach',
      'account',
      told(BEN, testGuid('a', 3), { objectId: testGuid('b', 1) }),
    ],
    ['of another tenant than expected', 'notExpected', told(ADA, OTHER.id)],
    ['of another account than expected', 'notExpected', told(BEN, HOME.id)],
  ] as const)('%s is refused and recorded at every address', async (_what, why, as) => {
    const { expectOnly, ask, wrong, subscriptions } = await started();
    const id = testGuid('d', 1);
    subscriptions.set(id, { id, name: 'One', tenant: HOME.id, roles: new Map([[ADA.user, []]]) });
    expectOnly([ada]);
    const paths = [
      `GET ${PARTNERS}${VERSION}`,
      `PUT ${PARTNERS}/100001${VERSION}`,
      'GET /tenants?api-version=2022-12-01',
      `GET /subscriptions/${id}?api-version=2022-12-01`,
      `GET /subscriptions/${id}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
      `GET /subscriptions/${id}/providers/Microsoft.Billing/billingProperty/default?api-version=2024-04-01`,
    ];
    for (const asked of paths) {
      const [method = '', path = ''] = asked.split(' ');
      expect((await ask(method, path, { as })).status, asked).toBe(401);
      expect((await ask(method, path)).status, asked).not.toBe(401);
    }
    expect(wrong.map((one) => one.why)).toEqual(paths.map(() => why));
  });

  it('that has expired is refused, and is no wrong one', async () => {
    const { ask, wrong } = await started();
    const as = told(ADA, HOME.id, { isExpired: true });
    expect((await ask('GET', `${PARTNERS}${VERSION}`, { as })).json.error.code).toBe('ExpiredAuthenticationToken');
    expect(wrong).toEqual([]);
  });

  it('of another tenant than a subscription’s is refused there, with the one that is wanted', async () => {
    const { ask, wrong, subscriptions } = await started();
    const id = testGuid('d', 1);
    subscriptions.set(id, { id, name: 'One', tenant: OTHER.id, roles: new Map([[ADA.user, []]]) });
    const { status, headers } = await ask('GET', `/subscriptions/${id}?api-version=2022-12-01`);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain(OTHER.id);
    expect(wrong).toMatchObject([{ why: 'tenant' }]);
  });
});

describe('What must never be sent is noted', () => {
  it.each([
    ['a write without a read', ['PUT 100001'], /without a read/],
    ['two writes behind one read', ['read', 'PUT 100001', 'PATCH 200002'], /without a read/],
    [
      'a second write after an effect',
      ['read', 'PUT 100001', 'read', 'PATCH 200002'],
      /a second write after an effect/,
    ],
    [
      'DELETE then PUT',
      ['read', 'PUT 100001', 'next', 'read', 'DELETE 100001', 'read', 'PUT 200002'],
      /DELETE then PUT/,
    ],
    ['a write with no body', ['read', 'PATCH'], /neither a body nor its length/],
    ['a body that says another partner', ['read', 'PUT other'], /its body says/],
  ])('%s', async (_what, steps, found) => {
    const { ask, askWithoutLength, link, read, nextChange, violations } = await started();
    for (const step of steps) {
      const [method = '', partnerId] = step.split(' ');
      if (step === 'read') await read();
      else if (step === 'next') nextChange(ada);
      else if (partnerId === 'other')
        await ask('PUT', `${PARTNERS}/100001${VERSION}`, { body: '{"partnerId":"200002"}' });
      else if (partnerId === undefined) await askWithoutLength(method, `${PARTNERS}/100001${VERSION}`);
      else await link(method, partnerId);
    }
    expect(violations()).toEqual(expect.arrayContaining([expect.stringMatching(found)]));
  });

  it('and what may be sent is not', async () => {
    const { link, read, nextChange, violations, startFault } = await started();
    await read();
    startFault({ kind: 'expired' }, { on: ['write'] });
    await link('PUT', '100001');
    expect(violations()).toEqual([]);
    startFault({ kind: 'serverError', status: 500, when: 'before' }, { on: ['write'] });
    for (const method of ['PUT', 'PUT', 'PATCH', 'DELETE']) {
      await read();
      await link(method, '100001');
      if (method !== 'PUT') nextChange(ada);
    }
    expect(violations()).toEqual([]);
  });
});

describe('A fault', () => {
  it('is met by whom it is for, as often as it is to be, until it is over', async () => {
    const { ask, read, startFault } = await started();
    const fault = startFault({ kind: 'throttled', retryAfter: '5' }, { of: ada, times: Number.POSITIVE_INFINITY });
    expect((await read()).headers.get('retry-after')).toBe('5');
    expect((await ask('GET', `${PARTNERS}${VERSION}`, { as: told(BEN, HOME.id) })).status).toBe(404);
    expect((await read()).status).toBe(429);
    fault.stop();
    expect((await read()).status).toBe(404);
    expect(fault.met()).toBe(2);
  });

  it('keeps an answer until it is told, and no other waits', async () => {
    const { read, startFault, requests } = await started();
    const { promise, resolve } = deferred();
    startFault({ kind: 'held', when: 'after', until: promise });
    const first = read();
    await expect.poll(() => requests.length).toBe(1);
    expect((await read()).status).toBe(404);
    expect(requests.map(({ status }) => status)).toEqual([null, 404]);
    resolve();
    expect((await first).status).toBe(404);
  });
});
