import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openContract } from '../../scripts/conformance/description';
import type { Database } from '../../server/src/database/database';
import type { Schema } from '../../server/src/database/schema';
import { forgetOldKeys } from '../../server/src/subscriptions/idempotency-keys';
import { addRoutes, buildService } from '../../server/src/service';
import { CALLER_ROLES } from '../../src/domain/rights';
import { CLOUD_SERVICES } from '../../src/domain/cloud-service';
import { databases } from './support/databases';
import {
  ADMIN,
  FABRIKAM,
  FABRIKAM_PERSON,
  NORTHWIND,
  OTHER_ADMIN,
  openWorld,
  STRANGER,
  UMLAUT,
  UNKNOWN_PARTNER,
  type World,
} from './support/world';

interface Call {
  readonly as?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const HOUR_MS = 60 * 60 * 1000;

describe.each(databases)('the contract on $name', (kind) => {
  const contract = openContract();
  let world: World;

  beforeAll(async () => {
    world = await openWorld(kind);
  });
  afterAll(async () => {
    await world.close();
  });

  /** Makes a call to the service, holds the answer to the description, and returns it. */
  async function call(
    method: 'GET' | 'PUT' | 'DELETE' | 'POST' | 'HEAD',
    address: string,
    wish: Call = {},
    of = world,
  ) {
    const { as = ADMIN, headers = {}, body } = wish;
    const answer = await of.service.app.inject({
      method,
      url: address.startsWith('http') ? new URL(address).pathname + new URL(address).search : `/v1${address}`,
      headers: { ...(as !== null && of.authorization(as)), ...headers },
      ...(typeof body === 'string' && { payload: body }),
      ...(typeof body === 'object' && body !== null && { payload: body }),
    });
    const path = address.startsWith('http') ? new URL(address).pathname.slice(3) : (address.split('?')[0] ?? '');
    const real = { status: answer.statusCode, headers: answer.headers, body: answer.body };
    if (method !== 'HEAD') contract.hold(method, path, real);
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    return { ...real, json: answer.body === '' ? null : JSON.parse(answer.body) };
  }

  async function read(id: string, as = ADMIN) {
    const { json } = await call('GET', `/subscriptions/${id}`, { as });
    return json;
  }

  interface ChangeWish {
    as?: string | null;
    key?: string | null;
    ifMatch?: string | null;
    body?: unknown;
    headers?: Record<string, string>;
  }

  /** Asks to assign a partner; what is not said is what the caller would rightly send. */
  async function put(id: string, partnerId: string, { as = ADMIN, key, ifMatch, body, headers }: ChangeWish = {}) {
    return call('PUT', `/subscriptions/${id}/partnerOfRecord`, {
      as,
      body: body ?? { partnerId },
      headers: { ...(await changeHeaders(id, as, key, ifMatch)), ...headers },
    });
  }

  async function remove(id: string, { as = ADMIN, key, ifMatch, headers }: ChangeWish = {}) {
    return call('DELETE', `/subscriptions/${id}/partnerOfRecord`, {
      as,
      headers: { ...(await changeHeaders(id, as, key, ifMatch)), ...headers },
    });
  }

  async function changeHeaders(id: string, as: string | null, key?: string | null, ifMatch?: string | null) {
    const etag = ifMatch === undefined ? (await read(id, as ?? ADMIN)).etag : ifMatch;
    return {
      ...(key !== null && { 'idempotency-key': key ?? randomUUID() }),
      ...(typeof etag === 'string' && { 'if-match': etag }),
    };
  }

  async function changesOf(id: string) {
    const { json } = await call('GET', `/subscriptions/${id}/changes`);
    return json.value;
  }

  describe('who is there', () => {
    it('says that it is well without sign-in', async () => {
      expect((await call('GET', '/health', { as: null })).json).toEqual({ status: 'ok', contract: 1 });
    });

    it('says who is signed in', async () => {
      expect((await call('GET', '/me')).json).toEqual({
        name: 'Ada Admin',
        principalId: ADMIN,
        organization: 'Contoso Ltd',
      });
    });

    it('says whom to ask, where somebody is named', async () => {
      const { database, time } = world;
      const service = buildService({ database, clock: () => time.now, support: 'por-desk@contoso.example' });
      const { json } = await call('GET', '/me', {}, { ...world, service });
      expect(json).toMatchObject({ principalId: ADMIN, support: 'por-desk@contoso.example' });
      await service.app.close();
    });

    it('says it by an ID that is each caller’s own and the same with every token', async () => {
      const ids = await Promise.all(
        [ADMIN, OTHER_ADMIN, STRANGER, FABRIKAM_PERSON].map(async (as) => (await call('GET', '/me', { as })).json),
      );
      expect(ids.map(({ principalId }) => principalId)).toEqual([ADMIN, OTHER_ADMIN, STRANGER, FABRIKAM_PERSON]);
      await world.issue(ADMIN);
      expect((await call('GET', '/me')).json.principalId).toBe(ADMIN);
    });

    const signedInCalls = openContract()
      .operations()
      .filter((operation) => operation !== 'get /health');
    it.each(signedInCalls)('wants sign-in for %s', async (operation) => {
      const [method = '', template = ''] = operation.split(' ');
      const path = template.replace('{partnerId}', FABRIKAM.partnerId).replace('{subscriptionId}', 'some');
      for (const authorization of [undefined, 'Bearer', 'Bearer wrong', 'Basic YTpi', 'Bearer a b']) {
        const answer = await call(method.toUpperCase() as 'GET', path, {
          as: null,
          headers: authorization === undefined ? {} : { authorization },
        });
        expect([answer.status, answer.json.error.code]).toEqual([401, 'SignInRequired']);
      }
    });
  });

  describe('the partner directory', () => {
    it('tells a partner by its ID', async () => {
      const fabrikam = { ...FABRIKAM, location: 'Seattle, US' };
      expect((await call('GET', '/partners/4852013')).json).toEqual(fabrikam);
      expect((await call('GET', `/partners/${encodeURIComponent(' ４８５２０１３ ')}`)).json).toEqual(fabrikam);
      expect((await call('GET', '/partners/5120846')).json).toEqual(NORTHWIND);
    });

    // The last ones are what people are forgiven in the extension and in files.
    it.each([
      '1234',
      '12345678901',
      'fabrikam',
      '%20',
      '5f0d3c1e-2b4a-4c6d-8e9f-0a1b2c3d4e5f',
      '48520%0013',
      ...[
        '485\u200b2013',
        '4852013\u00ad',
        '\ufeff4852013',
        '485\u20602013',
        '\u202a4852013\u202c',
        '485\u202e2013',
      ].map(encodeURIComponent),
      ...['4852013\n', '\t4852013', '4852013\u2028', '4852013 5120846', '"4852013"', 'MPN:4852013'].map(
        encodeURIComponent,
      ),
    ])('refuses %s as no Partner ID', async (id) => {
      const { status, json } = await call('GET', `/partners/${id}`);
      expect([status, json.error.code, json.error.target]).toEqual([400, 'InvalidPartnerId', 'partnerId']);
    });

    it('says when there is no such partner', async () => {
      const { status, json } = await call('GET', `/partners/${UNKNOWN_PARTNER}`);
      expect([status, json.error.code]).toEqual([404, 'PartnerNotFound']);
    });
  });

  describe('the list of subscriptions', () => {
    let listed: World;

    beforeAll(async () => {
      listed = await openWorld(kind);
      await listed.load({ customers: [{ id: 'cust-x1', name: 'Überwald Café' }] });
      for (let number = 0; number < 25; number++) {
        // Two of each name, so that a page must be able to end between equals.
        await listed.subscription({ displayName: `Plan ${Math.floor(number / 2)}` });
      }
      await listed.subscription({ subscriptionId: 'ID-Of-Its-Own', displayName: 'Rare 100%_\\ Ärger' });
      await listed.subscription({ customerId: 'cust-x1', displayName: 'Unlike' });
      await listed.subscription({
        displayName: 'Partnered',
        partnerOfRecord: { ...UMLAUT, assignedAt: '2025-06-01T00:00:00Z', assignedBy: 'Ada Admin' },
      });
      await listed.subscription({ displayName: 'Not for Ada', roles: { [OTHER_ADMIN]: 'AccountAdministrator' } });
    });
    afterAll(async () => {
      await listed.close();
    });

    async function follow(first: string) {
      const pages: { displayName: string; subscriptionId: string }[][] = [];
      for (let link: string | undefined = first; link !== undefined; ) {
        const { json }: { json: { value: []; nextLink?: string } } = await call('GET', link, {}, listed);
        if (json.nextLink !== undefined)
          expect(json.nextLink).toMatch(/^http:\/\/localhost:80\/v1\/|^http:\/\/localhost\/v1\//);
        pages.push(json.value);
        link = json.nextLink;
      }
      return pages;
    }

    async function find(filter: string): Promise<string[]> {
      const { json } = await call('GET', `/subscriptions?filter=${encodeURIComponent(filter)}`, {}, listed);
      return json.value.map((record: { displayName: string }) => record.displayName);
    }

    it.each([1, 2, 7, 28, 200])('gives every subscription once, in order, in pages of %i', async (pageSize) => {
      const pages = await follow(`/subscriptions?pageSize=${pageSize}`);
      const all = pages.flat();
      expect(all).toHaveLength(28);
      expect(new Set(all.map((record) => record.subscriptionId)).size).toBe(28);
      expect(pages.slice(0, -1).every((page) => page.length === pageSize)).toBe(true);
      const keys = all.map((record) => [record.displayName, record.subscriptionId]);
      expect(keys).toEqual(
        keys.toSorted(([a = '', x = ''], [b = '', y = '']) => (a < b || (a === b && x < y) ? -1 : 1)),
      );
      expect(all.some((record) => record.displayName === 'Not for Ada')).toBe(false);
    });

    it('gives 50 to a page when nothing is said', async () => {
      for (let number = 0; number < 50; number++) await listed.subscription({ roles: { [OTHER_ADMIN]: 'Reader' } });
      const { json } = await call('GET', '/subscriptions', { as: OTHER_ADMIN }, listed);
      expect(json.value).toHaveLength(50);
      const last = await call('GET', json.nextLink, { as: OTHER_ADMIN }, listed);
      expect([last.json.value.length, last.json.nextLink]).toEqual([1, undefined]);
    });

    it('finds text in any case in names, IDs, customers and partners, and keeps the filter over pages', async () => {
      expect(await find('RARE')).toEqual(['Rare 100%_\\ Ärger']);
      expect(await find('äRGER')).toEqual(['Rare 100%_\\ Ärger']);
      expect(await find('100%_\\')).toEqual(['Rare 100%_\\ Ärger']);
      expect(await find('_\\')).toEqual(['Rare 100%_\\ Ärger']);
      expect(await find('id-of-ITS')).toEqual(['Rare 100%_\\ Ärger']);
      expect(await find('ÜBERWALD')).toEqual(['Unlike']);
      expect(await find('CUST-X1')).toEqual(['Unlike']);
      expect(await find('größenWAHN')).toEqual(['Partnered']);
      expect(await find('7777001')).toEqual(['Partnered']);
      expect(await find('nothing has this')).toEqual([]);
      const pages = await follow('/subscriptions?filter=PLAN&pageSize=10');
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
    });

    it.each([
      'pageSize=0',
      'pageSize=201',
      'pageSize=-1',
      'pageSize=1.5',
      'pageSize=ten',
      'pageSize=',
      'pageSize=1&pageSize=2',
      'cursor=x',
      'cursor=W10',
      'cursor=',
      'filter=a&filter=b',
      'filter=%00',
    ])('refuses the query %s', async (query) => {
      const { status, json } = await call('GET', `/subscriptions?${query}`, {}, listed);
      expect([status, json.error.code]).toEqual([400, 'InvalidQuery']);
      expect(json.error.target).toBe(query.split('=')[0]);
      // In our words, and not in those of the library that reads it.
      expect(json.error.message).not.toMatch(/^Invalid|received/);
    });
  });

  describe('one subscription', () => {
    it('is the record of the contract, with the same etag in its header', async () => {
      const id = await world.subscription({ displayName: 'Whole', service: 'intune', role: 'Contributor' });
      const { json, headers } = await call('GET', `/subscriptions/${id}`);
      expect(json).toEqual({
        subscriptionId: id,
        displayName: 'Whole',
        service: 'intune',
        state: 'Active',
        startDate: '2025-01-01T00:00:00.000Z',
        endDate: '2027-01-01T00:00:00.000Z',
        customer: { id: 'contoso', name: 'Contoso Ltd' },
        caller: {
          role: 'Contributor',
          canChangePartner: false,
          reason: 'You are a contributor here. Only the account administrator can change the partner of record.',
        },
        partnerOfRecord: null,
        etag: expect.any(String),
      });
      expect(headers['etag']).toBe(json.etag);
    });

    it('is found by its ID in any letter case, whatever characters are in it', async () => {
      const ids = ['Upper-CASE', 'a/b?c#d', 'ü ß %25', '片'.repeat(128), "it's;--"];
      for (const subscriptionId of ids) {
        await world.subscription({ subscriptionId });
        for (const asked of [subscriptionId, subscriptionId.toUpperCase(), subscriptionId.toLowerCase()]) {
          // "ß" has no single upper case: what is asked is another ID then.
          if (asked.toLowerCase() !== subscriptionId.toLowerCase()) continue;
          expect((await read(encodeURIComponent(asked))).subscriptionId).toBe(subscriptionId.toLowerCase());
        }
      }
    });

    it.each(['unknown', 'x'.repeat(129), '%20', '%00', 'a%00b'])('answers 404 for %s', async (id) => {
      const { status, json } = await call('GET', `/subscriptions/${id}`);
      expect([status, json.error.code]).toEqual([404, 'SubscriptionNotFound']);
    });

    it('does not tell a caller without a role that it exists', async () => {
      const id = await world.subscription();
      const forStranger = await call('GET', `/subscriptions/${id}`, { as: STRANGER });
      const forUnknown = await call('GET', '/subscriptions/unknown', { as: STRANGER });
      expect([forStranger.status, forStranger.json]).toEqual([404, forUnknown.json]);
    });

    it('answers 304 to an etag that is still good, and the record to one that is not', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      const marked = ['-gzip', '--gzip', ';br'].map((mark) => etag.replace(/"$/, `${mark}"`));
      for (const header of [etag, `W/${etag}`, `"other", ${etag}`, ...marked, `W/${marked[0]}`, '*']) {
        const answer = await call('GET', `/subscriptions/${id}`, { headers: { 'if-none-match': header } });
        expect([answer.status, answer.body, answer.headers['etag']]).toEqual([304, '', etag]);
      }
      await put(id, FABRIKAM.partnerId);
      const answer = await call('GET', `/subscriptions/${id}`, { headers: { 'if-none-match': etag } });
      expect([answer.status, answer.json.partnerOfRecord.name]).toEqual([200, FABRIKAM.name]);
    });
  });

  it('has the same etag whether or not it tells who assigned the partner by ID: changes based on one of before hold', async () => {
    const id = await world.subscription();
    const { etag } = (await put(id, FABRIKAM.partnerId)).json;
    await sql`update subscriptions set assigned_by_id = null where subscription_id = ${id}`.execute(world.database.db);
    const before = await read(id);
    expect([before.etag, before.partnerOfRecord.assignedById]).toEqual([etag, undefined]);
    expect((await put(id, NORTHWIND.partnerId, { ifMatch: etag })).status).toBe(200);
  });

  describe('changing the partner', () => {
    it('assigns, changes and removes, each with a new etag and one row in the log', async () => {
      const id = await world.subscription();
      const etags = [(await read(id)).etag];
      const assigned = await put(id, FABRIKAM.partnerId);
      expect(assigned.json.partnerOfRecord).toEqual({
        ...FABRIKAM,
        assignedAt: '2026-03-01T12:00:00.000Z',
        assignedBy: 'Ada Admin',
        assignedById: ADMIN,
      });
      expect(assigned.headers['etag']).toBe(assigned.json.etag);
      expect(await read(id)).toEqual(assigned.json);
      etags.push(assigned.json.etag);
      etags.push((await put(id, NORTHWIND.partnerId)).json.etag);
      // The same moment and the same partner as before: only the etag tells that something happened in between.
      etags.push((await put(id, FABRIKAM.partnerId)).json.etag);
      const removed = await remove(id);
      expect(removed.json.partnerOfRecord).toBeNull();
      etags.push(removed.json.etag);
      expect(new Set(etags).size).toBe(5);
      expect(
        (await changesOf(id)).map(({ kind, before, after, by, at }: Record<string, unknown>) => [
          kind,
          before,
          after,
          by,
          at,
        ]),
      ).toEqual([
        ['remove', FABRIKAM, null, 'Ada Admin', '2026-03-01T12:00:00.000Z'],
        ['change', NORTHWIND, FABRIKAM, 'Ada Admin', '2026-03-01T12:00:00.000Z'],
        ['change', FABRIKAM, NORTHWIND, 'Ada Admin', '2026-03-01T12:00:00.000Z'],
        ['assign', null, FABRIKAM, 'Ada Admin', '2026-03-01T12:00:00.000Z'],
      ]);
    });

    it('does nothing when the partner is already there, or there is none to remove', async () => {
      const id = await world.subscription();
      const before = await read(id);
      expect((await remove(id)).json).toEqual(before);
      const assigned = (await put(id, FABRIKAM.partnerId)).json;
      world.time.now = new Date(world.time.now.getTime() + HOUR_MS);
      const again = await put(id, FABRIKAM.partnerId);
      expect([again.status, again.json]).toEqual([200, assigned]);
      expect(await changesOf(id)).toHaveLength(1);
    });

    it('reads IDs and Partner IDs as people write them', async () => {
      const id = await world.subscription({ subscriptionId: 'Mixed-Case/ID' });
      const path = encodeURIComponent(id.toUpperCase());
      expect((await put(path, ' ４８５２０１３ ')).json.partnerOfRecord.partnerId).toBe(FABRIKAM.partnerId);
    });

    it('checks in the order of the contract', async () => {
      const id = await world.subscription();
      const readOnly = await world.subscription({ role: 'Reader' });
      const usedKey = randomUUID();
      await put(await world.subscription(), FABRIKAM.partnerId, { key: usedKey });
      const { etag } = await read(id);
      // Each step puts right what the one before was refused for; everything below it is still wrong.
      const wrong = {
        id: 'unknown',
        as: null,
        body: 'not JSON',
        key: 'no UUID',
        ifMatch: null,
        partner: UNKNOWN_PARTNER,
      };
      const steps: [string, object][] = [
        ['401 SignInRequired', {}],
        ['400 InvalidBody', { as: ADMIN }],
        ['400 InvalidBody', { body: { partnerId: 7 } }],
        ['400 InvalidPartnerId', { body: { partnerId: '12' } }],
        ['400 InvalidPartnerId', { body: { partnerId: `${FABRIKAM.partnerId}\u200b` } }],
        ['400 InvalidIdempotencyKey', { body: undefined }],
        ['422 IdempotencyKeyReused', { key: usedKey }],
        ['404 SubscriptionNotFound', { key: undefined }],
        ['403 NotPermitted', { id: readOnly }],
        ['428 PreconditionRequired', { id }],
        ['412 PreconditionFailed', { ifMatch: '"other"' }],
        ['404 PartnerNotFound', { ifMatch: etag }],
        ['200', { partner: FABRIKAM.partnerId }],
      ];
      let request: typeof wrong & ChangeWish = wrong;
      for (const [expected, repair] of steps) {
        request = { ...request, ...repair };
        const answer = await put(request.id, request.partner, {
          ...request,
          headers: { 'content-type': 'application/json' },
        });
        expect([answer.status, answer.json.error?.code].join(' ').trim()).toBe(expected);
      }
      expect(await changesOf(id)).toHaveLength(1);
    });

    it('checks a removal in the same order', async () => {
      const id = await world.subscription();
      const readOnly = await world.subscription({ role: 'Reader' });
      const usedKey = randomUUID();
      await remove(await world.subscription(), { key: usedKey });
      const { etag } = await read(id);
      const steps: [string, string, ChangeWish][] = [
        ['401 SignInRequired', 'unknown', { as: null, key: null, ifMatch: null }],
        ['400 InvalidIdempotencyKey', 'unknown', { key: null, ifMatch: null }],
        ['422 IdempotencyKeyReused', 'unknown', { key: usedKey, ifMatch: null }],
        ['404 SubscriptionNotFound', 'unknown', { ifMatch: null }],
        ['403 NotPermitted', readOnly, { ifMatch: null }],
        ['428 PreconditionRequired', id, { ifMatch: null }],
        ['412 PreconditionFailed', id, { ifMatch: '*' }],
        ['412 PreconditionFailed', id, { ifMatch: `W/${etag}` }],
        ['412 PreconditionFailed', id, { ifMatch: etag.replace(/"$/, '-gzip"') }],
        ['200', id, { ifMatch: etag }],
      ];
      for (const [expected, target, wish] of steps) {
        const answer = await remove(target, wish);
        expect([answer.status, answer.json.error?.code].join(' ').trim()).toBe(expected);
      }
    });

    it('shows the present record to a change that was based on another', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      await put(id, NORTHWIND.partnerId);
      const answer = await put(id, FABRIKAM.partnerId, { ifMatch: etag });
      expect(answer.status).toBe(412);
      expect(answer.json.error.details[0].record).toEqual(await read(id));
      expect((await read(id)).partnerOfRecord.name).toBe(NORTHWIND.name);
    });

    it.each(['{', '[]', '"4852013"', 'null', '{}', '{"partnerId":null}', '{"partnerId":"4852013","__proto__":{}}', ''])(
      'refuses the body %s',
      async (body) => {
        const id = await world.subscription();
        const { etag } = await read(id);
        const answer = await call('PUT', `/subscriptions/${id}/partnerOfRecord`, {
          body,
          headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID(), 'if-match': etag },
        });
        expect([answer.status, answer.json.error.code]).toEqual([400, 'InvalidBody']);
        expect((await read(id)).partnerOfRecord).toBeNull();
      },
    );

    it('refuses a body that is too large or announced as something else', async () => {
      const id = await world.subscription();
      const large = await put(id, '', { body: { partnerId: FABRIKAM.partnerId, more: 'x'.repeat(20_000) } });
      expect([large.status, large.json.error.code]).toEqual([413, 'BodyTooLarge']);
      const text = await put(id, '', { body: '{"partnerId":"4852013"}', headers: { 'content-type': 'text/plain' } });
      expect([text.status, text.json.error.code]).toEqual([415, 'UnsupportedMediaType']);
    });

    it('takes fields it does not know, and a removal that announces JSON and sends none', async () => {
      const id = await world.subscription();
      expect((await put(id, '', { body: { partnerId: FABRIKAM.partnerId, colour: 'red' } })).status).toBe(200);
      expect((await remove(id, { headers: { 'content-type': 'application/json' } })).status).toBe(200);
    });
  });

  describe('who may change the partner', () => {
    const everywhere = ['AccountAdministrator'];
    const onAzure = ['AccountAdministrator', 'SubscriptionAdministrator', 'Contributor'];
    const table = CLOUD_SERVICES.flatMap((service) =>
      CALLER_ROLES.map((role) => {
        const may = (service === 'azure' ? onAzure : everywhere).includes(role);
        return { service, role, may, verdict: may ? 'may' : 'may not' };
      }),
    );

    it.each(table)('$role $verdict on $service', async ({ service, role, may }) => {
      const assignedAt = '2025-06-01T00:00:00Z';
      const free = await world.subscription({ service, role });
      const taken = await world.subscription({
        service,
        role,
        partnerOfRecord: { ...FABRIKAM, assignedAt, assignedBy: 'Import' },
      });
      const record = await read(free);
      expect([record.caller.role, record.caller.canChangePartner]).toEqual([role, may]);
      expect((await read(taken)).partnerOfRecord.name).toBe(FABRIKAM.name);
      for (const ask of [
        () => put(free, FABRIKAM.partnerId),
        () => put(taken, NORTHWIND.partnerId),
        () => put(taken, NORTHWIND.partnerId),
        () => remove(taken),
        () => remove(taken),
      ]) {
        const { status, json } = await ask();
        if (may) expect(status).toBe(200);
        else expect([status, json.error]).toEqual([403, { code: 'NotPermitted', message: record.caller.reason }]);
      }
      // All may see the log, in which the second of two same requests has no effect.
      expect((await changesOf(free)).map(({ kind }: { kind: string }) => kind)).toEqual(may ? ['assign'] : []);
      expect((await changesOf(taken)).map(({ kind }: { kind: string }) => kind)).toEqual(
        may ? ['remove', 'change', 'assign'] : ['assign'],
      );
    });
  });

  describe('the Idempotency-Key', () => {
    it('brings the first answer again and no second effect, even after others have changed the record', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      const key = randomUUID();
      const first = await put(id, FABRIKAM.partnerId, { key, ifMatch: etag });
      await put(id, NORTHWIND.partnerId);
      for (const written of [key, key.toUpperCase()]) {
        const again = await put(id.toUpperCase(), FABRIKAM.partnerId, { key: written, ifMatch: etag });
        expect([again.status, again.body, again.headers['etag']]).toEqual([200, first.body, first.headers['etag']]);
      }
      expect((await read(id)).partnerOfRecord.name).toBe(NORTHWIND.name);
      expect(await changesOf(id)).toHaveLength(2);
    });

    it('brings the first answer again to a caller who has lost the role since', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      const key = randomUUID();
      const first = await put(id, FABRIKAM.partnerId, { key, ifMatch: etag });
      await world.subscription({ subscriptionId: id, role: 'Reader' });
      expect((await put(id, FABRIKAM.partnerId, { key, ifMatch: etag })).body).toBe(first.body);
      expect((await put(id, NORTHWIND.partnerId)).status).toBe(403);
    });

    it('is refused for any other request', async () => {
      const id = await world.subscription();
      const otherId = await world.subscription();
      const { etag } = await read(id);
      const key = randomUUID();
      await put(id, FABRIKAM.partnerId, { key, ifMatch: etag });
      const others = [
        put(id, NORTHWIND.partnerId, { key, ifMatch: etag }),
        put(otherId, FABRIKAM.partnerId, { key, ifMatch: etag }),
        put(id, FABRIKAM.partnerId, { key, ifMatch: '"other"' }),
        put(id, FABRIKAM.partnerId, { key, ifMatch: null }),
        remove(id, { key, ifMatch: etag }),
      ];
      for (const { status, json } of await Promise.all(others)) {
        expect([status, json.error.code]).toEqual([422, 'IdempotencyKeyReused']);
      }
    });

    it('is free again after a refusal', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      const key = randomUUID();
      expect((await put(id, FABRIKAM.partnerId, { key, ifMatch: '"other"' })).status).toBe(412);
      expect((await put(id, UNKNOWN_PARTNER, { key, ifMatch: etag })).status).toBe(404);
      expect((await put(id, FABRIKAM.partnerId, { key, ifMatch: etag })).status).toBe(200);
    });

    it('belongs to its caller', async () => {
      const roles = { [ADMIN]: 'AccountAdministrator', [OTHER_ADMIN]: 'Contributor' } as const;
      const id = await world.subscription({ roles });
      const key = randomUUID();
      await put(id, FABRIKAM.partnerId, { key });
      expect((await put(id, NORTHWIND.partnerId, { key, as: OTHER_ADMIN })).status).toBe(200);
      expect((await read(id)).partnerOfRecord).toMatchObject({ ...NORTHWIND, assignedBy: 'Bo Admin' });
    });

    it('is kept for more than 24 hours and forgotten in the end', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      const key = randomUUID();
      const asked = world.time.now.getTime();
      await put(id, FABRIKAM.partnerId, { key, ifMatch: etag });
      await forgetOldKeys(world.database.db, new Date(asked + 25 * HOUR_MS));
      expect((await put(id, FABRIKAM.partnerId, { key, ifMatch: etag })).status).toBe(200);
      await forgetOldKeys(world.database.db, new Date(asked + 72 * HOUR_MS));
      expect((await put(id, FABRIKAM.partnerId, { key, ifMatch: etag })).status).toBe(412);
      expect(await changesOf(id)).toHaveLength(1);
    });

    it.each([null, '', 'key', '123', '{9b2c1f0e-6a57-4d1b-9d5e-0f4f2b1c3a7d}'])('is refused as %s', async (key) => {
      const id = await world.subscription();
      for (const answer of [await put(id, FABRIKAM.partnerId, { key }), await remove(id, { key })]) {
        expect([answer.status, answer.json.error.code, answer.json.error.target]).toEqual([
          400,
          'InvalidIdempotencyKey',
          'idempotency-key',
        ]);
      }
    });
  });

  describe('the log of changes', () => {
    it('is told newest first, in pages, with the key of each change', async () => {
      const id = await world.subscription();
      const keys: string[] = [];
      for (let number = 0; number < 7; number++) {
        const key = randomUUID();
        await put(id, number % 2 === 0 ? FABRIKAM.partnerId : NORTHWIND.partnerId, { key });
        keys.unshift(key);
      }
      const told: string[] = [];
      for (let link = `/subscriptions/${id}/changes?pageSize=3`; link !== ''; ) {
        const { json } = await call('GET', link);
        told.push(...json.value.map((change: { idempotencyKey: string }) => change.idempotencyKey));
        link = json.nextLink ?? '';
      }
      expect(told).toEqual(keys);
    });

    it('has a row for a partner that was loaded with the subscription', async () => {
      const partnerOfRecord = { ...FABRIKAM, assignedAt: '2025-06-01T00:00:00Z', assignedBy: 'Import' };
      const id = await world.subscription({ partnerOfRecord });
      expect(await changesOf(id)).toEqual([
        {
          changeId: expect.any(String),
          kind: 'assign',
          before: null,
          after: FABRIKAM,
          at: '2025-06-01T00:00:00.000Z',
          by: 'Import',
        },
      ]);
    });

    it('tells people of one name apart, in the log and in the record', async () => {
      const twins = ['twin-1', 'twin-2'];
      const asTwin = await openWorld(kind);
      const callers = twins.map((principalId) => ({ principalId, name: 'Kim Twin', organization: 'Contoso Ltd' }));
      await asTwin.load({ callers });
      for (const twin of twins) await asTwin.issue(twin);
      const id = await asTwin.subscription({
        roles: { 'twin-1': 'AccountAdministrator', 'twin-2': 'AccountAdministrator' },
      });
      const read = async (address = '') =>
        (await call('GET', `/subscriptions/${id}${address}`, { as: 'twin-1' }, asTwin)).json;
      for (const [as, method, partnerId] of [
        ['twin-1', 'PUT', FABRIKAM.partnerId],
        ['twin-2', 'PUT', NORTHWIND.partnerId],
        ['twin-1', 'DELETE', undefined],
        ['twin-2', 'PUT', FABRIKAM.partnerId],
      ] as const) {
        const { etag } = (await call('GET', `/subscriptions/${id}`, { as }, asTwin)).json;
        const headers = { 'if-match': etag, 'idempotency-key': randomUUID() };
        const body = partnerId && { partnerId };
        const { json } = await call(method, `/subscriptions/${id}/partnerOfRecord`, { as, headers, body }, asTwin);
        expect(json.partnerOfRecord?.assignedById).toBe(partnerId && as);
      }
      expect((await read()).partnerOfRecord).toMatchObject({ assignedBy: 'Kim Twin', assignedById: 'twin-2' });
      const { value } = await read('/changes');
      expect(value.map(({ by, byId }: { by: string; byId: string }) => [by, byId])).toEqual(
        ['twin-2', 'twin-1', 'twin-2', 'twin-1'].map((twin) => ['Kim Twin', twin]),
      );
      await asTwin.close();
    });

    it('refuses a bad query, and says when there is no such subscription', async () => {
      const id = await world.subscription();
      for (const query of ['pageSize=0', 'cursor=WyJ4Il0']) {
        expect((await call('GET', `/subscriptions/${id}/changes?${query}`)).json.error.code).toBe('InvalidQuery');
      }
      const answer = await call('GET', `/subscriptions/${id}/changes`, { as: STRANGER });
      expect([answer.status, answer.json.error.code]).toEqual([404, 'SubscriptionNotFound']);
    });
  });

  describe("the partner's view", () => {
    const path = `/partners/${FABRIKAM.partnerId}/subscriptions`;

    /** The names of all that an answer tells, each with the names that it stands under. */
    function keysOf(value: unknown, under: readonly string[] = []): Set<string> {
      if (Array.isArray(value)) return new Set(value.flatMap((one) => [...keysOf(one, under)]));
      if (typeof value !== 'object' || value === null) return new Set([under.join('.')]);
      return new Set(Object.entries(value).flatMap(([key, part]) => [...keysOf(part, [...under, key])]));
    }

    async function seen(): Promise<{ subscriptionId: string }[]> {
      const rows: { subscriptionId: string }[] = [];
      for (let link = `${path}?pageSize=2`; link !== ''; ) {
        const { json } = await call('GET', link, { as: FABRIKAM_PERSON });
        rows.push(...json.value);
        link = json.nextLink ?? '';
      }
      return rows;
    }

    it('has exactly what a partner may see, from the association until its end', async () => {
      const id = await world.subscription({
        displayName: 'Seen',
        customerId: 'woodgrove',
        usage: [
          { month: '2026-02', service: 'azure', meter: 'Compute', amount: 10.1, currency: 'EUR' },
          { month: '2026-02', service: 'azure', meter: 'Storage', amount: 0.2, currency: 'EUR' },
          { month: '2026-02', service: 'azure', meter: 'Traffic', amount: 7, currency: 'USD' },
          { month: '2026-01', service: 'ems', meter: 'E3', seats: 12 },
          { month: '2026-01', service: 'ems', meter: 'E5', seats: 30 },
        ],
      });
      const find = async () => (await seen()).find((row) => row.subscriptionId === id);
      expect(await find()).toBeUndefined();
      world.time.now = new Date('2026-04-05T06:07:08.009Z');
      await put(id, FABRIKAM.partnerId);
      expect(await find()).toEqual({
        customer: { id: 'woodgrove', name: 'Woodgrove Bank' },
        subscriptionId: id,
        displayName: 'Seen',
        service: 'azure',
        startDate: '2025-01-01T00:00:00.000Z',
        endDate: '2027-01-01T00:00:00.000Z',
        associatedAt: '2026-04-05T06:07:08.009Z',
        usage: [
          { month: '2026-01', service: 'ems', seats: 42 },
          { month: '2026-02', service: 'azure', amount: 10.3, currency: 'EUR' },
          { month: '2026-02', service: 'azure', amount: 7, currency: 'USD' },
        ],
      });
      expect([...keysOf(await find())].sort()).toEqual([
        'associatedAt',
        'customer.id',
        'customer.name',
        'displayName',
        'endDate',
        'service',
        'startDate',
        'subscriptionId',
        'usage.amount',
        'usage.currency',
        'usage.month',
        'usage.seats',
        'usage.service',
      ]);
      await put(id, NORTHWIND.partnerId);
      expect(await find()).toBeUndefined();
    });

    it('gives every subscription once over its pages', async () => {
      const partnerOfRecord = { ...FABRIKAM, assignedAt: '2025-06-01T00:00:00Z', assignedBy: 'Import' };
      const ids: string[] = [];
      for (let number = 0; number < 5; number++) ids.push(await world.subscription({ partnerOfRecord }));
      const rows = (await seen()).map((row) => row.subscriptionId);
      expect(rows).toEqual(expect.arrayContaining(ids));
      expect(new Set(rows).size).toBe(rows.length);
    });

    it("is closed to everyone but the partner's own callers", async () => {
      for (const [address, as] of [
        [path, ADMIN],
        [`/partners/${NORTHWIND.partnerId}/subscriptions`, FABRIKAM_PERSON],
        [`/partners/${UNKNOWN_PARTNER}/subscriptions`, FABRIKAM_PERSON],
      ] as const) {
        const { status, json } = await call('GET', address, { as });
        expect([status, json.error.code]).toEqual([403, 'NotPermitted']);
      }
    });

    it('refuses what is no Partner ID, and a bad query', async () => {
      const wrongId = await call('GET', '/partners/x/subscriptions', { as: FABRIKAM_PERSON });
      expect([wrongId.status, wrongId.json.error.code]).toEqual([400, 'InvalidPartnerId']);
      const wrongPage = await call('GET', `${path}?pageSize=0`, { as: FABRIKAM_PERSON });
      expect([wrongPage.status, wrongPage.json.error.code]).toEqual([400, 'InvalidQuery']);
    });
  });

  describe('what is outside of the contract', () => {
    it('answers an unknown address with 404, in the one shape', async () => {
      for (const address of ['/nothing', '/subscriptions/a/b/c', '/../health']) {
        const { status, json } = await call('GET', address);
        expect([status, json.error.code]).toEqual([404, 'NotFound']);
      }
    });

    it('answers a method that an address does not take with 405 and the ones it takes', async () => {
      const answer = await call('POST', '/me', { as: null, body: 'x', headers: { 'content-type': 'text/plain' } });
      expect([answer.status, answer.json.error.code, answer.headers['allow']]).toEqual([
        405,
        'MethodNotAllowed',
        'GET, HEAD',
      ]);
      const change = await call('GET', '/subscriptions/x/partnerOfRecord');
      expect([change.status, change.headers['allow']]).toEqual([405, 'PUT, DELETE']);
    });

    it('answers an address that cannot be decoded with 400', async () => {
      const { status, json } = await call('GET', '/subscriptions/%E0%A4%A');
      expect([status, json.error.code]).toEqual([400, 'InvalidRequest']);
    });

    it('answers HEAD as GET, without the body', async () => {
      const id = await world.subscription();
      const { etag } = await read(id);
      const answer = await call('HEAD', `/subscriptions/${id}`);
      expect([answer.status, answer.body, answer.headers['etag']]).toEqual([200, '', etag]);
    });

    it('lets nothing be stored on the way', async () => {
      for (const path of ['/me', '/health', '/nothing', '/partners/x']) {
        expect((await call('GET', path)).headers['cache-control']).toBe('no-store');
      }
    });
  });

  describe('the guard of a service on loopback', () => {
    it.each([
      'evil.example',
      'localhost.evil.example',
      'localhost:8080',
      'localhost:80@evil.example',
      '127.0.0.2',
      '192.168.1.5',
      '[::2]',
    ])('refuses the Host %s', async (host) => {
      const { status, json } = await call('GET', '/health', { headers: { host } });
      expect([status, json.error.code]).toEqual([403, 'HostNotAllowed']);
    });

    it.each(['localhost', 'LOCALHOST:80', '127.0.0.1', '[::1]', '[::1]:80'])('takes the Host %s', async (host) => {
      expect((await call('GET', '/health', { headers: { host } })).status).toBe(200);
    });

    it.each([
      'https://evil.example',
      'http://localhost:3000',
      'https://localhost',
      'null',
      'http://localhost.evil.example',
      'chrome-extension://',
      'https://chrome-extension://abc',
      'file://',
    ])('refuses the Origin %s', async (origin) => {
      const { status, json } = await call('GET', '/me', { headers: { origin } });
      expect([status, json.error.code]).toEqual([403, 'OriginNotAllowed']);
    });

    it.each([
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      'moz-extension://3c1e8c1a-7d3f-4d5e-9b0a-1f2e3d4c5b6a',
      'http://localhost',
      'http://127.0.0.1:80',
    ])('takes the Origin %s', async (origin) => {
      expect((await call('GET', '/me', { headers: { origin } })).status).toBe(200);
    });

    it('guards every call', async () => {
      for (const operation of contract.operations()) {
        const [method = '', template = ''] = operation.split(' ');
        const { status } = await call(method.toUpperCase() as 'GET', template.replace(/\{\w+\}/, '1234567'), {
          headers: { host: 'evil.example' },
        });
        expect(status).toBe(403);
      }
    });
  });

  it('answers 503 with Retry-After to every call while its database is away', async () => {
    const pool = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    const database: Database = {
      ...world.database,
      db,
      transaction: (work) => db.transaction().execute(work),
    };
    const service = buildService({ database, clock: () => world.time.now });
    for (const operation of contract.operations()) {
      const [method = '', template = ''] = operation.split(' ');
      const answer = await call(
        method.toUpperCase() as 'GET',
        template.replace(/\{\w+\}/, '1234567'),
        {},
        { ...world, service },
      );
      expect([answer.status, answer.json.error.code]).toEqual([503, 'Unavailable']);
    }
    await service.app.close();
    await db.destroy();
  });

  it('answers 429 with Retry-After to every call but /health of who asks too much', async () => {
    const service = buildService({ database: world.database, clock: () => world.time.now }, false, {
      publicUrl: null,
      trustedProxies: [],
      allowedHosts: [],
      allowedOrigins: [],
      rateLimits: { perCaller: 1, perAddress: 1 },
    });
    const limited = { ...world, service };
    await call('GET', '/me', {}, limited);
    await call('GET', '/me', { as: null }, limited);
    for (const operation of contract.operations()) {
      const [method = '', template = ''] = operation.split(' ');
      const path = template.replace(/\{\w+\}/, '1234567');
      const answer = await call(method.toUpperCase() as 'GET', path, {}, limited);
      expect([answer.status, answer.json.error?.code]).toEqual(
        path === '/health' ? [200, undefined] : [429, 'TooManyRequests'],
      );
    }
    await service.app.close();
  });

  it('has exactly the routes that the description has', async () => {
    const routes: string[] = [];
    const app = Fastify({ exposeHeadRoutes: false });
    app.addHook('onRoute', ({ method, url }) => {
      routes.push(`${String(method).toLowerCase()} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    });
    app.register(async (scope) => addRoutes(scope, { database: world.database, clock: () => world.time.now }));
    await app.ready();
    expect(routes.toSorted()).toEqual(contract.operations().toSorted());
  });

  it('has given every answer that the description has, in the tests above', () => {
    expect(contract.unseen()).toEqual([]);
  });
});
