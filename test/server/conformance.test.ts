import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Wishes } from '../../scripts/conformance/ground';
import { checkConformance, type Finding } from '../../scripts/conformance/run';
import { runConformance } from './support/conformance-command';
import { databases } from './support/databases';
import { ADMIN, FABRIKAM, FABRIKAM_PERSON, NORTHWIND, OTHER_ADMIN, openWorld, type World } from './support/world';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Stands between the checks and the service, and does one thing wrong. */
type Fault = (request: Request, next: (request: Request) => Promise<Answer>) => Promise<Answer>;

const right: Fault = (request, next) => next(request);

/** A fault in the answers alone. */
function answers(spoil: (answer: Answer, request: Request) => Answer): Fault {
  return async (request, next) => spoil(await next(request), request);
}

/** What becomes of each ETag on its way; undefined leaves it out. */
function etags(spoil: (etag: string) => string | undefined): Fault {
  return answers((answer) => {
    const { etag, ...rest } = answer.headers;
    const spoilt = etag === undefined ? undefined : spoil(etag);
    return { ...answer, headers: { ...rest, ...(spoilt !== undefined && { etag: spoilt }) } };
  });
}

/** A fault in the JSON of 200 answers. */
function json(spoil: (body: Record<string, unknown>, request: Request) => unknown): Fault {
  return answers((answer, request) =>
    answer.status === 200 ? { ...answer, body: JSON.stringify(spoil(JSON.parse(answer.body), request)) } : answer,
  );
}

function headers(request: Request, more: Record<string, string | undefined>): Request {
  const all = Object.entries({ ...request.headers, ...more });
  return { ...request, headers: Object.fromEntries(all.filter((entry): entry is [string, string] => !!entry[1])) };
}

const isWrite = ({ method }: Request) => method === 'PUT' || method === 'DELETE';
const refusal = (status: number, code: string, more: object = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-request-id': randomUUID(), ...more },
  body: JSON.stringify({ error: { code, message: 'No.' } }),
});

/** The fault for one request at a time, so that each meets what the one before left. */
function oneAfterTheOther(fault: Fault): Fault {
  let last: Promise<unknown> = Promise.resolve();
  return (request, next) => {
    const answer = last.then(() => fault(request, next));
    last = answer;
    return answer;
  };
}

const withoutHeader = (name: string) =>
  answers(({ headers: { [name]: _, ...rest }, ...answer }) => ({ ...answer, headers: rest }));

/** Every partner's view, for whoever asks. */
const openView: Fault = async (request, next) => {
  const answer = await next(request);
  const isView = /^\/v1\/partners\/\d+\/subscriptions/.test(request.path);
  return isView && answer.status === 403 ? { ...answer, status: 200, body: '{"value":[]}' } : answer;
};

const KEYS_OF_ITS_OWN = 'The same request with the same key has its first answer again';
const ONE_KEY_AT_ONCE = 'Of 10 sent at once with one key';

/** What the backend does wrong, and how the lines begin that must be named for it; no other line may be. */
const FAULTS = {
  'speaks another version': [
    json((body) => ('contract' in body ? { ...body, contract: 2 } : body)),
    'GET /health answers',
    'The answers of GET /health',
  ],
  'takes every token': [
    (request, next) => next(headers(request, { authorization: request.headers['authorization'] && adminHeader })),
    'Every call but /health wants sign-in',
    'GET /me tells who is signed in',
    'A key belongs to its caller',
  ],
  'has one ID for all callers': [
    json((body, { path }) => (path === '/v1/me' ? { ...body, principalId: 'somebody' } : body)),
    'GET /me tells who is signed in',
    'Who made a change is told',
  ],
  'has callers without an ID': [
    json((body, { path }) => (path === '/v1/me' ? { ...body, principalId: ' ' } : body)),
    'GET /me tells who is signed in',
    'Who made a change is told',
    'The answers of GET /me are',
  ],
  'says on several lines whom to ask': [
    json((body, { path }) => (path === '/v1/me' ? { ...body, support: 'Grace,\nor Ada' } : body)),
    'The answers of GET /me are',
  ],
  'says whom to ask at too great length': [
    json((body, { path }) => (path === '/v1/me' ? { ...body, support: 'x'.repeat(201) } : body)),
    'The answers of GET /me are',
  ],
  'tells another ID of who made a change': [
    json((body, { path }) =>
      path.includes('/changes') && Array.isArray(body['value'])
        ? { ...body, value: body['value'].map((row) => ({ ...row, byId: 'somebody' })) }
        : body,
    ),
    'Who made a change is told',
  ],
  'does not say how to sign in': [withoutHeader('www-authenticate'), 'Every call but /health wants sign-in'],
  'has no request ids': [withoutHeader('x-request-id'), 'Every answer carries an x-request-id'],
  'has one request id for all': [
    answers((answer) => ({ ...answer, headers: { ...answer.headers, 'x-request-id': 'same' } })),
    'Every answer carries an x-request-id',
  ],
  'says what was refused in words of its own': [
    answers((answer) => {
      if (answer.status < 400) return answer;
      const { error } = JSON.parse(answer.body);
      return { ...answer, body: JSON.stringify({ error: { ...error, message: '' } }) };
    }),
    'Every refusal has the one shape',
  ],
  'answers another method with 404': [
    answers((answer) => (answer.status === 405 ? refusal(404, 'NotFound') : answer)),
    'A method that an address does not take',
  ],
  'knows services of its own': [
    json((body, { method, path }) =>
      method === 'GET' && path.startsWith('/v1/subscriptions/') && 'service' in body
        ? { ...body, service: 'Azure' }
        : body,
    ),
    'GET /subscriptions/{id} is the record that the list has',
    'PUT and DELETE assign',
    'Assigning the partner already there',
    '412 shows the present record',
    'A key with another partner',
    'The answers of GET /subscriptions/{subscriptionId} are',
  ],
  'is strict about Partner IDs': [
    (request, next) =>
      /partners\/.*(%20|%EF)/.test(request.path) || /partnerId":" /.test(request.body)
        ? Promise.resolve(refusal(400, 'InvalidPartnerId'))
        : next(request),
    'GET /partners/{partnerId} tells',
    'Fields of the body',
  ],
  'has fewer rows on a page than were asked for': [
    (request, next) => next({ ...request, path: request.path.replace('pageSize=200', 'pageSize=2') }),
    'A page has as many rows as pageSize says',
  ],
  'takes any pageSize': [
    (request, next) => next({ ...request, path: request.path.replace(/pageSize=(0|201|-1|1\.5|ten)$/, '') }),
    'A pageSize out of range',
  ],
  'links to the next page by path': [
    json((body) => ('nextLink' in body ? { ...body, nextLink: new URL(String(body['nextLink'])).pathname } : body)),
    'GET /subscriptions has every subscription once',
    'nextLink is absolute',
    'Every effect is one entry',
    'The answers of GET /subscriptions are',
    'The answers of GET /subscriptions/{subscriptionId}/changes are',
  ],
  'does not filter': [
    (request, next) => next({ ...request, path: request.path.replace(/filter=[^&]*/, '') }),
    'filter finds',
  ],
  'minds letter case in IDs': [
    (request, next) =>
      /^\/v1\/subscriptions\/[^/?]*[A-F]/.test(request.path)
        ? Promise.resolve(refusal(404, 'SubscriptionNotFound'))
        : next(request),
    'A subscription is found by its ID',
  ],
  "sends other ETags than its records'": [
    etags(() => '"another"'),
    'The etag of the record',
    'If-None-Match',
    'PUT and DELETE assign',
    KEYS_OF_ITS_OWN,
  ],
  'never answers 304': [(request, next) => next(headers(request, { 'if-none-match': undefined })), 'If-None-Match'],
  'tells the log oldest first': [
    json((body, { path }) =>
      path.includes('/changes') && Array.isArray(body['value']) ? { ...body, value: body['value'].toReversed() } : body,
    ),
    'Every effect is one entry',
    ONE_KEY_AT_ONCE,
  ],
  'looks at the key before the body': [
    (request, next) =>
      request.method === 'PUT' &&
      request.headers['authorization'] === adminHeader &&
      request.headers['idempotency-key'] === 'no key'
        ? Promise.resolve(refusal(400, 'InvalidIdempotencyKey'))
        : next(request),
    'Check 2',
  ],
  'looks for the partner first': [
    async (request, next) => {
      const partnerId = /"partnerId":"(\d{10})"/.exec(request.body)?.[1];
      return partnerId === undefined ? next(request) : refusal(404, 'PartnerNotFound');
    },
    'Check 3',
    'Check 4',
    'Check 5',
    'Check 6',
    'Check 7',
    'Check 8',
  ],
  'makes a key when there is none': [
    (request, next) =>
      next(
        headers(
          request,
          isWrite(request) && !request.headers['idempotency-key'] ? { 'idempotency-key': randomUUID() } : {},
        ),
      ),
    'Check 3',
  ],
  'forgets keys at once': [
    (request, next) =>
      next(headers(request, isUuid(request.headers['idempotency-key']) ? { 'idempotency-key': randomUUID() } : {})),
    'Check 4',
    KEYS_OF_ITS_OWN,
    'A key with another partner',
    ONE_KEY_AT_ONCE,
  ],
  'takes a key again for another request': [
    (request, next) =>
      next(
        headers(
          request,
          isUuid(request.headers['idempotency-key']) ? { 'idempotency-key': uuidOf(JSON.stringify(request)) } : {},
        ),
      ),
    'Check 4',
    'A key with another partner',
  ],
  'changes without If-Match': [
    async (request, next) => next(await basedOnThePresent(request, next, !request.headers['if-match'])),
    'Check 7',
  ],
  'does not mind what a change is based on': [
    oneAfterTheOther(async (request, next) =>
      next(await basedOnThePresent(request, next, !!request.headers['if-match'])),
    ),
    'Check 8',
    '412 shows the present record',
    KEYS_OF_ITS_OWN,
    'After a refusal the key is free',
    ONE_KEY_AT_ONCE,
    'Of 10 sent at once and based on one record',
  ],
  'keeps the present record to itself': [
    answers((answer) => (answer.status === 412 ? refusal(412, 'PreconditionFailed') : answer)),
    '412 shows the present record',
  ],
  'calls any partner known': [
    (request, next) => next({ ...request, body: request.body.replace(/\d{10}/, FABRIKAM.partnerId) }),
    'Check 9',
  ],
  'shows a partner who assigned it': [
    json((body, { path }) => {
      if (!path.startsWith('/v1/partners/') || !Array.isArray(body['value'])) return body;
      return { ...body, value: body['value'].map((row) => ({ ...row, assignedBy: 'Ada' })) };
    }),
    'A partner sees',
  ],
  "shows every partner's view to everyone": [openView, 'GET /partners/{partnerId}/subscriptions is 403'],
} satisfies Record<string, readonly [fault: Fault, ...lines: readonly string[]]>;
type FaultName = keyof typeof FAULTS;

/** Faults that one backend can have at once, since none is told by a line of another or stands in its way: all checks take a second. */
const TOGETHER: readonly (readonly FaultName[])[] = [
  [
    'speaks another version',
    'has callers without an ID',
    'does not say how to sign in',
    'has no request ids',
    'says what was refused in words of its own',
    'answers another method with 404',
    'takes any pageSize',
    'minds letter case in IDs',
    'makes a key when there is none',
    'never answers 304',
    'keeps the present record to itself',
    'calls any partner known',
    'shows a partner who assigned it',
    "shows every partner's view to everyone",
  ],
  [
    'has one request id for all',
    'says whom to ask at too great length',
    'tells the log oldest first',
    'takes every token',
  ],
  [
    'has one ID for all callers',
    'has fewer rows on a page than were asked for',
    'does not filter',
    'is strict about Partner IDs',
    'looks at the key before the body',
    'takes a key again for another request',
  ],
  ['says on several lines whom to ask', 'tells another ID of who made a change', 'changes without If-Match'],
];
const ALONE = (Object.keys(FAULTS) as FaultName[]).filter((name) => !TOGETHER.flat().includes(name));

/** Each fault in the way of what the next one lets through. */
const allOf = (faults: readonly Fault[]): Fault =>
  faults.reduceRight<Fault>((inner, fault) => (request, next) => fault(request, (sent) => inner(sent, next)), right);

let adminHeader = '';

const isUuid = (value: string | undefined) => /^[0-9a-f-]{36}$/.test(value ?? '');
const uuidOf = (content: string) =>
  createHash('sha256')
    .update(content)
    .digest('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})/, '$1-$2-4$3-8$4-');

/** A change with the present etag in place of what it was sent with. */
async function basedOnThePresent(request: Request, next: (request: Request) => Promise<Answer>, doSo: boolean) {
  if (!isWrite(request) || !doSo) return request;
  const present = await next({
    ...request,
    method: 'GET',
    path: request.path.replace('/partnerOfRecord', ''),
    body: '',
  });
  return present.status === 200 ? headers(request, { 'if-match': present.headers['etag'] }) : request;
}

const pglite = databases.filter(({ name }) => name === 'PGlite');

describe.each(pglite)('the conformance checks', (kind) => {
  let world: World;
  let wishes: Wishes;
  let base: string;
  let fault: Fault = right;
  const proxy = createServer();

  beforeAll(async () => {
    world = await openWorld(kind);
    const roles = { [ADMIN]: 'AccountAdministrator', [OTHER_ADMIN]: 'Contributor' } as const;
    for (let number = 0; number < 3; number++) await world.subscription({ displayName: `Plan ${number}`, roles });
    await world.subscription({ displayName: 'Only read', role: 'Reader' });
    adminHeader = world.authorization(ADMIN).authorization;
    wishes = {
      partnerIds: [FABRIKAM.partnerId, NORTHWIND.partnerId],
      otherToken: tokenOf(OTHER_ADMIN),
      partnerToken: tokenOf(FABRIKAM_PERSON),
    };
    proxy.on('request', async (incoming, reply) => {
      const { method = '', url = '', headers: given } = incoming;
      const { 'content-length': __, ...headers } = given as Record<string, string>;
      const sent = { method, path: url, headers, body: await text(incoming) };
      const { status, headers: got, body } = await fault(sent, ask);
      const { 'content-length': _, ...rest } = got;
      reply.writeHead(status, rest).end(body);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/v1`;
  });
  afterAll(async () => {
    proxy.close();
    await world.close();
  });

  const tokenOf = (principal: string) => world.authorization(principal).authorization.replace('Bearer ', '');

  async function ask({ method, path, headers: given, body }: Request): Promise<Answer> {
    const answer = await world.service.app.inject({
      method: method as 'GET',
      url: path,
      headers: { ...given, host: 'localhost' },
      ...(body !== '' && { payload: body }),
    });
    const text = answer.body.replaceAll(/http:\/\/localhost(:80)?\/v1/g, base);
    return { status: answer.statusCode, headers: answer.headers as Record<string, string>, body: text };
  }

  async function check(more: Partial<Wishes> = {}): Promise<Finding[]> {
    const findings: Finding[] = [];
    const never = new AbortController().signal;
    for await (const finding of checkConformance(base, tokenOf(ADMIN), { ...wishes, ...more }, never)) {
      findings.push(finding);
    }
    return findings;
  }

  const partners = async () => {
    const rows = await world.database.db.selectFrom('subscriptions').select('partner_id').execute();
    return rows.map((row) => row.partner_id);
  };

  it('pass the service, every line of them, and leave the partners as they were', async () => {
    fault = right;
    const findings = await check();
    expect(findings.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(findings.length).toBeGreaterThan(50);
    expect(await partners()).toEqual([null, null, null, null]);
  });

  it('pass a backend behind a proxy that weakens, marks or leaves out ETags', async () => {
    const made: ((etag: string) => string | undefined)[] = [
      (etag) => `W/${etag}`,
      (etag) => etag.replace(/"$/, '-gzip"'),
      (etag) => `W/${etag.replace(/"$/, ';br"')}`,
      () => undefined,
    ];
    let answered = 0;
    fault = etags((etag) => made[answered++ % made.length]?.(etag));
    const findings = await check();
    fault = right;
    expect(findings.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(answered).toBeGreaterThan(50);
  });

  it('leave out what the contract leaves to a backend: the ID beside a name', async () => {
    fault = answers((answer) => ({ ...answer, body: answer.body.replaceAll(/,"(assignedById|byId)":"[^"]*"/g, '') }));
    const findings = await check();
    fault = right;
    expect(findings.filter(({ verdict }) => verdict !== 'holds')).toEqual([
      {
        line: 'Who made a change is told by name and by the principalId of /me: assignedById and byId',
        verdict: 'not checked',
        why: 'the backend tells names alone',
      },
    ]);
  });

  it('say what they could not check for want of callers', async () => {
    fault = right;
    const { otherToken: _, partnerToken: __, ...less } = wishes;
    const findings: Finding[] = [];
    for await (const one of checkConformance(base, tokenOf(ADMIN), less, new AbortController().signal))
      findings.push(one);
    const unchecked = findings.filter(({ verdict }) => verdict === 'not checked').map(({ line }) => line);
    expect(unchecked).toEqual([
      'A key belongs to its caller',
      'A partner sees a subscription from the association until its end, and no more of it than it may',
      'The answers of GET /partners/{partnerId}/subscriptions are as described',
    ]);
    expect(findings.some(({ verdict }) => verdict === 'fails')).toBe(false);
  });

  it('are a command that names each line and ends with 1 when one fails', async () => {
    const partners = wishes.partnerIds.flatMap((partnerId) => ['--partner', partnerId]);
    const run = () => runConformance([base, tokenOf(ADMIN), ...partners]);
    fault = right;
    const good = await run();
    expect([good.code, good.lines.filter((line) => line.startsWith('FAILS'))]).toEqual([0, []]);
    expect(good.lines.filter((line) => line.startsWith('holds')).length).toBeGreaterThan(45);
    fault = withoutHeader('x-request-id');
    const bad = await run();
    fault = right;
    expect([bad.code, bad.lines.filter((line) => line.startsWith('FAILS'))]).toEqual([
      1,
      ['FAILS  Every answer carries an x-request-id of its own'],
    ]);
  });

  it('put the partner back when they are stopped', async () => {
    fault = right;
    const stop = new AbortController();
    const lines: string[] = [];
    for await (const { line } of checkConformance(base, tokenOf(ADMIN), wishes, stop.signal)) {
      lines.push(line);
      if (line.startsWith('filter finds')) stop.abort();
    }
    expect(lines.at(-1)).toBe('The partner of before can be put back');
    expect(lines.length).toBeLessThan(20);
    expect(await partners()).toEqual([null, null, null, null]);
  });

  it.each([...TOGETHER, ...ALONE.map((name) => [name])].map((names) => ({ names, all: names.join(', ') })))(
    'name what is wrong with a backend that $all',
    async ({ names }) => {
      const lines = names.flatMap((name) => {
        const [, ...told] = FAULTS[name];
        return told;
      });
      // Each line stands for one of the faults.
      expect(new Set(lines).size).toBe(lines.length);
      fault = allOf(names.map((name) => FAULTS[name][0]));
      const failing = (await check()).filter(({ verdict }) => verdict === 'fails');
      fault = right;
      const unnamed = lines.filter((beginning) => !failing.some(({ line }) => line.startsWith(beginning)));
      const others = failing.filter(({ line }) => !lines.some((beginning) => line.startsWith(beginning)));
      expect({ unnamed, others }).toEqual({ unnamed: [], others: [] });
    },
  );
});
