import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReverseProxy } from '../../scripts/counterparts/counterpart';
import { freePort } from '../../scripts/counterparts/free-port';
import { HAPROXY_COMPRESSES, startHaproxy } from '../../scripts/counterparts/haproxy';
import { NGINX_COMPRESSES, startNginx } from '../../scripts/counterparts/nginx';
import { createIdentityProvider } from '../../server/src/callers/identity-provider';
import { buildService, type Service } from '../../server/src/service';
import { runConformance } from './support/conformance-command';
import { databases } from './support/databases';
import { ADMIN, FABRIKAM, FABRIKAM_PERSON, NORTHWIND, OTHER_ADMIN, openWorld, type World } from './support/world';

const PREFIX = '/por';
/** Who decodes a path on its way makes another address of this one. */
const AWKWARD_ID = 'plan a/b %2f';
const CLAIMS = { principal: 'sub', name: 'name', organization: 'organization', partner: null };

const PROXIES = [
  { name: 'nginx', start: startNginx, additions: NGINX_COMPRESSES, etag: /^W\/"[\w-]{22}"$/ },
  {
    name: 'HAProxy, with its ETags marked as Apache does',
    start: startHaproxy,
    additions: [...HAPROXY_COMPRESSES, String.raw`http-response replace-header ETag ^(.*).$ \1-gzip\"`],
    etag: /^(?:W\/)?"[\w-]{22}-gzip"$/,
  },
];

const pglite = databases.filter(({ name }) => name === 'PGlite');

describe.each(pglite)('the service under a path', (kind) => {
  let world: World;
  let folder: string;

  beforeAll(async () => {
    [world, folder] = await Promise.all([openWorld(kind), mkdtemp(path.join(tmpdir(), 'por-proxies-'))]);
    const roles = { [ADMIN]: 'AccountAdministrator', [OTHER_ADMIN]: 'Contributor' } as const;
    await world.subscription({ subscriptionId: AWKWARD_ID, displayName: 'Plan with an awkward ID', roles });
    for (let number = 0; number < 2; number++) await world.subscription({ displayName: `Plan ${number}`, roles });
    await world.subscription({ displayName: 'Only read', role: 'Reader' });
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  const tokenOf = (principal: string) => world.authorization(principal).authorization.replace('Bearer ', '');

  describe.each(PROXIES)('of $name', ({ start, additions, etag }) => {
    let proxy: ReverseProxy;
    let service: Service;

    beforeAll(async () => {
      const port = await freePort();
      proxy = await start({ port, prefix: PREFIX }, { additions });
      const configuration = {
        issuer: 'https://login.example.com',
        audience: 'por',
        plainJwt: false,
        claims: CLAIMS,
        clientId: null,
        scopes: null,
      };
      const identityProvider = createIdentityProvider(configuration, () => undefined);
      const parts = { database: world.database, clock: () => world.time.now, identityProvider, partnerPage: new Map() };
      service = buildService(parts, false, {
        publicUrl: proxy.publicUrl,
        trustedProxies: ['loopback'],
        allowedHosts: [],
        allowedOrigins: [],
        rateLimits: { perCaller: 0, perAddress: 0 },
      });
      await service.app.listen({ host: '127.0.0.1', port });
    });
    afterAll(async () => {
      await service.app.close();
      await proxy.stop();
    });

    /** Asks an address through the proxy as browsers do, which take compressed answers. */
    async function ask(address: string | URL) {
      const headers = { ...world.authorization(ADMIN), 'accept-encoding': 'gzip' };
      const asked = request(address, { ca: proxy.certificate, headers, agent: false }).end();
      const [answer] = await once(asked, 'response');
      const isCompressed = answer.headers['content-encoding'] === 'gzip';
      const body = await text(isCompressed ? answer.pipe(createGunzip()) : answer);
      return { status: answer.statusCode, headers: answer.headers, isCompressed, body };
    }

    it('keeps the contract, line by line', async () => {
      const certificate = path.join(folder, `${new URL(proxy.publicUrl).port}.pem`);
      await writeFile(certificate, proxy.certificate);
      const args = [
        ...[`${proxy.publicUrl}/v1`, tokenOf(ADMIN), '--subscription', AWKWARD_ID],
        ...['--partner', FABRIKAM.partnerId, '--partner', NORTHWIND.partnerId],
        ...['--other', tokenOf(OTHER_ADMIN), '--partner-caller', tokenOf(FABRIKAM_PERSON)],
      ];
      const { lines } = await runConformance(args, { NODE_EXTRA_CA_CERTS: certificate });
      expect(lines.filter((line) => !/^(?:holds| {9})/.test(line))).toEqual([
        expect.stringMatching(/^5\d hold, 0 fail, 0 could not be checked\.$/),
      ]);
    });

    it('has its answers compressed on the way, and the ETag made another, while the etag stays', async () => {
      const { status, headers, isCompressed, body } = await ask(
        `${proxy.publicUrl}/v1/subscriptions/${encodeURIComponent(AWKWARD_ID)}`,
      );
      expect([status, isCompressed, headers.etag]).toEqual([200, true, expect.stringMatching(etag)]);
      expect(JSON.parse(body).etag).toMatch(/^"[\w-]{22}"$/);
    });

    it('is followed from page to page through the path', async () => {
      const names: string[] = [];
      for (let next: string | undefined = `${proxy.publicUrl}/v1/subscriptions?pageSize=1`; next !== undefined; ) {
        const { isCompressed, body }: Awaited<ReturnType<typeof ask>> = await ask(next);
        expect(isCompressed).toBe(true);
        const page = JSON.parse(body);
        names.push(...page.value.map(({ displayName }: { displayName: string }) => displayName));
        next = page.nextLink;
        expect(next === undefined || next.startsWith(`${proxy.publicUrl}/v1/subscriptions?`)).toBe(true);
      }
      expect(names).toEqual(['Only read', 'Plan 0', 'Plan 1', 'Plan with an awkward ID']);
    });

    it('tells how to sign in at its well-known address', async () => {
      const { origin } = new URL(proxy.publicUrl);
      const { status, body } = await ask(`${origin}/.well-known/oauth-protected-resource${PREFIX}/v1`);
      expect([status, JSON.parse(body).resource]).toEqual([200, `${proxy.publicUrl}/v1`]);
    });

    it("leads to the partner's page under the path", async () => {
      for (const address of [PREFIX, `${PREFIX}/`, `${PREFIX}/partner/`]) {
        let here = new URL(address, proxy.publicUrl);
        for (;;) {
          const { location } = (await ask(here)).headers;
          if (location === undefined) break;
          here = new URL(location, here);
        }
        expect(here.href).toBe(`${proxy.publicUrl}/partner`);
      }
    });
  });
});
