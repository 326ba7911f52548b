import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { InjectOptions } from 'fastify';
import type { KyselyPlugin } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { countedWindows } from '../../server/src/plugins/counted-windows';
import { goodTokens } from '../../server/src/plugins/good-tokens';
import { countedAddress } from '../../server/src/plugins/peer-address';
import { listeningPort } from '../../server/src/plugins/loopback-guard';
import { invalidToken } from '../../server/src/callers/sign-in';
import { whyLimitsAreShared } from '../../server/src/commands/serve/why-limits-are-shared';
import type { Network } from '../../server/src/network';
import { buildService, type Service } from '../../server/src/service';
import { revokeTokens } from '../../server/src/callers/repository';
import { within } from '../within';
import { databases } from './support/databases';
import { providerStandIn } from './support/provider-stand-in';
import { ADMIN, FABRIKAM_PERSON, OTHER_ADMIN, openWorld, type World } from './support/world';

const MINUTE_MS = 60_000;
const PUBLIC = 'https://por.example.com';
const PORTAL = 'https://portal.example.com';
const PAGE = new Map([['index.html', { type: 'text/html', content: '<p>' }]]);

describe.each(databases.filter(({ name }) => name === 'PGlite'))('a service that is asked too much', (kind) => {
  let world: World;
  /** Statements sent to the database, and tokens that the identity provider was asked about. */
  let checks = 0;
  const log: string[] = [];
  const services: Service[] = [];

  beforeAll(async () => {
    world = await openWorld(kind);
  });
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    checks = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  afterAll(async () => {
    for (const { app } of services) await app.close();
    await world.close();
  });

  const counting: KyselyPlugin = {
    transformQuery: ({ node }) => {
      checks += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  /** Whose tokens have all expired. */
  const identityProvider = providerStandIn(async () => {
    checks += 1;
    throw invalidToken('The access token has expired.');
  });

  function serve(perCaller: number, perAddress: number, network: Partial<Network> = {}) {
    const db = world.database.db.withPlugin(counting);
    const service = buildService(
      { database: { ...world.database, db }, clock: () => world.time.now, identityProvider, partnerPage: PAGE },
      { stream: { write: (line) => log.push(line) } },
      {
        publicUrl: null,
        trustedProxies: [],
        allowedHosts: [],
        allowedOrigins: [],
        rateLimits: { perCaller, perAddress },
        ...network,
      },
    );
    services.push(service);
    return service.app;
  }
  type App = ReturnType<typeof serve>;

  const as = (principalId: string) => world.authorization(principalId);
  const me = async (app: App, headers: Record<string, string> = {}, remoteAddress = '192.0.2.1') => {
    const { statusCode } = await app.inject({ url: '/v1/me', headers, remoteAddress });
    return statusCode;
  };
  const wrong = (number = 0) => ({ authorization: `Bearer wrong-${number}` });

  describe('by a caller', () => {
    it('refuses the caller, wherever the calls come from, and no other caller', async () => {
      const app = serve(3, 2);
      const ask = (principalId: string, remoteAddress: string) =>
        app.inject({ url: '/v1/me', headers: as(principalId), remoteAddress });
      for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
        expect((await ask(ADMIN, address)).statusCode).toBe(200);
      }
      const refused = await ask(ADMIN, '192.0.2.4');
      expect([refused.statusCode, refused.json().error.code]).toEqual([429, 'TooManyRequests']);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
      expect((await ask(OTHER_ADMIN, '192.0.2.4')).statusCode).toBe(200);
    });

    it('refuses who is over the limit without a look at the database, when the token was good of late, and logs whose it is', async () => {
      const app = serve(1, 2);
      expect(await me(app, as(ADMIN))).toBe(200);
      checks = 0;
      log.length = 0;
      expect(await me(app, as(ADMIN))).toBe(429);
      expect(checks).toBe(0);
      expect(log.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ status: 429, principalId: ADMIN }),
      ]);
    });

    it('does not count for an address whom somebody is signed in as', async () => {
      const app = serve(0, 2);
      for (const principalId of [ADMIN, OTHER_ADMIN, FABRIKAM_PERSON, ADMIN, OTHER_ADMIN]) {
        expect(await me(app, as(principalId))).toBe(200);
      }
      expect([await me(app), await me(app), await me(app)]).toEqual([401, 401, 429]);
    });
  });

  describe('from an address', () => {
    const jwt = { authorization: 'Bearer e30.e30.x' };
    it.each<[string, string, InjectOptions]>([
      ['no token', '401', { url: '/v1/me' }],
      ['no bearer token', '401', { url: '/v1/me', headers: { authorization: 'Basic YTpi' } }],
      ['a header that is no token', '401', { url: '/v1/me', headers: { authorization: 'Bearer a b' } }],
      ['a wrong token', '401', { url: '/v1/me', headers: wrong() }],
      ['an expired token', '401', { url: '/v1/me', headers: jwt }],
      ['a route that is not there', '404', { url: '/nothing', headers: wrong() }],
      ['a file of the page', '200', { url: '/partner' }],
      ['a method that is not taken', '405', { url: '/v1/me', method: 'POST' }],
      ['a Host that is not allowed', '403', { url: '/v1/me', headers: { host: 'evil.example' } }],
      ['an address that cannot be read', '400', { url: '/v1/subscriptions/%zz' }],
      ['a part of the address that is too long', '400', { url: `/v1/partners/${'1'.repeat(3000)}` }],
    ])('counts what comes with %s, answered %s, and refuses it with Retry-After', async (_what, status, request) => {
      const app = serve(0, 2, { trustedProxies: ['127.0.0.1'], publicUrl: PUBLIC });
      const ask = () => app.inject({ ...request, headers: { ...request.headers, 'x-forwarded-for': '192.0.2.1' } });
      expect([`${(await ask()).statusCode}`, `${(await ask()).statusCode}`]).toEqual([status, status]);
      const { statusCode, headers, json } = await ask();
      expect([statusCode, json().error.code, headers['retry-after']]).toEqual([429, 'TooManyRequests', '60']);
      expect([headers['www-authenticate'], headers['x-request-id']]).toEqual([undefined, expect.stringMatching(/./)]);
      const next = async (forwarded: string) => me(app, { 'x-forwarded-for': forwarded }, '127.0.0.1');
      expect([await next('192.0.2.1'), await next('192.0.2.2')]).toEqual([429, 401]);
    });

    it('refuses it unchecked, whatever token it comes with, until its minute is over', async () => {
      const app = serve(0, 2);
      await me(app, wrong(1));
      await me(app, jwt);
      expect(checks).toBe(2);
      vi.advanceTimersByTime(MINUTE_MS - 1);
      for (const headers of [{}, wrong(1), wrong(2), jwt, as(ADMIN), { authorization: 'Digest x' }]) {
        expect(await me(app, headers)).toBe(429);
      }
      expect(checks).toBe(2);
      vi.advanceTimersByTime(1);
      expect(await me(app, as(ADMIN))).toBe(200);
    });

    it('checks no more than the limit of what comes at once', async () => {
      const app = serve(0, 5);
      const statuses = await Promise.all(Array.from({ length: 50 }, (_, number) => me(app, wrong(number))));
      expect(statuses.filter((status) => status === 401)).toHaveLength(5);
      expect(checks).toBe(5);
    });

    it('goes on answering the callers behind it whose tokens were good in the last ten minutes, and no others', async () => {
      const app = serve(0, 2);
      const exhaust = async () => {
        while ((await me(app)) !== 429);
      };
      expect(await me(app, as(ADMIN))).toBe(200);
      vi.advanceTimersByTime(10 * MINUTE_MS - 1);
      await exhaust();
      expect([await me(app, as(ADMIN)), await me(app, as(OTHER_ADMIN))]).toEqual([200, 429]);
      // Found good a moment ago, so it is for ten minutes more.
      vi.advanceTimersByTime(10 * MINUTE_MS);
      await exhaust();
      expect(await me(app, as(ADMIN))).toBe(429);
    });

    it('believes no token for having been good: one that was revoked is refused, counts, and is not looked at again', async () => {
      const app = serve(0, 2);
      expect(await me(app, as(FABRIKAM_PERSON))).toBe(200);
      await revokeTokens(world.database.db, FABRIKAM_PERSON);
      expect([await me(app), await me(app, as(FABRIKAM_PERSON)), await me(app)]).toEqual([401, 401, 429]);
      checks = 0;
      expect(await me(app, as(FABRIKAM_PERSON))).toBe(429);
      expect(checks).toBe(0);
      await world.issue(FABRIKAM_PERSON);
    });

    it('counts with a good token what nobody is signed in for: a file, a route that is not there', async () => {
      const app = serve(0, 2);
      expect(await me(app, as(ADMIN))).toBe(200);
      for (const url of ['/partner', '/nothing']) await app.inject({ url, headers: as(ADMIN) });
      const statuses = [await app.inject({ url: '/nothing', headers: as(ADMIN) }), await app.inject('/partner')];
      expect(statuses.map(({ statusCode }) => statusCode)).toEqual([429, 429]);
      expect(await me(app, as(ADMIN), '127.0.0.1')).toBe(200);
    });

    it('keeps /health apart: it is always answered, and uses nothing up', async () => {
      const app = serve(1, 1);
      const health = async () => (await app.inject({ url: '/v1/health', remoteAddress: '192.0.2.1' })).statusCode;
      expect([await health(), await health(), await health()]).toEqual([200, 200, 200]);
      expect([await me(app), await me(app)]).toEqual([401, 429]);
      checks = 0;
      const many = await Promise.all(Array.from({ length: 50 }, health));
      expect(new Set(many)).toEqual(new Set([200]));
      // They share one question to the database at a time.
      expect(checks).toBeLessThan(10);
    });

    it('lets a page of another origin read that it is refused, and ask beforehand without being counted', async () => {
      const app = serve(0, 1, { allowedOrigins: [PORTAL] });
      const headers = { origin: PORTAL, 'access-control-request-method': 'GET' };
      const preflight = () => app.inject({ method: 'OPTIONS', url: '/v1/me', headers });
      expect([(await preflight()).statusCode, (await preflight()).statusCode]).toEqual([204, 204]);
      await app.inject({ url: '/v1/me', headers: { origin: PORTAL } });
      const refused = await app.inject({ url: '/v1/me', headers: { origin: PORTAL } });
      expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([429, PORTAL]);
      expect(refused.headers['access-control-expose-headers']).toContain('retry-after');
      expect((await preflight()).statusCode).toBe(204);
    });

    it('counts bytes that are no HTTP, too, and answers 429 in their place', async () => {
      const app = serve(0, 2);
      await app.listen({ host: '127.0.0.1', port: 0 });
      const say = async (bytes: string) => {
        const socket = connect(listeningPort(app), '127.0.0.1');
        socket.end(bytes);
        return within('the answer', text(socket));
      };
      expect(await say('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
      expect(await say(`GET / HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
      expect(await say('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 429 [\s\S]*\r\nretry-after: 60\r\n/);
      expect(await me(app, {}, '127.0.0.1')).toBe(429);
    });

    it('counts what names no Host', async () => {
      const app = serve(0, 2);
      await app.listen({ host: '127.0.0.1', port: 0 });
      const say = async () => {
        const socket = connect(listeningPort(app), '127.0.0.1');
        socket.write('GET /v1/me HTTP/1.1\r\nconnection: close\r\n\r\n');
        return (await within('the answer', text(socket))).slice(0, 12);
      };
      expect([await say(), await say(), await say()]).toEqual(['HTTP/1.1 400', 'HTTP/1.1 400', 'HTTP/1.1 429']);
    });

    it('counts each of many requests that are sent at once down one connection', async () => {
      const app = serve(0, 3);
      await app.listen({ host: '127.0.0.1', port: 0 });
      const port = listeningPort(app);
      const socket = connect(port, '127.0.0.1');
      const one = `GET /v1/me HTTP/1.1\r\nhost: localhost:${port}\r\nauthorization: Bearer wrong\r\n`;
      socket.write(`${one}\r\n`.repeat(29));
      socket.write(`${one}connection: close\r\n\r\n`);
      const answers = await within('the answers', text(socket));
      const statuses = [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
      expect([statuses.filter((status) => status === '401').length, statuses.length]).toEqual([3, 30]);
      expect(checks).toBe(3);
    });

    it('is without limit where 0 is', async () => {
      const app = serve(0, 0);
      for (let number = 0; number < 20; number++) expect(await me(app, wrong(number))).toBe(401);
      for (let number = 0; number < 20; number++) expect(await me(app, as(ADMIN))).toBe(200);
    });
  });

  describe('behind a proxy', () => {
    const from = (app: App, peer: string, forwarded: string) => me(app, { 'x-forwarded-for': forwarded }, peer);
    const proxied = (perAddress = 2) => serve(0, perAddress, { publicUrl: PUBLIC, trustedProxies: ['10.1.2.3'] });

    it('counts by the address that a trusted proxy saw, and by no other', async () => {
      const app = proxied();
      const statuses: number[] = [];
      for (const client of ['192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2']) {
        statuses.push(await from(app, '10.1.2.3', client));
      }
      expect(statuses).toEqual([401, 401, 429, 401]);
      // The proxy adds the address it saw to the right; what the client wrote itself stands to the left.
      expect(await from(app, '10.1.2.3', '198.51.100.9, 192.0.2.1')).toBe(429);
      const direct: number[] = [];
      for (const invented of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) direct.push(await from(app, '203.0.113.5', invented));
      expect(direct).toEqual([401, 401, 429]);
    });

    it('whoever runs it is told when no proxy is believed, so that all who come by it share one limit', () => {
      const rateLimits = { perCaller: 0, perAddress: 2 };
      const behind = { publicUrl: PUBLIC, trustedProxies: [], rateLimits };
      expect(whyLimitsAreShared(behind)).toMatch(/^TRUST_PROXY is not set, .* Set it to the address/);
      expect(whyLimitsAreShared({ ...behind, trustedProxies: ['10.1.2.3'] })).toBeNull();
      expect(whyLimitsAreShared({ ...behind, publicUrl: 'http://localhost:8080' })).toBeNull();
      expect(whyLimitsAreShared({ ...behind, rateLimits: { ...rateLimits, perAddress: 0 } })).toBeNull();
    });

    it('counts what is no address for the proxy, whatever stands there', async () => {
      const app = proxied();
      const texts = ['unknown', 'x'.repeat(9000), '_hidden', '192.0.2.1, 2001:db8::g', ', ,'];
      const statuses: number[] = [];
      for (const forwarded of texts) statuses.push(await from(app, '10.1.2.3', forwarded));
      expect(statuses).toEqual([401, 401, 429, 429, 429]);
    });

    it('counts an IPv6 network of 64 bits as one, and an IPv4 address as itself however it is written', async () => {
      const app = proxied(1);
      expect([
        await from(app, '10.1.2.3', '2001:db8:0:1::1'),
        await from(app, '10.1.2.3', '2001:db8:0:1:ffff::'),
      ]).toEqual([401, 429]);
      expect(await from(app, '10.1.2.3', '2001:db8:0:2::1')).toBe(401);
      expect([await me(app, {}, '::ffff:192.0.2.9'), await me(app, {}, '192.0.2.9')]).toEqual([401, 429]);
    });
  });
});

describe('what an address is counted by', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:50123', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:0201', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['127.1', null],
    ['1', null],
    ['', null],
    ['192.0.2.1:x', null],
    ['192.0.2.256', null],
    ['unknown', null],
  ])('%s: %s', (address, counted) => {
    expect(countedAddress(address)).toBe(counted);
  });
});

describe('what is kept of addresses and tokens', () => {
  it('is bounded: beyond so many addresses the one that began first is forgotten', () => {
    let now = 0;
    const take = countedWindows(1, MINUTE_MS, 2, () => now);
    expect([take('a').kind, take('b').kind, take('a').kind]).toEqual(['counted', 'counted', 'tooMany']);
    expect([take('c').kind, take('b').kind, take('a').kind]).toEqual(['counted', 'tooMany', 'counted']);
    now = MINUTE_MS - 1;
    expect(take('a')).toEqual({ kind: 'tooMany', seconds: 1 });
    now = MINUTE_MS;
    expect(take('a').kind).toBe('counted');
  });

  it('is bounded: beyond so many tokens the one found good longest ago is forgotten', () => {
    const good = goodTokens(MINUTE_MS, 2, () => 0);
    good.add('a', 'ada');
    good.add('b', 'bo');
    good.add('a', 'ada');
    good.add('c', 'cy');
    expect(['a', 'b', 'c'].map((token) => good.callerOf(token))).toEqual(['ada', null, 'cy']);
  });
});
