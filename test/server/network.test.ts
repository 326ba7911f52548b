import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidConfiguration, readConfiguration } from '../../server/src/configuration';
import { measure, serveMetrics } from '../../server/src/metrics';
import type { PartnerPage } from '../../server/src/partners/page';
import { listeningPort } from '../../server/src/plugins/loopback-guard';
import type { Network } from '../../server/src/network';
import { buildService, type Service } from '../../server/src/service';
import { within } from '../within';
import { databases } from './support/databases';
import { ADMIN, openWorld, type World } from './support/world';

const PUBLIC = 'https://por.example.com';
const LOCAL = 'http://localhost:8080';
const PORTAL = 'https://portal.example.com';
const NO_LIMITS = { perCaller: 0, perAddress: 0 };
const PROVIDER = { OIDC_ISSUER: 'https://login.example.com', OIDC_AUDIENCE: 'por' };

describe('the configuration', () => {
  function problemsOf(env: Record<string, string>): string[] {
    try {
      readConfiguration(env);
      return [];
    } catch (error) {
      if (error instanceof InvalidConfiguration) return error.message.split('\n');
      throw error;
    }
  }

  it('is for this machine alone when nothing is said, with limits and without metrics', () => {
    expect(readConfiguration({})).toMatchObject({
      host: 'localhost',
      publicUrl: null,
      trustedProxies: [],
      allowedHosts: [],
      allowedOrigins: [],
      rateLimits: { perCaller: 6000, perAddress: 600 },
      metricsPort: null,
    });
  });

  it('takes a whole network', () => {
    const env = {
      ...PROVIDER,
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://por.example.com/',
      TRUST_PROXY: 'loopback, 10.0.0.0/8,fd00::1',
      ALLOWED_HOSTS: 'por_service, POR.internal:8080',
      ALLOWED_ORIGINS: `${PORTAL},http://localhost:3000`,
      RATE_LIMIT_PER_CALLER: '0',
      RATE_LIMIT_PER_ADDRESS: '7',
      METRICS_PORT: '9090',
      DATABASE_URL: 'postgres://db/por',
      DATABASE_CONNECTIONS: '5',
    };
    expect(readConfiguration(env)).toMatchObject({
      host: '0.0.0.0',
      publicUrl: PUBLIC,
      trustedProxies: ['loopback', '10.0.0.0/8', 'fd00::1'],
      allowedHosts: ['por_service', 'POR.internal:8080'],
      allowedOrigins: [PORTAL, 'http://localhost:3000'],
      rateLimits: { perCaller: 0, perAddress: 7 },
      metricsPort: 9090,
      database: { kind: 'server', connections: 5 },
    });
  });

  it.each([
    ['https://por.example.com', 'https://por.example.com'],
    ['HTTPS://POR.example.com:443/', 'https://por.example.com'],
    ['https://example.com/por', 'https://example.com/por'],
    ['https://example.com:8443/a/por.record_2~-x/', 'https://example.com:8443/a/por.record_2~-x'],
    ['https://example.com/a/../por/v1x', 'https://example.com/por/v1x'],
  ])('takes %s as the address of callers, a path that a proxy takes off included', (PUBLIC_URL, publicUrl) => {
    expect(readConfiguration({ ...PROVIDER, PUBLIC_URL })).toMatchObject({ publicUrl });
  });

  it('names every problem at once, those between variables too', () => {
    const problems = problemsOf({
      HOST: '0.0.0.0',
      PORT: '70000',
      PUBLIC_URL: 'http://por.example.com',
      TRUST_PROXY: 'everyone',
      ALLOWED_HOSTS: 'https://por.internal',
      ALLOWED_ORIGINS: '*',
      RATE_LIMIT_PER_CALLER: '-1',
      RATE_LIMIT_PER_ADDRESS: 'many',
      METRICS_PORT: '1.5',
      DATABASE_CONNECTIONS: '0',
      LOG_LEVEL: 'loud',
      OIDC_AUDIENCE: 'por',
      SMTP_URL: 'smtp://mail.example.com',
    });
    const named = [
      'HOST',
      'PORT',
      'PUBLIC_URL',
      'TRUST_PROXY',
      'ALLOWED_HOSTS',
      'ALLOWED_ORIGINS',
      'RATE_LIMIT_PER_CALLER',
    ];
    const more = ['RATE_LIMIT_PER_ADDRESS', 'METRICS_PORT', 'DATABASE_CONNECTIONS', 'LOG_LEVEL'];
    for (const variable of [...named, ...more]) {
      expect(problems.filter((problem) => problem.startsWith(`${variable} `))).toEqual([expect.any(String)]);
    }
    expect(problems).toContain('OIDC_ISSUER and OIDC_AUDIENCE go together: set both or none.');
    expect(problems).toContain('MAIL_FROM is missing: with SMTP_URL it must be the address that mails come from.');
  });

  it.each<[Record<string, string>, string]>([
    [{ ...PROVIDER, HOST: '0.0.0.0' }, 'PUBLIC_URL is missing: with HOST 0.0.0.0'],
    [{ TRUST_PROXY: '10.0.0.1' }, 'PUBLIC_URL is missing: with TRUST_PROXY'],
    [{ PORT: '9000', METRICS_PORT: '9000' }, 'METRICS_PORT is the same as PORT'],
    [{ PUBLIC_URL: PUBLIC }, 'PUBLIC_URL is https://por.example.com, but without an identity provider'],
    [
      { ...PROVIDER, PUBLIC_URL: 'https://example.com/por?x' },
      'PUBLIC_URL is "https://example.com/por?x", but must be',
    ],
    [{ ...PROVIDER, PUBLIC_URL: 'https://example.com//por' }, 'PUBLIC_URL is "https://example.com//por", but must be'],
    [{ ...PROVIDER, PUBLIC_URL: 'https://example.com/a;b' }, 'PUBLIC_URL is "https://example.com/a;b", but must be'],
    [{ ...PROVIDER, PUBLIC_URL: 'https://example.com/v1' }, 'leave /v1 out'],
    [{ ...PROVIDER, PUBLIC_URL: 'https://example.com/por/v1/' }, 'leave /v1 out'],
    [{ ...PROVIDER, PUBLIC_URL: PUBLIC, TRUST_PROXY: '10.0.0.0/0' }, 'TRUST_PROXY has 10.0.0.0/0'],
    [{ ...PROVIDER, PUBLIC_URL: PUBLIC, TRUST_PROXY: '10.0.0.0/33' }, 'TRUST_PROXY has 10.0.0.0/33'],
    [{ ...PROVIDER, PUBLIC_URL: PUBLIC, TRUST_PROXY: 'true' }, 'TRUST_PROXY has true'],
    [{ ALLOWED_ORIGINS: 'https://portal.example.com/' }, 'ALLOWED_ORIGINS has https://portal.example.com/'],
    [{ ALLOWED_HOSTS: 'por.internal' }, 'PUBLIC_URL is missing: with ALLOWED_HOSTS'],
    [{ PUBLIC_URL: LOCAL, ALLOWED_HOSTS: '*' }, 'ALLOWED_HOSTS has *, which is not a name such as por.internal'],
    [{ PUBLIC_URL: LOCAL, ALLOWED_HOSTS: 'por.internal/por' }, 'ALLOWED_HOSTS has por.internal/por'],
    [{ PUBLIC_URL: LOCAL, ALLOWED_HOSTS: 'por.internal,' }, 'ALLOWED_HOSTS has ,'],
    [{ ALLOWED_ORIGINS: 'null' }, 'ALLOWED_ORIGINS has null'],
  ])('refuses %j', (env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringContaining(problem)]);
  });
});

describe.each(databases.filter(({ name }) => name === 'PGlite'))('a service in a network', (kind) => {
  let world: World;
  const services: Service[] = [];

  beforeAll(async () => {
    world = await openWorld(kind);
    for (let number = 0; number < 2; number++) await world.subscription({ displayName: `Plan ${number}` });
  });
  afterAll(async () => {
    for (const { app } of services) await app.close();
    await world.close();
  });

  function serve(network: Partial<Network>, partnerPage: PartnerPage | null = null) {
    const whole = {
      publicUrl: null,
      trustedProxies: [],
      allowedHosts: [],
      allowedOrigins: [],
      rateLimits: NO_LIMITS,
      ...network,
    };
    const service = buildService({ database: world.database, clock: () => world.time.now, partnerPage }, false, whole);
    services.push(service);
    return service.app;
  }

  const as = (principalId: string) => world.authorization(principalId);

  describe('behind a proxy', () => {
    const link = async (network: Partial<Network>, headers: Record<string, string>) => {
      const answer = await serve(network).inject({
        url: '/v1/subscriptions?pageSize=1',
        headers: { ...as(ADMIN), ...headers },
      });
      return answer.statusCode === 200 ? new URL(answer.json().nextLink).origin : answer.json().error.code;
    };

    it('makes links to where callers reach it, whichever of its names the proxy sends as Host', async () => {
      for (const host of ['por.example.com', 'localhost', '127.0.0.1:80']) {
        expect(await link({ publicUrl: PUBLIC }, { host })).toBe(PUBLIC);
      }
    });

    it('makes links with the path that a proxy takes off', async () => {
      const app = serve({ publicUrl: `${PUBLIC}/a/por` });
      const answer = await app.inject({ url: '/v1/subscriptions?pageSize=1', headers: as(ADMIN) });
      expect(answer.json().nextLink).toMatch(
        /^https:\/\/por\.example\.com\/a\/por\/v1\/subscriptions\?pageSize=1&cursor=/,
      );
    });

    describe.each([
      [
        PUBLIC,
        ['POR.Example.COM', 'por.example.com:443', 'por.example.com:'],
        ['por.example.com:80', 'por.example.com.'],
      ],
      ['https://example.com:8443/por', ['example.com:8443', 'EXAMPLE.com'], ['example.com:8444', 'por']],
      ['http://localhost:9000', ['localhost:9000', 'LOCALHOST'], ['localhost:9001', 'evil.localhost:9000']],
    ] as const)('that callers reach at %s', (publicUrl, own, others) => {
      const codeFor = async (host: string) => {
        const answer = await serve({ publicUrl }).inject({ url: '/v1/health', headers: { host } });
        return answer.statusCode === 200 ? 'let in' : answer.json().error.code;
      };

      it.each(own)('lets %s in', async (host) => expect(await codeFor(host)).toBe('let in'));

      it.each([
        ...others,
        'evil.example',
        'por.example.com.evil.example',
        'evil.example/por.example.com',
        'por.example.com@evil.example',
        'por.example.com por.example.com',
        'por%2eexample.com',
      ])('refuses %s', async (host) => expect(await codeFor(host)).toBe('HostNotAllowed'));
    });

    it('lets in what ALLOWED_HOSTS names, exactly, and nothing else', async () => {
      const app = serve({ publicUrl: PUBLIC, allowedHosts: ['por_service', 'por.internal:8080'] });
      const statuses = async (...hosts: string[]) => {
        const answers = hosts.map((host) => app.inject({ url: '/v1/health', headers: { host } }));
        return (await Promise.all(answers)).map(({ statusCode }) => statusCode);
      };
      expect(await statuses('por_service', 'POR_SERVICE:80', 'por_service:443', 'por.internal:8080')).toEqual([
        200, 200, 200, 200,
      ]);
      expect(await statuses('por_service:8080', 'por.internal', 'por.internal:80', 'x.por_service')).toEqual([
        403, 403, 403, 403,
      ]);
    });

    it("names the files of the partner's page with the path that a proxy takes off, and by its own name besides", async () => {
      const partnerPage = new Map([['index.html', { type: 'text/html', content: '<!doctype html>' }]]);
      const scriptsFor = async (publicUrl: string | null, host: string) => {
        const app = serve({ publicUrl }, partnerPage);
        const { headers } = await app.inject({ url: '/partner', headers: { host } });
        return /script-src ([^;]*);/.exec(String(headers['content-security-policy']))?.[1]?.split(' ');
      };
      const own = `${PUBLIC}/por/partner/page.js`;
      expect(await scriptsFor(`${PUBLIC}/por`, 'por.example.com')).toEqual([own]);
      // By nginx's own choice, or by somebody on this machine: the browser may know it as either.
      expect(await scriptsFor(`${PUBLIC}/por`, 'localhost:80')).toEqual([own, 'http://localhost:80/partner/page.js']);
      expect(await scriptsFor(null, '127.0.0.1')).toEqual(['http://127.0.0.1/partner/page.js']);
      expect(await scriptsFor(null, '[::1]')).toEqual(["'self'"]);
    });

    it('leads to the page by addresses that leave the path before them as it is', async () => {
      const app = serve({ publicUrl: `${PUBLIC}/por` }, new Map());
      for (const [url, location] of [
        ['/', 'partner'],
        ['/partner/', '../partner'],
      ] as const) {
        const answer = await app.inject({ url });
        expect([answer.statusCode, answer.headers.location]).toEqual([302, location]);
      }
    });

    it('tells a proxy that does not take the path off', async () => {
      const app = serve({ publicUrl: `${PUBLIC}/por` });
      const sentence = async (url: string) => (await app.inject({ url })).json().error.message;
      expect(await sentence('/por/v1/health')).toBe(
        'There is nothing at /por/v1/health: the proxy must take /por off before it hands a request on.',
      );
      expect(await sentence('/por')).toContain('the proxy must take /por off');
      expect(await sentence('/portal')).toBe('There is nothing at /portal.');
    });

    it('tells a proxy that takes too little off, or a path that PUBLIC_URL does not have', async () => {
      const app = serve({ publicUrl: PUBLIC });
      const sentence = async (url: string) => (await app.inject({ url })).json().error.message;
      for (const url of ['//v1/me', '//', '//partner?x'])
        expect(await sentence(url)).toContain('must leave one (nginx');
      for (const url of ['/por/v1/me', '/por/partner', '/por/v1']) {
        expect(await sentence(url)).toMatch(/A proxy .* must take \/por off .*, and PUBLIC_URL must end with it\.$/);
      }
      expect(await sentence('/a/b/v1/me')).toContain('must take /a/b off');
      for (const url of ['/v1/v1/me', '/v1/partner', '/.well-known/oauth-protected-resource/v1', '/partner/v1.js']) {
        expect(await sentence(url)).toBe(`There is nothing at ${url}.`);
      }
    });

    it("tells of a Host that it refuses, with the proxy's setting", async () => {
      const refusalOf = async (headers: Record<string, string>) =>
        (await serve({ publicUrl: `${PUBLIC}/por` }).inject({ url: '/v1/health', headers })).json().error.message;
      // What nginx sends by itself where its configuration names an upstream.
      expect(await refusalOf({ host: 'por_service' })).toBe(
        'This service does not go by the Host por_service. Call it as https://por.example.com/por; a proxy before it must hand on the Host that it was called by (nginx: proxy_set_header Host $host;), or ALLOWED_HOSTS must name por_service.',
      );
      expect((await refusalOf({ host: 'x'.repeat(5000) })).length).toBeLessThan(1000);
      // ALLOWED_HOSTS would not take it.
      expect(await refusalOf({ host: 'a"b' })).toMatch(/nginx: proxy_set_header Host \$host;\)\.$/);
    });

    it('without a PUBLIC_URL it names that, since a proxy that hands on its own name does what it should', async () => {
      const headers = { host: 'por.example.com' };
      const { message } = (await serve({}).inject({ url: '/v1/health', headers })).json().error;
      expect(message).toContain('PUBLIC_URL must be the address at which callers reach the proxy.');
      expect(message).not.toContain('ALLOWED_HOSTS');
    });

    it.each([
      ['none, in HTTP/1.1', 400, 'HTTP/1.1\r\n', '127.0.0.1'],
      ['none, in HTTP/1.1, from elsewhere', 400, 'HTTP/1.1\r\n', '0.0.0.0'],
      ['none, in HTTP/1.0', 403, 'HTTP/1.0\r\n', '127.0.0.1'],
      ['an empty one', 403, 'HTTP/1.1\r\nhost:\r\n', '127.0.0.1'],
    ])('a proxy that hands on %s is answered %d and told its setting', async (_what, status, end, host) => {
      const app = serve({ publicUrl: PUBLIC });
      await app.listen({ host, port: 0 });
      const socket = connect(listeningPort(app), '127.0.0.1');
      socket.write(`GET /v1/health ${end}connection: close\r\n\r\n`);
      const answer = await within('the answer', text(socket));
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(answer).toContain('was called without a Host. Call it as https://por.example.com; a proxy before it must');
    });

    it('still refuses other names, a page that forwards a name of its choice too', async () => {
      for (const trustedProxies of [[], ['loopback']]) {
        const headers = { host: 'evil.example', 'x-forwarded-host': 'por.example.com', 'x-forwarded-proto': 'https' };
        expect(await link({ publicUrl: PUBLIC, trustedProxies }, headers)).toBe('HostNotAllowed');
      }
    });

    it('does not believe what is forwarded when no proxy is trusted', async () => {
      const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
      expect(await link({}, headers)).toMatch(/^http:\/\/localhost/);
    });
  });

  it.each([
    'http://evil.example',
    'HTTP://evil.example:80',
    'http://name:word@evil.example',
    '//evil.example',
    'http://[',
  ])('makes no link to the host that a request names before its path: %s', async (before) => {
    for (const publicUrl of [null, `${PUBLIC}/por`]) {
      const app = serve({ publicUrl });
      await app.listen({ host: '127.0.0.1', port: 0 });
      const host = `127.0.0.1:${listeningPort(app)}`;
      const socket = connect(listeningPort(app), '127.0.0.1');
      socket.write(
        [
          `GET ${before}/v1/subscriptions?pageSize=1 HTTP/1.1`,
          `host: ${host}`,
          `authorization: ${as(ADMIN).authorization}`,
          'connection: close\r\n\r\n',
        ].join('\r\n'),
      );
      const answer = await within('the answer', text(socket));
      const link = /"nextLink":"([^"]+)\?/.exec(answer)?.[1];
      if (/^HTTP\/1\.1 200 /.test(answer)) expect(link).toBe(`${publicUrl ?? `http://${host}`}/v1/subscriptions`);
      else expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
    }
  });

  describe('called by pages of other origins', () => {
    const PREFLIGHT = { origin: PORTAL, 'access-control-request-method': 'PUT' };
    const url = '/v1/subscriptions/x/partnerOfRecord';

    it('sends no CORS headers when none is allowed', async () => {
      const app = serve({});
      const refused = await app.inject({ method: 'OPTIONS', url, headers: PREFLIGHT });
      expect([refused.statusCode, refused.json().error.code]).toEqual([403, 'OriginNotAllowed']);
      const own = await app.inject({ url: '/v1/me', headers: { ...as(ADMIN), origin: 'chrome-extension://abc' } });
      expect(own.statusCode).toBe(200);
      for (const { headers } of [refused, own]) {
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    });

    it('lets those in that are allowed, and tells them what they may send and read', async () => {
      const app = serve({ allowedOrigins: [PORTAL] });
      const { statusCode, headers } = await app.inject({ method: 'OPTIONS', url, headers: PREFLIGHT });
      expect([statusCode, headers['access-control-allow-origin']]).toEqual([204, PORTAL]);
      expect(headers['access-control-allow-headers']).toContain('if-match');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      const answer = await app.inject({ url: '/v1/me', headers: { ...as(ADMIN), origin: PORTAL } });
      expect([answer.statusCode, answer.headers['access-control-allow-origin']]).toEqual([200, PORTAL]);
      expect(answer.headers['access-control-expose-headers']).toContain('etag');
      const refused = await app.inject({ url: '/v1/me', headers: { origin: PORTAL } });
      expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, PORTAL]);
    });

    it('still refuses the others, and methods that an address does not take', async () => {
      const app = serve({ allowedOrigins: [PORTAL] });
      const other = await app.inject({ url: '/v1/me', headers: { ...as(ADMIN), origin: 'https://other.example' } });
      expect([other.statusCode, other.headers['access-control-allow-origin']]).toEqual([403, undefined]);
      expect((await app.inject({ method: 'OPTIONS', url })).statusCode).toBe(405);
      expect((await app.inject({ method: 'POST', url: '/v1/me' })).statusCode).toBe(405);
      expect((await app.inject({ url: '/nothing' })).statusCode).toBe(404);
    });
  });

  describe('measured', () => {
    it('tells its answers by route, its connections and its process, to this machine’s own programs, and nothing about whose they are', async () => {
      const app = serve({});
      const metrics = await serveMetrics(measure(app, world.database), 0);
      await app.inject({ url: '/v1/subscriptions/some-secret-id', headers: as(ADMIN) });
      await app.inject({ url: '/v1/health' });
      const answer = await fetch(metrics.url);
      const told = await answer.text();
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(told).toContain(
        'http_request_duration_seconds_count{method="GET",route="/v1/subscriptions/:subscriptionId",status="404"} 1',
      );
      expect(told).toContain('http_request_duration_seconds_count{method="GET",route="/v1/health",status="200"} 1');
      expect(told).toMatch(/^database_connections\{state="open"\} 1$/m);
      expect(told).toMatch(/^process_resident_memory_bytes \d+/m);
      expect(told).not.toContain('some-secret-id');
      expect(told).not.toContain(ADMIN);
      expect((await fetch(new URL('/', metrics.url))).status).toBe(404);
      expect((await fetch(metrics.url, { method: 'HEAD' })).status).toBe(200);
      const posted = await fetch(metrics.url, { method: 'POST' });
      expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
      const statusFor = async (host: string) => {
        const [response] = await once(request(metrics.url, { headers: { host } }).end(), 'response');
        const said = await text(response);
        expect(said.startsWith(`Ask for ${metrics.url}`), host).toBe(response.statusCode === 403);
        return response.statusCode;
      };
      const { host, port } = new URL(metrics.url);
      const statuses = new Map<string, number>();
      for (const name of [host, `LOCALHOST:${port}`, `[::1]:${port}`]) statuses.set(name, await statusFor(name));
      expect([...statuses.values()]).toEqual([200, 200, 200]);
      for (const name of ['evil.example', `evil.example:${port}`, '127.0.0.1', `localhost.evil.example:${port}`]) {
        expect(await statusFor(name), name).toBe(403);
      }
      await metrics.close();
      await expect(fetch(metrics.url)).rejects.toThrow();
    });
  });
});
