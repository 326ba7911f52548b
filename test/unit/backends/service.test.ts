import type { RequestListener } from 'node:http';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Backend, BackendError, type BackendPorts } from '../../../src/backends/backend';
import { createService } from '../../../src/backends/service';
import type { ChangeRequest } from '../../../src/domain/change-request';
import type { TestStep } from '../../../src/domain/connection-test';
import type { PartnerId } from '../../../src/domain/partner';
import { type Credential, isSamePerson, type Person } from '../../../src/domain/person';
import type { Connection } from '../../../src/domain/connection';
import type { SubscriptionId } from '../../../src/domain/subscription';
import { aConnection, anOpenConnection, CONNECTION_ID } from '../../support/connections';
import { ADA, BEN } from '../../support/persons';
import { LIMIT_MS } from '../../within';
import { serveLocally } from './local-server';

const ID = '1d3b0f7e-5a52-4b5e-9f0e-6f5d7e0c1a11' as SubscriptionId;
const PARTNER = '654321' as PartnerId;
const signal = new AbortController().signal;

const attached = { partnerId: '654321', name: 'Fabrikam', assignedAt: '2026-01-01T00:00:00Z', assignedBy: 'Ada' };
const record = {
  subscriptionId: ID as string,
  displayName: 'Production',
  service: 'azure',
  state: 'Active',
  startDate: '2025-01-01T00:00:00Z',
  endDate: '2027-01-01T00:00:00Z',
  customer: { id: 'c1', name: 'Contoso' },
  caller: { role: 'AccountAdministrator', canChangePartner: true },
  partnerOfRecord: attached as typeof attached | null,
  etag: '"7"',
};

/** The same as a state. */
const STATE = {
  partnerOfRecord: attached,
  version: '"7"',
  rights: { mayChange: true, role: 'AccountAdministrator', reason: null },
  subscription: {
    displayName: 'Production',
    service: 'azure',
    state: 'Active',
    startDate: '2025-01-01T00:00:00Z',
    endDate: '2027-01-01T00:00:00Z',
    customer: { id: 'c1', name: 'Contoso' },
  },
};
const TARGET = { kind: 'subscription', connectionId: CONNECTION_ID, id: ID } as const;
const change: ChangeRequest = {
  id: '0b0e8f52-60a7-4b0a-8a3e-2d3f8f1f7a01',
  target: TARGET,
  targetName: 'Production',
  page: null,
  kind: 'assign',
  before: null,
  after: { partnerId: PARTNER, name: 'Fabrikam' },
  basedOn: '"6"',
  replay: 'key',
  askedFrom: 'panel',
  askedAt: 0,
  person: ADA,
};
const adas = async (person: Person) => isSamePerson(person, ADA);
const of = (person: Person, token: string): Credential => ({ token, person });

interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

/** A service that answers by method and path; any other request is a 500. */
function answering(answers: Record<string, Answer>): RequestListener {
  return (request, response) => {
    const answer = answers[`${request.method} ${request.url}`] ?? {
      status: 500,
      body: `${request.method} ${request.url}`,
    };
    response.writeHead(answer.status ?? 200, answer.headers ?? {});
    response.end(JSON.stringify(answer.body));
  };
}

interface Parts extends BackendPorts {
  readonly connection: Connection;
}

/** A service with all that it can. */
function over(url: string, { connection, ...ports }: Partial<Parts> = {}) {
  const used = aConnection({ address: `${url}/v1` });
  const backend = createService(connection ?? used, {
    credential: async () => of(ADA, 'secret'),
    owner: () => Promise.reject(new Error('Asked for an owner')),
    fetch,
    now: () => 0,
    mayReach: async () => true,
    timeoutMs: LIMIT_MS,
    ...ports,
  });
  const { whoAmI, checkPartner, list, changes } = backend;
  if (!whoAmI || !checkPartner || !list || !changes) throw new Error('The service can do all of this');
  return { ...backend, whoAmI, checkPartner, list, changes };
}

async function asked(answers: Record<string, Answer>, more: Partial<Parts> = {}) {
  const server = await serveLocally(answering(answers));
  return { backend: over(server.url, more), requests: server.requests, url: server.url };
}

async function failureOf(answer: Promise<unknown>): Promise<BackendError> {
  const cause = await answer.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (cause instanceof BackendError) return cause;
  throw new Error(`Not a BackendError: ${cause}`);
}

/** The steps of a test of the connection. */
async function stepsOf(backend: Pick<Backend, 'test'>): Promise<TestStep[]> {
  const steps: TestStep[] = [];
  for await (const step of backend.test(signal)) steps.push(step);
  return steps;
}

const READ = `GET /v1/subscriptions/${ID}`;
const PUT = `PUT /v1/subscriptions/${ID}/partnerOfRecord`;
const DELETE = `DELETE /v1/subscriptions/${ID}/partnerOfRecord`;
const FIRST_PAGE = 'GET /v1/subscriptions?pageSize=200';

describe('what goes out', () => {
  it('signs in by the token, under the path of the address', async () => {
    const me = { name: 'Ada', principalId: 'p1', organization: 'Contoso', support: ' Ext. 4711 ', more: 1 };
    const { backend, requests } = await asked({ 'GET /v1/me': { body: me } });
    expect(await backend.whoAmI(signal)).toEqual({
      name: 'Ada',
      principalId: 'p1',
      organization: 'Contoso',
      support: 'Ext. 4711',
    });
    expect(requests[0]?.headers.authorization).toBe('Bearer secret');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['nothing but space', ' '],
    ['more than 200 characters', 'x'.repeat(201)],
    ['several lines', 'Ask Grace.\nOr Ada.'],
    ['what is no text', { mail: 'help@contoso.example' }],
  ])('knows nobody to ask where the service says %s, and the caller all the same', async (_what, support) => {
    const me = { name: 'Ada', principalId: 'p1', organization: 'Contoso', support };
    const { backend } = await asked({ 'GET /v1/me': { body: me } });
    expect(await backend.whoAmI(signal)).toMatchObject({ principalId: 'p1', support: null });
  });

  it.each([
    ['renewed', ['old', 'new'], 200],
    ['the same again', ['old', 'old'], 401],
    ['not to be had again', ['old'], 401],
  ])('sends the request once more after a 401 when the token is then %s', async (_what, tokens, status) => {
    const sent: (string | undefined)[] = [];
    const { url } = await serveLocally((request, response) => {
      sent.push(request.headers.authorization);
      const good = request.headers.authorization === 'Bearer new';
      response.writeHead(good ? 200 : 401);
      response.end(JSON.stringify(good ? { name: 'Ada', principalId: 'ada', organization: 'Contoso' } : {}));
    });
    const refused: (string | undefined)[] = [];
    const backend = over(url, {
      credential: async ({ refused: old } = {}) => {
        refused.push(old);
        const token = tokens[refused.length - 1];
        return token === undefined ? null : of(ADA, token);
      },
    });
    const outcome = await backend.whoAmI(signal).then(
      () => 200,
      (cause: unknown) => (cause instanceof BackendError ? cause.failure.status : cause),
    );
    expect(outcome).toBe(status);
    expect(refused).toEqual([undefined, 'old']);
    expect(sent).toEqual(status === 200 ? ['Bearer old', 'Bearer new'] : ['Bearer old']);
  });

  it('asks for no token and sends none when there is no sign-in', async () => {
    const server = await serveLocally(answering({ [READ]: { body: record } }));
    const backend = over(server.url, {
      connection: anOpenConnection({ address: `${server.url}/v1` }),
      credential: () => Promise.reject(new Error('Asked for a token')),
    });
    await backend.read(TARGET, signal);
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([null, '', 'two\nlines', 'späce'])(
    'needs a sign-in, and sends nothing, when the token is %j',
    async (token) => {
      const { backend, requests } = await asked(
        {},
        { credential: async () => (token === null ? null : of(ADA, token)) },
      );
      expect((await failureOf(backend.read(TARGET, signal))).failure).toEqual({ reason: 'signInNeeded' });
      expect(requests).toHaveLength(0);
    },
  );

  it('sends nothing to an address that the browser withholds', async () => {
    const { backend, requests } = await asked({}, { mayReach: async () => false });
    for (const call of [backend.read(TARGET, signal), backend.apply(change, adas, signal)]) {
      expect((await failureOf(call)).failure).toEqual({ reason: 'permissionMissing' });
    }
    expect(requests).toHaveLength(0);
  });

  it('asks for the contract without signing in', async () => {
    const { backend, requests } = await asked({ 'GET /v1/health': { body: { status: 'ok', contract: 2 } } });
    expect(await stepsOf(backend)).toMatchObject([
      { step: 'reachable', ok: true },
      { step: 'contract', ok: false, failure: { reason: 'wrongContract', detail: { version: 2, own: 1 } } },
    ]);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    ['a/../b?c#d', 'a%2F..%2Fb%3Fc%23d'],
    ['%2e%2e%2e', '%252e%252e%252e'],
    ['ü é', '%C3%BC%20%C3%A9'],
    ['a'.repeat(128), 'a'.repeat(128)],
  ])('writes the subscription ID %s into one step of the path', async (id, step) => {
    const body = { ...record, subscriptionId: id };
    const { backend } = await asked({ [`GET /v1/subscriptions/${step}`]: { body } });
    const read = await backend.read({ ...TARGET, id: id as SubscriptionId }, signal);
    expect(read.version).toBe(record.etag);
  });
});

describe('read', () => {
  it('takes the record, without regard to the letter case of its ID, and ignores what it does not know', async () => {
    const body = { ...record, subscriptionId: ID.toUpperCase(), colour: 'blue' };
    const { backend } = await asked({ [READ]: { body, headers: { etag: '"7"' } } });
    expect(await backend.read(TARGET, signal)).toEqual(STATE);
  });

  it.each([
    ['another subscription', { ...record, subscriptionId: 'other' }, {}, 'subscriptionId'],
    ['no state', { ...record, state: undefined }, {}, 'state'],
    [
      'a mistyped partner',
      { ...record, partnerOfRecord: { ...attached, partnerId: 654321 } },
      {},
      'partnerOfRecord.partnerId',
    ],
    ['no word on the partner', { ...record, partnerOfRecord: undefined }, {}, 'partnerOfRecord'],
    ['an etag without quotes', { ...record, etag: '7' }, {}, 'etag'],
    ['a list', [record], {}, 'subscriptionId'],
  ])('does not believe %s, and names the field', async (_what, body, headers, field) => {
    const { backend } = await asked({ [READ]: { body, headers } });
    const { failure } = await failureOf(backend.read(TARGET, signal));
    expect(failure).toMatchObject({ reason: 'unreadable', status: 200 });
    expect(failure.detail).toMatchObject({ field });
  });

  it.each(['W/"7"', '"7-gzip"', 'W/"7;br"', '"another"', null])(
    'goes by the etag of the record, whatever a proxy made of the header: %s',
    async (etag) => {
      const headers: Record<string, string> = etag === null ? {} : { etag };
      const { backend } = await asked({ [READ]: { body: record, headers } });
      expect((await backend.read(TARGET, signal)).version).toBe('"7"');
    },
  );

  it('hands on how long a busy service asks to wait', async () => {
    const { backend } = await asked({ [READ]: { status: 429, headers: { 'retry-after': '7' }, body: {} } });
    const error = await failureOf(backend.read(TARGET, signal));
    expect(error.failure.reason).toBe('busy');
    expect(error.retryAfterMs).toBe(7000);
  });
});

describe('readIfChanged', () => {
  it('names the version that is known, and is told that it still holds, or the record', async () => {
    const server = await serveLocally((request, response) => {
      const isKnown = request.headers['if-none-match'] === '"7"';
      response.writeHead(isKnown ? 304 : 200, { etag: 'W/"7-gzip"' });
      response.end(isKnown ? undefined : JSON.stringify(record));
    });
    const backend = over(server.url);
    expect(await backend.readIfChanged?.(TARGET, '"7"', signal)).toBeNull();
    expect(await backend.readIfChanged?.(TARGET, '"6"', signal)).toEqual(STATE);
  });

  it('believes no 304 to what was asked without a version', async () => {
    const { backend } = await asked({ [READ]: { status: 304, body: undefined } });
    expect((await failureOf(backend.read(TARGET, signal))).failure).toMatchObject({ reason: 'unreadable' });
  });
});

describe('checkPartner', () => {
  it('answers the name, and the location when there is one', async () => {
    const { backend } = await asked({
      'GET /v1/partners/654321': { body: { partnerId: '654321', name: 'Fabrikam', location: 'Oslo' } },
      'GET /v1/partners/700000': { body: { partnerId: '700000', name: 'Northwind' } },
    });
    expect(await backend.checkPartner(PARTNER, signal)).toEqual({
      partner: { partnerId: '654321', name: 'Fabrikam' },
      location: 'Oslo',
    });
    expect(await backend.checkPartner('700000' as PartnerId, signal)).toEqual({
      partner: { partnerId: '700000', name: 'Northwind' },
    });
  });

  it.each([
    [{ partnerId: '111111', name: 'Another' }, 'partnerId'],
    [{ partnerId: '654321', name: ' ' }, 'name'],
    [{ partnerId: '654321' }, 'name'],
  ])('does not believe %j', async (body, field) => {
    const { backend } = await asked({ 'GET /v1/partners/654321': { body } });
    const { failure } = await failureOf(backend.checkPartner(PARTNER, signal));
    expect(failure.reason).toBe('unreadable');
    expect(failure.detail).toMatchObject({ field });
  });

  it('tells of a partner that does not exist by status and code', async () => {
    const body = { error: { code: 'PartnerNotFound', message: 'No partner has this ID.' } };
    const { backend } = await asked({ 'GET /v1/partners/654321': { status: 404, body } });
    const { failure } = await failureOf(backend.checkPartner(PARTNER, signal));
    expect(failure).toMatchObject({ reason: 'refused', status: 404, code: 'PartnerNotFound' });
  });
});

describe('apply', () => {
  it('puts the partner with the etag and the key of the change', async () => {
    const { backend, requests } = await asked({ [PUT]: { body: record } });
    expect(await backend.apply(change, adas, signal)).toEqual(STATE);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      body: '{"partnerId":"654321"}',
      headers: {
        authorization: 'Bearer secret',
        'content-type': 'application/json',
        'if-match': '"6"',
        'idempotency-key': change.id,
      },
    });
  });

  it('deletes to remove', async () => {
    const removed = { ...record, partnerOfRecord: null };
    const { backend, requests } = await asked({ [DELETE]: { body: removed } });
    expect(await backend.apply({ ...change, kind: 'remove', after: null }, adas, signal)).toEqual({
      ...STATE,
      partnerOfRecord: null,
    });
    expect(requests[0]).toMatchObject({ body: '', headers: { 'if-match': '"6"', 'idempotency-key': change.id } });
  });

  it.each([
    ['still without a partner', { ...record, partnerOfRecord: null }],
    ['with another partner', { ...record, partnerOfRecord: { ...attached, partnerId: '111111' } }],
    ['of another subscription', { ...record, subscriptionId: 'other' }],
    ['that is empty', {}],
  ])('does not call it done by a record %s', async (_what, body) => {
    const { backend } = await asked({ [PUT]: { body } });
    expect((await failureOf(backend.apply(change, adas, signal))).failure.reason).toBe('unreadable');
  });

  it('does not call a removal done by a record that still has a partner', async () => {
    const { backend } = await asked({ [DELETE]: { body: record } });
    const removal = backend.apply({ ...change, kind: 'remove', after: null }, adas, signal);
    expect((await failureOf(removal)).failure.reason).toBe('unreadable');
  });

  const failedPrecondition = (details: unknown): Answer => ({
    status: 412,
    body: { error: { code: 'PreconditionFailed', message: 'It has changed.', details } },
  });

  it('takes the present record out of a 412', async () => {
    const { backend, requests } = await asked({ [PUT]: failedPrecondition([{ record }]) });
    const error = await failureOf(backend.apply(change, adas, signal));
    expect(error.failure).toMatchObject({ reason: 'refused', status: 412, code: 'PreconditionFailed' });
    expect(error.state).toEqual(STATE);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ['none', undefined],
    ['a damaged one', [{ record: { ...record, etag: 7 } }]],
    ['another subscription’s', [{ record: { ...record, subscriptionId: 'other' } }]],
  ])('reads the record when a 412 holds %s', async (_what, details) => {
    const { backend } = await asked({ [PUT]: failedPrecondition(details), [READ]: { body: record } });
    expect((await failureOf(backend.apply(change, adas, signal))).state).toEqual(STATE);
  });

  it('tells why the record could not be read after a bare 412', async () => {
    const { backend } = await asked({ [PUT]: failedPrecondition([]), [READ]: { status: 503, body: {} } });
    const error = await failureOf(backend.apply(change, adas, signal));
    expect(error.failure.reason).toBe('serverError');
    expect(error.state).toBeNull();
  });

  it('never takes a change that is another connection’s', async () => {
    const { backend, requests } = await asked({ [PUT]: { body: record } });
    const other = { ...change, target: { ...TARGET, connectionId: '11111111-1111-4111-8111-111111111111' } };
    expect((await failureOf(backend.apply(other, adas, signal))).failure.reason).toBe('connectionChanged');
    expect(requests).toHaveLength(0);
  });
});

describe('list', () => {
  let answers: Record<string, Answer>;
  beforeEach(() => {
    answers = {};
  });

  it('asks page after page, by the links of the answers', async () => {
    const { backend, url } = await asked(answers);
    const second = `${url}/v1/subscriptions?page=2`;
    answers[FIRST_PAGE] = { body: { value: [record], nextLink: second } };
    answers['GET /v1/subscriptions?page=2'] = { body: { value: [] } };
    const first = await backend.list(null, signal);
    expect(first).toEqual({ subscriptions: [{ subscriptionId: ID, state: STATE }], next: second });
    expect(await backend.list(first.next, signal)).toEqual({ subscriptions: [], next: null });
  });

  it.each([
    ['another origin', () => 'https://elsewhere.test/v1/subscriptions'],
    ['another port', (url: string) => `${url}0/v1/subscriptions`],
    ['another path', (url: string) => `${url}/v10/subscriptions`],
    ['a path above', (url: string) => `${url}/v1/../admin`],
    ['an encoded path above', (url: string) => `${url}/v1/%2e%2e/admin`],
    ['a name and password', (url: string) => `${url.replace('//', '//a:b@')}/v1/subscriptions`],
    ['no origin', () => '/v1/subscriptions?page=2'],
    ['a script', () => 'javascript:alert(1)'],
  ])('refuses a nextLink with %s', async (_what, link) => {
    const { backend, url, requests } = await asked(answers);
    answers[FIRST_PAGE] = { body: { value: [record], nextLink: link(url) } };
    expect((await failureOf(backend.list(null, signal))).failure).toMatchObject({ reason: 'unreadable' });
    expect((await failureOf(backend.list(link(url), signal))).failure).toMatchObject({ reason: 'unreadable' });
    expect(requests).toHaveLength(1);
  });

  it('refuses a page that leads to itself', async () => {
    const { backend, url } = await asked(answers);
    const link = `${url}/v1/subscriptions?page=2`;
    answers['GET /v1/subscriptions?page=2'] = { body: { value: [], nextLink: link } };
    expect((await failureOf(backend.list(link, signal))).failure.detail).toEqual({
      code: 'fieldUnexpected',
      field: 'nextLink',
    });
  });

  it('takes 200 rows a page, and no more', async () => {
    const { backend } = await asked(answers);
    answers[FIRST_PAGE] = { body: { value: Array(200).fill(record) } };
    expect((await backend.list(null, signal)).subscriptions).toHaveLength(200);
    answers[FIRST_PAGE] = { body: { value: Array(201).fill(record) } };
    expect((await failureOf(backend.list(null, signal))).failure.detail).toMatchObject({ field: 'value' });
  });

  it('names the row that cannot be read', async () => {
    const { backend } = await asked(answers);
    answers[FIRST_PAGE] = { body: { value: [record, { ...record, service: 'xbox' }] } };
    expect((await failureOf(backend.list(null, signal))).failure.detail).toMatchObject({
      field: 'value.1.service',
    });
  });
});

describe('changes', () => {
  const LOG = `GET /v1/subscriptions/${ID}/changes?pageSize=50`;
  const entry = {
    changeId: '0b0e8f52-60a7-4b0a-8a3e-2d3f8f1f7a01',
    kind: 'change',
    before: { partnerId: '123456', name: 'Northwind', location: 'Oslo' },
    after: { partnerId: '654321', name: 'Fabrikam' },
    at: '2026-01-01T00:00:00Z',
    by: 'Ada',
    byId: 'p1',
  };
  const read = {
    kind: 'change',
    before: { partnerId: '123456', name: 'Northwind' },
    after: { partnerId: '654321', name: 'Fabrikam' },
    at: '2026-01-01T00:00:00Z',
    by: 'Ada',
  };

  it('asks for the newest fifty of the subscription, and says whether there are older ones', async () => {
    const { backend, url } = await asked({ [LOG]: { body: { value: [entry] } } });
    expect(backend.can).toEqual({ check: true, list: true, changeLog: true, mails: true, shares: true, replay: 'key' });
    expect(await backend.changes(TARGET, signal)).toEqual({ changes: [read], more: false });
    const body = { value: [entry, { ...entry, kind: 'assign', before: null }], nextLink: `${url}/v1/more` };
    const more = await asked({ [LOG]: { body } });
    expect(await more.backend.changes(TARGET, signal)).toEqual({
      changes: [read, { ...read, kind: 'assign', before: null }],
      more: true,
    });
  });

  it.each([
    ['more rows than were asked for', Array(51).fill(entry), 'value'],
    ['a kind that there is not', [{ ...entry, kind: 'rename' }], 'value.0.kind'],
    ['nobody who made it', [{ ...entry, by: undefined }], 'value.0.by'],
    ['no time', [{ ...entry, at: 'yesterday' }], 'value.0.at'],
  ])('names the field of a log that cannot be read: %s', async (_what, value, field) => {
    const { backend } = await asked({ [LOG]: { body: { value } } });
    const { failure } = await failureOf(backend.changes(TARGET, signal));
    expect(failure).toMatchObject({ reason: 'unreadable', detail: { code: 'fieldUnreadable', field } });
  });

  it('tells a subscription that the service does not know by its code', async () => {
    const { backend } = await asked({
      [LOG]: { status: 404, body: { error: { code: 'SubscriptionNotFound', message: 'No such subscription.' } } },
    });
    const { failure } = await failureOf(backend.changes(TARGET, signal));
    expect(failure).toMatchObject({ reason: 'refused', status: 404, code: 'SubscriptionNotFound' });
  });
});

describe('whose request a change is', () => {
  const ok = { [PUT]: { body: record } };
  const TOKEN = { kind: 'token', issuer: 'https://partners.example/v1', fingerprint: 'f1' } as const;
  const ME = { name: 'Ada', principalId: 'p1', organization: 'Contoso' };

  it('is sent with a token of the sender', async () => {
    const { backend, requests } = await asked(ok);
    await backend.apply(change, adas, signal);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret']);
  });

  it('is not sent with a token of anybody else', async () => {
    const { backend, requests } = await asked(ok, { credential: async () => of(BEN, 'bens') });
    expect((await failureOf(backend.apply(change, adas, signal))).failure).toEqual({ reason: 'otherPerson' });
    expect(requests).toEqual([]);
  });

  it('is not sent again with the token that a refused one was renewed to, when that is another’s', async () => {
    const { backend, requests } = await asked(
      { [PUT]: { status: 401, body: {} } },
      { credential: async ({ refused } = {}) => (refused === undefined ? of(ADA, 'adas') : of(BEN, 'bens')) },
    );
    expect((await failureOf(backend.apply(change, adas, signal))).failure).toEqual({ reason: 'otherPerson' });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer adas']);
  });

  it('is everybody’s of the connection where there is no sign-in, and of no other connection', async () => {
    const server = await serveLocally(answering(ok));
    const connection = anOpenConnection({ address: `${server.url}/v1` });
    const seen: Person[] = [];
    const backend = over(server.url, { connection });
    const isSender = async (person: Person) => seen.push(person) === 1;
    await backend.apply(change, isSender, signal);
    expect((await failureOf(backend.apply(change, isSender, signal))).failure).toEqual({ reason: 'otherPerson' });
    expect(seen).toEqual([1, 2].map(() => ({ kind: 'connection', connectionId: CONNECTION_ID })));
    expect(server.requests).toHaveLength(1);
  });

  it('of a pasted token is known before anything leaves: /me comes first, with that token', async () => {
    const told: string[] = [];
    const { backend, requests } = await asked(
      { ...ok, 'GET /v1/me': { body: ME } },
      {
        credential: async () => of(TOKEN, 'pasted'),
        owner: async (token, ask) => {
          told.push(token.fingerprint, (await ask()).principalId);
          return ADA;
        },
      },
    );
    await backend.apply(change, adas, signal);
    expect(told).toEqual(['f1', 'p1']);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/me', PUT]);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer pasted', 'Bearer pasted']);
  });

  it.each([
    ['away', { status: 503, body: {} }, 'serverError'],
    ['unreadable', { body: { ...ME, principalId: 7 } }, 'unreadable'],
    ['without an ID', { body: { ...ME, principalId: ' ' } }, 'unreadable'],
    ['refused', { status: 403, body: {} }, 'refused'],
    ['unknown to the service', { status: 404, body: {} }, 'refused'],
    ['signed out', { status: 401, body: {} }, 'signInNeeded'],
  ] as const)('when /me is %s nothing of the change leaves, and the failure says so', async (_what, answer, reason) => {
    const { backend, requests } = await asked(
      { ...ok, 'GET /v1/me': answer },
      {
        credential: async () => of(TOKEN, 'pasted'),
        owner: async (_token, ask) => {
          await ask();
          return ADA;
        },
      },
    );
    const { failure } = await failureOf(backend.apply(change, adas, signal));
    expect([failure.reason, failure.unsent]).toEqual([reason, true]);
    expect(requests.map(({ method }) => method)).toEqual(['GET']);
  });
});

describe('a service that the extension is kept out of', () => {
  /** A browser in which requests of ours fail, and one that wants nothing read ends as `blind` says. */
  function keptOut(blind: () => Promise<{ readonly type: string }>) {
    const sent: RequestInit[] = [];
    const connection = aConnection();
    const backend = createService(connection, {
      credential: async () => of(ADA, 'planted-token-7f3a'),
      owner: () => Promise.reject(new Error('Asked for an owner')),
      fetch: (async (_url: string, init: RequestInit) => {
        sent.push(init);
        if (init.mode === 'no-cors') return blind();
        throw new TypeError('Failed to fetch');
      }) as unknown as typeof fetch,
      now: () => 0,
      mayReach: async () => true,
    });
    return { backend, sent };
  }

  it('is told apart: what wants nothing read gets through, and carries nothing', async () => {
    const { backend, sent } = keptOut(async () => ({ type: 'opaque' }));
    expect(await stepsOf(backend)).toMatchObject([
      { ok: false, failure: { reason: 'keptOut', detail: { code: 'keptOut', host: 'por.example.com' } } },
    ]);
    expect(sent.at(-1)).toMatchObject({ mode: 'no-cors', credentials: 'omit', referrerPolicy: 'no-referrer' });
    expect(JSON.stringify(sent)).not.toContain('planted-token-7f3a');
  });

  it.each([
    ['nothing gets through', async () => Promise.reject(new TypeError('Failed to fetch'))],
    ['the service only just came back', async () => ({ type: 'basic' })],
  ])('is not one where %s', async (_what, blind) => {
    expect(await stepsOf(keptOut(blind).backend)).toMatchObject([{ ok: false, failure: { reason: 'noAnswer' } }]);
  });

  it('is looked for by the test alone, never by what reads and changes', async () => {
    const { backend, sent } = keptOut(async () => ({ type: 'opaque' }));
    await expect(backend.read(TARGET, signal)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
    await expect(backend.whoAmI?.(signal)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
    expect(sent.every(({ mode }) => mode === undefined)).toBe(true);
  });
});
