import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { exportSPKI, generateKeyPair, importJWK, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../server/src/configuration';
import {
  type ClaimNames,
  createIdentityProvider,
  type OpenIdConnect,
} from '../../server/src/callers/identity-provider';
import { buildService, type Service } from '../../server/src/service';
import { within } from '../within';
import { databases } from './support/databases';
import { AUDIENCE, startIdentityProvider, type TestProvider } from './support/identity-provider';
import { ADMIN, FABRIKAM, FABRIKAM_PERSON, NORTHWIND, openWorld, type World } from './support/world';

const SKEW_S = 30;
const DAY_S = 24 * 60 * 60;
const CLAIMS: ClaimNames = { principal: 'sub', name: 'name', organization: 'organization', partner: null };
const [database] = databases;

describe('access tokens of an identity provider', () => {
  let world: World;
  let provider: TestProvider;
  let service: Service;
  const troubles: string[] = [];
  const built: Service[] = [];

  beforeAll(async () => {
    if (database === undefined) throw new Error('There is no database');
    [world, provider] = await Promise.all([
      openWorld(database),
      startIdentityProvider({ claims: { name: 'Robo Tester', organization: 'Machines' } }),
    ]);
    service = build();
  });
  beforeEach(() => {
    world.time.now = new Date();
    troubles.length = 0;
  });
  afterAll(async () => {
    for (const { app } of built) await app.close();
    await world.close();
    await provider.stop();
  });

  /** Another service on the same database, which has not asked the provider anything yet. */
  function build(wish: Partial<OpenIdConnect> = {}, issuedBy = provider, publicUrl: string | null = null): Service {
    const configuration: OpenIdConnect = {
      issuer: issuedBy.issuer,
      audience: AUDIENCE,
      plainJwt: false,
      claims: CLAIMS,
      clientId: null,
      scopes: null,
      ...wish,
    };
    const identityProvider = createIdentityProvider(configuration, (_error, what) => troubles.push(what));
    const made = buildService({ database: world.database, clock: () => world.time.now, identityProvider }, false, {
      publicUrl,
      trustedProxies: [],
      allowedHosts: [],
      allowedOrigins: [],
      rateLimits: { perCaller: 0, perAddress: 0 },
    });
    built.push(made);
    return made;
  }

  async function get(url: string, token: string, of = service) {
    const { statusCode, headers, json } = await of.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
    return { status: statusCode, headers, body: json() };
  }
  const me = (token: string, of = service) => get('/v1/me', token, of);

  const fromNow = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;
  const valid = () => ({ exp: fromNow(300) });

  /** Expects 401 with the sentence, in the envelope and in the header that OAuth has for it. */
  async function expectRefusal(token: string, sentence: string | RegExp, of = service): Promise<void> {
    const { status, headers, body } = await me(token, of);
    expect([status, body.error.code]).toEqual([401, 'SignInRequired']);
    expect(body.error.message).toMatch(sentence);
    expect(headers['www-authenticate']).toBe(`Bearer error="invalid_token", error_description="${body.error.message}"`);
  }

  describe('are taken', () => {
    it('as the provider gives them', async () => {
      const { status, body } = await me(await provider.accessToken());
      expect(status).toBe(200);
      expect(body).toEqual({ principalId: 'machine', name: 'Robo Tester', organization: 'Machines' });
    });

    it("beside the service's own", async () => {
      const { authorization } = world.authorization(ADMIN);
      const { statusCode } = await service.app.inject({ url: '/v1/me', headers: { authorization } });
      expect(statusCode).toBe(200);
    });

    it('signed by a key that came with a rotation, and no more by the one that went', async () => {
      const rotating = await startIdentityProvider();
      const follower = build({}, rotating);
      const before = await rotating.accessToken();
      expect((await me(before, follower)).status).toBe(200);
      await rotating.rotateKeys();
      const after = await rotating.accessToken();
      // The keys are asked for anew at most once a second.
      await expect.poll(async () => (await me(after, follower)).status).toBe(200);
      expect((await me(before, follower)).status).toBe(401);
      expect(rotating.requests.filter((request) => request === 'GET /jwks').length).toBeLessThanOrEqual(3);
      await rotating.stop();
    });

    it('with the type at+jwt alone, unless plain JWT is allowed', async () => {
      for (const typ of ['at+jwt', 'application/at+jwt', 'AT+JWT']) {
        expect((await me(await provider.sign(valid(), { typ }))).status).toBe(200);
      }
      const plain = await provider.sign(valid(), { typ: 'JWT' });
      await expectRefusal(plain, 'This is not an access token: its typ is not at+jwt.');
      const lenient = build({ plainJwt: true });
      expect((await me(plain, lenient)).status).toBe(200);
      await expectRefusal(await provider.sign(valid(), { typ: 'logout+jwt' }), 'not an access token', lenient);
    });

    it('up to half a minute after their end and before their beginning, since clocks differ', async () => {
      const exp = fromNow(300);
      const token = await provider.sign({ exp, nbf: exp - 200 });
      const at = async (seconds: number) => {
        world.time.now = new Date(seconds * 1000);
        return (await me(token)).status;
      };
      expect(await at(exp + SKEW_S - 1)).toBe(200);
      expect(await at(exp + SKEW_S + 1)).toBe(401);
      expect(await at(exp - 200 - SKEW_S + 1)).toBe(200);
      expect(await at(exp - 200 - SKEW_S - 1)).toBe(401);
    });
  });

  describe('are refused, and told why,', () => {
    it('when they have expired, are not valid yet or never end', async () => {
      await expectRefusal(await provider.sign({ exp: fromNow(-60) }), 'The access token has expired.');
      await expectRefusal(await provider.sign({ ...valid(), nbf: fromNow(120) }), 'not valid yet');
      await expectRefusal(await provider.sign({}), 'no exp that holds');
    });

    it('when they are for another audience or of another issuer', async () => {
      await expectRefusal(await provider.sign({ ...valid(), aud: 'someone-else' }), 'another audience');
      await expectRefusal(await provider.sign({ ...valid(), aud: [] }), 'another audience');
      await expectRefusal(await provider.sign({ ...valid(), iss: 'https://elsewhere.example' }), 'another issuer');
      expect((await me(await provider.sign({ ...valid(), aud: ['someone-else', AUDIENCE] }))).status).toBe(200);
    });

    it('when they are not signed', async () => {
      const unsigned = new UnsecuredJWT({ sub: 'someone', ...valid() })
        .setIssuer(provider.issuer)
        .setAudience(AUDIENCE)
        .encode();
      await expectRefusal(unsigned, 'algorithm that this service does not take');
      const [, payload] = (await provider.sign(valid())).split('.');
      const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
      await expectRefusal(`${header}.${payload}.`, 'algorithm that this service does not take');
    });

    it("when the provider's public key is passed off as a secret", async () => {
      const jwk = provider.publicKey();
      const key = await importJWK(jwk, 'RS256', { extractable: true });
      if (key instanceof Uint8Array) throw new Error('Not a public key');
      for (const secret of [await exportSPKI(key), jwk.n ?? '']) {
        const forged = await provider.sign(valid(), { alg: 'HS256' }, new TextEncoder().encode(secret));
        await expectRefusal(forged, 'algorithm that this service does not take');
      }
    });

    it('when another key signed them, named as its own or as one of the provider', async () => {
      const { privateKey } = await generateKeyPair('RS256');
      await expectRefusal(await provider.sign(valid(), {}, privateKey), 'signature of the access token is wrong');
      await expectRefusal(await provider.sign(valid(), { kid: 'mine' }, privateKey), /key its issuer does not have/);
      const withKey = { kid: 'mine', jwk: provider.publicKey(), jku: 'https://elsewhere.example/keys' };
      await expectRefusal(await provider.sign(valid(), withKey, privateKey), /key its issuer does not have/);
    });

    it('when they were altered, or are no token at all', async () => {
      const [header, , signature] = (await provider.sign(valid())).split('.');
      const payload = Buffer.from(JSON.stringify({ sub: ADMIN, ...valid() })).toString('base64url');
      await expectRefusal(`${header}.${payload}.${signature}`, 'signature of the access token is wrong');
      for (const token of ['a.b.c', '...', 'e30.e30.e30']) await expectRefusal(token, /./);
    });

    it('when their header says what no header can', async () => {
      for (const [name, value] of Object.entries({ typ: 5, kid: {}, crit: ['exp'], b64: false, cty: null })) {
        const header = { alg: 'RS256', typ: 'at+jwt', kid: provider.publicKey().kid, [name]: value };
        const [, payload, signature] = (await provider.sign(valid())).split('.');
        const crooked = Buffer.from(JSON.stringify(header)).toString('base64url');
        await expectRefusal(`${crooked}.${payload}.${signature}`, /./);
      }
      for (const typ of [5, ['at+jwt'], { toLowerCase: 'at+jwt' }, null]) {
        const header = JSON.parse(JSON.stringify({ alg: 'RS256', kid: provider.publicKey().kid, typ }));
        await expectRefusal(await provider.sign(valid(), header), 'its typ is not at+jwt');
      }
    });

    it('when the provider publishes a key for them that cannot be used, which harms no other token and no rotation', async () => {
      const crooked = await startIdentityProvider();
      const follower = build({}, crooked);
      const [short, curve] = [
        generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }),
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
      ];
      const unusable = [
        ['RS256', { ...short, kid: 'short' }],
        ['PS512', { ...short, kid: 'shorter than its hash' }],
        ['RS256', { kty: 'RSA', kid: 'without n', e: 'AQAB' }],
        ['ES256', { ...curve, kid: 'off its curve', x: 'AAAA' }],
        ['EdDSA', { kty: 'OKP', crv: 'Ed25519', kid: 'of three bytes', x: 'AAAA' }],
      ] as const;
      crooked.standBetween(({ pathname }, _request, response) => {
        if (pathname !== '/jwks') return false;
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ keys: [crooked.publicKey(), ...unusable.map(([, key]) => key)] }));
        return true;
      });
      for (const [alg, { kid }] of unusable) {
        const [, payload, signature] = (await crooked.sign(valid())).split('.');
        const header = Buffer.from(JSON.stringify({ alg, typ: 'at+jwt', kid })).toString('base64url');
        await expectRefusal(`${header}.${payload}.${signature}`, 'by a key that cannot be used', follower);
        expect((await me(await crooked.sign(valid()), follower)).status).toBe(200);
      }
      expect(new Set(troubles)).toEqual(new Set(['A key of the identity provider cannot be used']));
      await crooked.rotateKeys();
      await expect.poll(async () => (await me(await crooked.sign(valid()), follower)).status).toBe(200);
      await crooked.stop();
    });

    it('when a claim can not be what it is for', async () => {
      await expectRefusal(await provider.sign({ ...valid(), sub: '' }), 'The claim sub of the access token');
      await expectRefusal(await provider.sign({ ...valid(), name: ['Ada'] }), 'The claim name of the access token');
      await expectRefusal(await provider.sign({ ...valid(), name: 'A\0da' }), 'The claim name of the access token');
      const open = build({ claims: { ...CLAIMS, partner: 'partner_id' } });
      await expectRefusal(await provider.sign({ ...valid(), partner_id: 'all' }), 'is not a Partner ID', open);
    });

    it('when they are ID tokens or other tokens for the client, whatever their header says', async () => {
      const lenient = build({ plainJwt: true });
      for (const claims of [{ at_hash: 'x' }, { c_hash: 'x' }, { s_hash: 'x' }, { at_hash: null }]) {
        for (const typ of ['JWT', 'at+jwt']) {
          const token = await provider.sign({ ...valid(), ...claims }, { typ });
          await expectRefusal(
            token,
            /^This is not an access token: it has [acs]t?_hash, as ID tokens have\.$/,
            lenient,
          );
        }
      }
      for (const typ of ['ID', 'id', 'Refresh', 'Offline', 'Logout']) {
        const token = await provider.sign({ ...valid(), typ }, { typ: 'JWT' });
        await expectRefusal(token, `This is not an access token: its claim typ is ${typ}.`, lenient);
      }
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      await expectRefusal(await provider.sign({ ...valid(), events }), 'it tells of events');
      for (const claims of [{ typ: 'Bearer' }, { typ: 'JWT' }, { azp: 'a-client', client_id: 'a-client' }]) {
        expect((await me(await provider.sign({ ...valid(), ...claims }), lenient)).status).toBe(200);
      }
    });

    it('when their audience is the client they were given to, alone or beside the service', async () => {
      const audience = 'its audience is the client it was given to';
      for (const claim of ['azp', 'client_id', 'appid', 'cid']) {
        for (const aud of [AUDIENCE, [AUDIENCE], [AUDIENCE, 'elsewhere']]) {
          await expectRefusal(await provider.sign({ ...valid(), aud, [claim]: AUDIENCE }), audience);
        }
        await expectRefusal(await provider.sign({ ...valid(), aud: [AUDIENCE, 'a'], [claim]: 'a' }), audience);
        expect((await me(await provider.sign({ ...valid(), aud: [AUDIENCE, 'a'], [claim]: 'b' }))).status).toBe(200);
      }
      const withPage = build({ clientId: 'partner-page' });
      await expectRefusal(await provider.sign({ ...valid(), aud: [AUDIENCE, 'partner-page'] }), audience, withPage);
      expect((await me(await provider.sign({ ...valid(), azp: 'partner-page' }), withPage)).status).toBe(200);
    });

    it('when they live longer than a day, from now or from when they were given', async () => {
      const tooLong = 'The access token lives longer than the 24 hours that this service takes.';
      const now = fromNow(0);
      for (const claims of [
        { exp: now + DAY_S + SKEW_S + 5 },
        { exp: now + 10 * 365 * DAY_S },
        { exp: 1e300 },
        { exp: now + 300, iat: now - DAY_S },
        { exp: now + 300, iat: 0 },
        { exp: now + 2 * DAY_S, iat: now + 2 * DAY_S },
      ]) {
        await expectRefusal(await provider.sign(claims), tooLong);
      }
      for (const claims of [
        { exp: now + DAY_S },
        { exp: now + DAY_S, iat: now },
        { exp: now + 300, iat: now - 3600 },
      ]) {
        expect((await me(await provider.sign(claims))).status).toBe(200);
      }
    });
  });

  describe('say who the caller is', () => {
    const named = { name: 'Eve', organization: 'Evil', partner_id: NORTHWIND.partnerId };

    it('to a directory that does not know them; of those it knows it alone says name, organisation and partner', async () => {
      const open = build({ claims: { ...CLAIMS, partner: 'partner_id' } });
      const tell = async (claims: object) => (await me(await provider.sign({ ...valid(), ...claims }), open)).body;
      const [ada, di] = [
        { principalId: ADMIN, name: 'Ada Admin', organization: 'Contoso Ltd' },
        {
          principalId: FABRIKAM_PERSON,
          name: 'Di Partner',
          organization: 'Fabrikam',
          partnerId: FABRIKAM.partnerId,
        },
      ];
      // Whatever a token says of them, or leaves out, or has in a form that cannot be.
      for (const claims of [named, {}, { name: ['Eve'], partner_id: 'all' }]) {
        expect(await tell({ ...claims, sub: ADMIN })).toEqual(ada);
        expect(await tell({ ...claims, sub: FABRIKAM_PERSON })).toEqual(di);
      }
      expect(await tell({ ...named, sub: 'nobody-knows' })).toEqual({
        principalId: 'nobody-knows',
        name: 'Eve',
        organization: 'Evil',
        partnerId: NORTHWIND.partnerId,
      });
      expect(await tell({ sub: 'nobody-knows' })).toEqual({
        principalId: 'nobody-knows',
        name: 'nobody-knows',
        organization: new URL(provider.issuer).host,
      });
    });

    it('and to no partner at all, unless a claim is named for that', async () => {
      const { openIdConnect } = readConfiguration({ OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: AUDIENCE });
      if (openIdConnect === null) throw new Error('No provider is configured');
      const usual = build(openIdConnect);
      expect((await me(await provider.sign({ ...valid(), ...named, sub: 'nobody-knows' }), usual)).body).toEqual({
        principalId: 'nobody-knows',
        name: 'Eve',
        organization: 'Evil',
      });
    });

    it('until the directory does, or does not any more', async () => {
      const open = build({ claims: { ...CLAIMS, partner: 'partner_id' } });
      const token = await provider.sign({ ...valid(), ...named, sub: 'newcomer' });
      const path = `/v1/partners/${NORTHWIND.partnerId}/subscriptions`;
      expect((await get(path, token, open)).status).toBe(200);
      await world.load({ callers: [{ principalId: 'newcomer', name: 'New Comer', organization: 'Contoso Ltd' }] });
      expect((await get(path, token, open)).status).toBe(403);
      await world.database.db.deleteFrom('callers').where('principal_id', '=', 'newcomer').execute();
      expect((await get(path, token, open)).status).toBe(200);
    });

    it('by the claims that the configuration names', async () => {
      const own = build({
        claims: { principal: 'email', name: 'given', organization: 'https://x.example/org', partner: 'mpn' },
      });
      const claims = { email: 'eve', given: 'Eve', 'https://x.example/org': 'Evil', mpn: NORTHWIND.partnerId };
      expect((await me(await provider.sign({ ...valid(), ...claims }), own)).body).toEqual({
        principalId: 'eve',
        name: 'Eve',
        organization: 'Evil',
        partnerId: NORTHWIND.partnerId,
      });
      await expectRefusal(await provider.sign(valid()), 'The access token has no claim email.', own);
    });

    it('by a principal ID that can be seen, is theirs alone, and comes back from the database as it went there', async () => {
      for (const sub of ['', ' ', '\t\n', '\u00a0', '\ufeff', 7, null, ['ada'], 'half \ud83d', 'x'.repeat(256)]) {
        const claims: Record<string, unknown> = { ...valid(), sub };
        await expectRefusal(await provider.sign(claims), /claim sub/);
      }
      for (const sub of [ADMIN.toUpperCase(), ` ${ADMIN}`, 'ädä', 'a\u0308da\u0308']) {
        const { body } = await me(await provider.sign({ ...valid(), sub }));
        expect([body.principalId, body.partnerId, body.organization]).toEqual([
          sub,
          undefined,
          new URL(provider.issuer).host,
        ]);
      }
    });

    it('and the database says in which subscriptions', async () => {
      const id = await world.subscription();
      expect((await get(`/v1/subscriptions/${id}`, await provider.sign({ ...valid(), sub: ADMIN }))).status).toBe(200);
      expect((await get(`/v1/subscriptions/${id}`, await provider.sign(valid()))).status).toBe(404);
    });

    it("and whether they are of a partner's own people, where a claim is named for that", async () => {
      const open = build({ claims: { ...CLAIMS, partner: 'partner_id' } });
      const path = `/v1/partners/${NORTHWIND.partnerId}/subscriptions`;
      const theirs = await provider.sign({ ...valid(), partner_id: NORTHWIND.partnerId });
      expect((await get(path, theirs, open)).status).toBe(200);
      const others = await provider.sign({ ...valid(), partner_id: FABRIKAM.partnerId });
      expect((await get(path, others, open)).status).toBe(403);
      expect((await get(path, await provider.sign(valid()), open)).status).toBe(403);
      expect((await get(path, theirs)).status).toBe(403);
    });
  });

  it('are told of, with what to ask for, without sign-in', async () => {
    const url = '/.well-known/oauth-protected-resource/v1';
    const asked = build({ scopes: ['openid', 'api'] });
    expect((await asked.app.inject({ url })).json()).toEqual({
      resource: 'http://localhost:80/v1',
      authorization_servers: [provider.issuer],
      scopes_supported: ['openid', 'api'],
      bearer_methods_supported: ['header'],
    });
    expect((await world.service.app.inject({ url })).statusCode).toBe(404);
  });

  it('are told of at the well-known address of a service behind a path, whether the proxy takes that off or not', async () => {
    const { app } = build({}, provider, 'https://example.com/a/por');
    for (const path of ['/a/por/v1', '/v1']) {
      const { statusCode, json } = await app.inject({ url: `/.well-known/oauth-protected-resource${path}` });
      expect([statusCode, json().resource]).toEqual([200, 'https://example.com/a/por/v1']);
    }
  });

  describe('of a provider that answers without end', () => {
    afterEach(() => provider.standBetween(null));

    const METADATA = '/.well-known/openid-configuration';
    const KEYS = '/jwks';
    const padded = (path: string, bytes: number) => {
      const content =
        path === KEYS
          ? { keys: [provider.publicKey()] }
          : { issuer: provider.issuer, jwks_uri: `${provider.issuer}${KEYS}` };
      return JSON.stringify(content).padEnd(bytes);
    };

    it.each([METADATA, KEYS])(
      'are taken when %s is large, and not when it is larger than anyone sends',
      async (path) => {
        const token = await provider.sign(valid());
        for (const [bytes, status] of [
          [512 * 1024, 200],
          [512 * 1024 + 1, 503],
        ] as const) {
          provider.standBetween(({ pathname }, _request, response) => {
            if (pathname === path) response.end(padded(path, bytes));
            return pathname === path;
          });
          expect((await me(token, build())).status).toBe(status);
        }
        expect(troubles).toHaveLength(1);
      },
    );

    it.each([METADATA, KEYS])('wait while %s is small on the wire and large when unpacked', async (path) => {
      const packed = gzipSync(padded(path, 64 * 1024 * 1024));
      expect(packed.length).toBeLessThan(100_000);
      provider.standBetween(({ pathname }, _request, response) => {
        if (pathname === path) response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
        return pathname === path;
      });
      expect((await me(await provider.sign(valid()), build())).status).toBe(503);
    });

    it.each([METADATA, KEYS])('wait while %s has no end, and its connection is closed early', async (path) => {
      const closed = new Promise<number>((resolve) => {
        provider.standBetween(({ pathname }, _request, response) => {
          if (pathname !== path) return false;
          const spaces = Buffer.alloc(64 * 1024, ' ');
          let sent = 0;
          const more = () => {
            sent += spaces.length;
            if (response.write(spaces)) setImmediate(more);
          };
          response.on('drain', more).once('close', () => resolve(sent));
          more();
          return true;
        });
      });
      expect((await me(await provider.sign(valid()), build())).status).toBe(503);
      // What sockets take without their reader is in it.
      expect(await within('the connection to be closed', closed)).toBeLessThan(32 * 1024 * 1024);
    });

    it('wait no longer than five seconds for the metadata or the keys to come to their end', async () => {
      const token = await provider.sign(valid());
      const drop = (path: string) => {
        provider.standBetween(({ pathname }, _request, response) => {
          if (pathname !== path) return false;
          const drops = setInterval(() => response.write(' '), 100);
          response.once('close', () => clearInterval(drops));
          return true;
        });
      };
      const waiting: Promise<number>[] = [];
      for (const path of [METADATA, KEYS]) {
        drop(path);
        const asked = provider.requests.length;
        waiting.push(me(token, build()).then(({ status }) => status));
        await expect.poll(() => provider.requests.slice(asked)).toContain(`GET ${path}`);
      }
      expect(await within('both answers', Promise.all(waiting), 20_000)).toEqual([503, 503]);
      expect(troubles.toSorted()).toEqual([
        'The identity provider did not tell about itself',
        'The keys of the identity provider could not be read',
      ]);
    });

    it.each([METADATA, KEYS])('wait while %s leads elsewhere, where nobody is asked', async (path) => {
      const elsewhere = await startIdentityProvider();
      provider.standBetween(({ pathname }, _request, response) => {
        if (pathname === path) response.writeHead(302, { location: `${elsewhere.issuer}${path}` }).end();
        return pathname === path;
      });
      expect((await me(await provider.sign(valid()), build())).status).toBe(503);
      expect(elsewhere.requests).toEqual([]);
      await elsewhere.stop();
    });
  });

  it('say nothing in the header that they chose themselves', async () => {
    const words = '" , error="x\r\nset-cookie: a=b';
    const chosen = [
      await provider.sign(valid(), { typ: words }),
      await provider.sign(valid(), { kid: words }),
      await provider.sign({ ...valid(), aud: words }),
      await provider.sign({ ...valid(), typ: words, events: words }),
      await provider.sign({ ...valid(), sub: `${words}\u0000` }),
      new UnsecuredJWT({ sub: words, ...valid() }).encode(),
    ];
    for (const token of chosen) {
      const { status, headers } = await me(token);
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toMatch(/^Bearer error="invalid_token", error_description="[^"\\\r\n]+"$/);
    }
  });

  describe('while the provider is away', () => {
    it('are taken by the keys it gave last; of an unknown key nobody can say, and of an expired one everybody', async () => {
      const leaving = await startIdentityProvider();
      const bereft = build({}, leaving);
      const token = await leaving.accessToken();
      expect((await me(token, bereft)).status).toBe(200);
      await leaving.stop();

      expect((await me(token, bereft)).status).toBe(200);
      await expectRefusal(await leaving.sign({ exp: fromNow(-60) }), 'The access token has expired.', bereft);
      const unknown = await leaving.sign(valid(), { kid: 'new' });
      await expect.poll(async () => (await me(unknown, bereft)).status).toBe(503);
      const { headers, body } = await me(unknown, bereft);
      expect(body.error).toEqual({
        code: 'Unavailable',
        message: 'The service cannot reach its identity provider. Try again shortly.',
      });
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      expect(troubles).toContain('The keys of the identity provider could not be read');
      expect((await me(token, bereft)).status).toBe(200);
    });

    it('wait for it at first, while those of the service go on', async () => {
      const late = await startIdentityProvider();
      const token = await late.accessToken();
      await late.stop();
      const early = build({}, late);
      expect((await me(token, early)).status).toBe(503);
      expect(troubles).toEqual(['The identity provider did not tell about itself']);
      const { statusCode } = await early.app.inject({ url: '/v1/me', headers: world.authorization(ADMIN) });
      expect(statusCode).toBe(200);

      await late.start();
      expect((await me(token, early)).status).toBe(200);
      await late.stop();
    });
  });
});
