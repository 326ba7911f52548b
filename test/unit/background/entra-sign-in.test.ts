import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSkew } from '../../../src/backends/skew';
import { createEntraSignIn, type EntraSignIn, type EntraWanted } from '../../../src/background/entra-sign-in';
import type { EntraConnection } from '../../../src/domain/connection';
import type { Credential, TenantSignIn } from '../../../src/domain/person';
import { browser } from '../../../src/platform/browser';
import type { Log } from '../../../src/platform/log';
import { createDatabase } from '../../../src/storage/database';
import { keepSecrets } from '../../../src/storage/kept-secrets';
import { createSecrets, type Secrets } from '../../../src/storage/secrets';
import { type TestAccount, testDirectory, testGuid } from '../../azure/directory';
import { type EntraServer, startEntra } from '../../azure/entra-server';
import { createEntraFetch, createEntraVisitor } from '../../azure/entra-visit';
import { createClock, HOUR, type HandClock, MINUTE } from '../../support/clock';
import { anEntraConnection } from '../../support/connections';
import { createLocks } from '../../support/locks';
import { createStorageAreas } from '../../support/storage-areas';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const REDIRECT = 'https://helper.chromiumapp.org/';
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';
const TENANTS = 60;

const directory = testDirectory(TENANTS);
const tenantAt = (at: number) => directory.tenants[at]?.id ?? '';
const [HOME, OTHER, THIRD] = [tenantAt(0), tenantAt(1), tenantAt(2)];
const [ada, ben] = directory.accounts as [TestAccount, TestAccount];
/** A personal Microsoft account that is a guest in the third tenant. */
const pat: TestAccount = {
  user: `${testGuid('d', 1)}.${PERSONAL}`,
  username: 'pat@outlook.example',
  name: 'Pat',
  homeTenant: PERSONAL,
  objectIds: new Map([
    [PERSONAL, testGuid('d', 1)],
    [THIRD, testGuid('d', 2)],
    [OTHER, testGuid('d', 3)],
  ]),
};

/** The tests' Entra, with a browser that goes where the test says. The way through a real browser is proved end to end. */
describe('signing in at Entra', () => {
  let entra: EntraServer;
  let connection: EntraConnection;
  let secrets: Secrets;
  let signIn: EntraSignIn;
  let clock: HandClock;
  let areas: ReturnType<typeof createStorageAreas>;
  let locks: ReturnType<typeof createLocks>;
  let net: ReturnType<typeof createEntraFetch>;
  let visitor: ReturnType<typeof createEntraVisitor>;
  /** Who is at the page when a window opens; null: nobody, who closes it. */
  let person: string | null;
  /** What the browser does at an address instead of going there. */
  let instead: ((address: URL) => Promise<string>) | null;
  const opened: { readonly address: URL; readonly interactive: boolean }[] = [];
  const logged: string[] = [];
  const log: Log = {
    info: (sentence, facts) => logged.push(sentence, JSON.stringify(facts ?? {})),
    error: (sentence, cause) => logged.push(sentence, String(cause)),
  };

  beforeEach(async () => {
    clock = createClock(Date.now());
    connection = anEntraConnection();
    entra = await startEntra({
      directory: { ...directory, accounts: [ada, ben, pat] },
      clientId: connection.clientId,
      redirectUris: [REDIRECT],
      now: () => clock.now(),
    });
    net = createEntraFetch(entra);
    visitor = createEntraVisitor(entra, REDIRECT);
    person = null;
    instead = null;
    opened.length = 0;
    logged.length = 0;
    locks = createLocks();
    vi.stubGlobal('navigator', { locks });
    vi.stubGlobal('indexedDB', new IDBFactory());
    startBrowser();
  });

  afterEach(async () => {
    await entra.stop();
    // Whatever a test was about: none of these is ever asked of Entra, and nobody else is asked anything.
    expect(entra.wrong).toEqual([]);
    expect(net.wentTo.filter((url) => !url.startsWith(`${entra.signIn}/`))).toEqual([]);
    const tokens = Object.values(areas.session.everything())
      .flatMap((value) => [...JSON.stringify(value).matchAll(/"(?:token|refreshToken)":"([^"]+)"/g)])
      .map(([, token = '']) => token);
    for (const token of tokens) expect(logged.join('\n')).not.toContain(token);
    expect(JSON.stringify(areas.local.everything())).toBe('{}');
  });

  /** Everything that ends with the browser is gone. */
  function startBrowser(): void {
    areas = createStorageAreas();
    Object.assign(browser, {
      storage: areas,
      permissions: { contains: async () => true },
      identity: {
        getRedirectURL: () => REDIRECT,
        async launchWebAuthFlow({ url, interactive }: { url: string; interactive: boolean }) {
          const address = new URL(url);
          opened.push({ address, interactive });
          if (instead !== null) return instead(address);
          if (interactive && person === null) throw new Error('The user did not approve access.');
          return visitor.goTo(url, interactive ? person : null);
        },
      },
    });
    startWorker();
  }

  /** What a worker had in its memory is gone. */
  function startWorker(): void {
    locks.drop();
    secrets = keepSecrets(createSecrets(createDatabase(() => undefined)));
    signIn = createEntraSignIn({ secrets, clock, log, skew: createSkew(clock, net.fetch) });
  }

  const windows = () => opened.filter(({ interactive }) => interactive);
  const pagesUnseen = () => opened.filter(({ interactive }) => !interactive);
  const asked = (nth: number) => Object.fromEntries(opened.at(nth)?.address.searchParams ?? []);
  const tokenRequests = () => entra.requests.filter(({ what }) => what === 'token');
  const pass = (ms: number) => clock.moveTo(clock.now() + ms);
  const at = (tenant: string, { user }: TestAccount = ada): TenantSignIn => ({ user, tenant });
  const tokenAt = (tenant: string, account: TestAccount = ada) => signIn.token(connection, { of: at(tenant, account) });

  /** Somebody signs in, at the page that opens. */
  async function signInAs(account: TestAccount, wanted: Partial<EntraWanted> = {}) {
    person = account.user;
    const outcome = await signIn.start(connection, { user: null, tenant: null, ...wanted });
    person = null;
    return outcome;
  }

  /** Whose the token is by its own content. */
  async function judged(credential: Credential | null) {
    return entra.judge(credential?.token ?? '');
  }

  const needed = (detail?: object, more: object = {}) => ({
    failure: { reason: 'signInNeeded', ...(detail !== undefined && { detail }), ...more },
  });

  describe('the page', () => {
    it('is asked for a code with PKCE, at the organisations’ address, for Azure alone and to stay signed in', async () => {
      expect(await signInAs(ada)).toMatchObject({ kind: 'signedIn', tenant: HOME });
      expect(opened[0]?.address.href).toMatch('https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize?');
      expect(asked(0)).toMatchObject({
        response_type: 'code',
        client_id: connection.clientId,
        redirect_uri: REDIRECT,
        scope: 'https://management.azure.com/user_impersonation openid profile offline_access',
        code_challenge_method: 'S256',
        client_info: '1',
        prompt: 'select_account',
      });
      for (const random of ['state', 'nonce', 'code_challenge']) expect(asked(0)[random]).toMatch(/^[\w-]{43}$/);
      expect(JSON.parse(asked(0)['claims'] ?? '')).toEqual({ access_token: { xms_cc: { values: ['cp1'] } } });
    });

    it('is never looked up: no request but that for tokens leaves', async () => {
      await signInAs(ada);
      expect(net.wentTo).toEqual(['https://login.microsoftonline.com/organizations/oauth2/v2.0/token']);
    });

    it('is that of the tenant where one is named, by its ID or its domain', async () => {
      expect(await signInAs(ada, { tenant: OTHER })).toMatchObject({ kind: 'signedIn', tenant: OTHER });
      expect(await signInAs(ada, { tenant: 'Tenant3.example' })).toMatchObject({ kind: 'signedIn', tenant: THIRD });
      expect(opened.map(({ address }) => address.pathname.split('/')[1])).toEqual([OTHER, 'tenant3.example']);
    });

    it('opens nowhere for what is no tenant', async () => {
      expect(await signInAs(ada, { tenant: 'not a tenant' })).toMatchObject({
        kind: 'failed',
        ...needed({ code: 'entra', number: 90002 }),
      });
      expect(opened).toEqual([]);
    });

    it('is told who is expected where that is known', async () => {
      await signInAs(ada);
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(asked(1)).toMatchObject({ login_hint: ada.username });
      expect(asked(1)).not.toHaveProperty('prompt');
    });

    it('opens once, however often the same is asked for', async () => {
      person = ada.user;
      const wanted = { user: null, tenant: null };
      await Promise.all([signIn.start(connection, wanted), signIn.start(connection, wanted)]);
      expect(opened).toHaveLength(1);
    });

    it('that the person closes leaves all as it was', async () => {
      expect(await signIn.start(connection, { user: null, tenant: null })).toEqual({ kind: 'cancelled' });
      expect(await signIn.token(connection, {})).toBeNull();
      expect(await signIn.accounts(connection)).toEqual([]);
    });

    it.each([
      ['another state', (address: URL) => `${REDIRECT}?code=x&state=x${address.searchParams.get('state')}`],
      ['no state', () => `${REDIRECT}?code=x`],
    ])('that brings a code with %s brings no token', async (_what, answer) => {
      instead = async (address) => answer(address);
      expect(await signIn.start(connection, { user: null, tenant: null })).toMatchObject({ kind: 'failed' });
      expect(tokenRequests()).toEqual([]);
    });

    it.each([
      ['public', 'https://management.azure.com', 'https://login.microsoftonline.com', 'https://management.azure.com'],
      [
        'US Government’s',
        'https://management.usgovcloudapi.net',
        'https://login.microsoftonline.us',
        'https://management.core.usgovcloudapi.net',
      ],
      [
        'China’s',
        'https://management.chinacloudapi.cn',
        'https://login.partner.microsoftonline.cn',
        'https://management.core.chinacloudapi.cn',
      ],
    ])('is the %s cloud’s own', async (_cloud, address, origin, audience) => {
      connection = { ...connection, address };
      await signIn.start(connection, { user: null, tenant: OTHER });
      expect(opened[0]?.address.href).toMatch(`${origin}/${OTHER}/oauth2/v2.0/authorize?`);
      expect(asked(0)['scope']).toBe(`${audience}/user_impersonation openid profile offline_access`);
    });

    it('may open where the browser has identity and the management host, and nothing else is asked for', async () => {
      const contains = vi.fn(async () => false);
      Object.assign(browser.permissions, { contains });
      expect(await signIn.mayStart(connection)).toBe(false);
      expect(contains).toHaveBeenCalledWith({
        origins: ['https://management.azure.com/*'],
        permissions: ['identity'],
      });
    });
  });

  describe('whose a token is', () => {
    it('is the account as it is at home, and its ID in the tenant', async () => {
      await signInAs(ada, { tenant: OTHER });
      const credential = await tokenAt(OTHER);
      expect(credential).toEqual({
        token: expect.stringMatching(/^ey/),
        person: {
          kind: 'openIdConnect',
          issuer: 'https://login.microsoftonline.com',
          sub: ada.user,
          name: ada.username,
        },
        directoryUser: { tenantId: OTHER, objectId: ada.objectIds.get(OTHER) },
      });
      expect(await judged(credential)).toMatchObject({ tenant: OTHER, objectId: ada.objectIds.get(OTHER) });
    });

    it('is the first account’s in its own tenant where nothing is said', async () => {
      await signInAs(ben, { tenant: HOME });
      await signInAs(ada);
      expect(await judged(await signIn.token(connection, {}))).toMatchObject({
        tenant: OTHER,
        objectId: ben.objectIds.get(OTHER),
      });
    });

    it.each<[string, { user?: string; tenant?: string }]>([
      ['tenant', { tenant: THIRD }],
      ['account', { user: ben.user, tenant: OTHER }],
    ])('is never handed out where Entra gives one of another %s', async (_what, whose) => {
      await signInAs(ada);
      const end = entra.mistake(whose);
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed());
      end();
      expect(await signIn.accounts(connection)).toHaveLength(1);
      expect(JSON.stringify(areas.session.everything())).not.toContain(`"objectId":"${ben.objectIds.get(OTHER)}"`);
    });

    it('is never another account’s that the browser’s session is of', async () => {
      await signInAs(ada);
      visitor.forget();
      await visitorIs(ben);
      entra.endRefreshTokens(700084);
      // It heeds no hint.
      instead = async (address) => {
        address.searchParams.delete('login_hint');
        return visitor.goTo(address.href, null);
      };
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed());
      expect((await signIn.accounts(connection)).map(({ user }) => user)).toEqual([ada.user]);
    });

    it.each([
      ['by another name of Entra’s', { iss: 'https://login.microsoftonline.com/elsewhere/v2.0' }],
      ['for another application', { aud: 'another' }],
      ['of no tenant', { tid: 7 }],
    ])('is not believed from an ID token %s', async (_what, claims) => {
      const { fetch } = net;
      net.fetch = async (input, init) => {
        const response = await fetch(input, init);
        const body = await response.json();
        const [head, payload = '', signature] = body.id_token.split('.');
        const said = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), ...claims };
        const id_token = [head, Buffer.from(JSON.stringify(said)).toString('base64url'), signature].join('.');
        return Response.json({ ...body, id_token });
      };
      startWorker();
      expect(await signInAs(ada)).toMatchObject({ kind: 'failed' });
      expect(await signIn.accounts(connection)).toEqual([]);
    });
  });

  /** Entra's answers with tokens, altered on their way. */
  function alterAnswers(alter: (answer: Record<string, unknown>) => object): void {
    const { fetch } = net;
    net.fetch = async (input, init) => Response.json(alter(await (await fetch(input, init)).json()));
    startWorker();
  }

  describe('an answer that does not say who the account is at home', () => {
    const info = (text: string) => Buffer.from(text).toString('base64url');

    it.each<[string, unknown]>([
      ['since it says nothing', undefined],
      ['in what is no base64', '%%%'],
      ['in what is no text', Buffer.from([0x7b, 0xff, 0x7d]).toString('base64')],
      ['in what is no JSON', info('Ada')],
      ['since it names nobody', info(`{"uid":"","utid":"${HOME}"}`)],
      ['by a tenant that is none', info(`{"uid":"${testGuid('b', 1)}","utid":"contoso"}`)],
      ['by what is no ID', info(`{"uid":"ada","utid":"${HOME}"}`)],
    ])('%s, signs nobody in and ends no other sign-in', async (_how, client_info) => {
      await signInAs(ada);
      alterAnswers((answer) => ({ ...answer, client_info }));
      expect(await signInAs(ben)).toMatchObject({ kind: 'failed', ...needed(undefined, { code: 'SignInFailed' }) });
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed(undefined, { code: 'SignInFailed' }));
      expect((await signIn.accounts(connection)).map(({ user }) => user)).toEqual([ada.user]);
    });
  });

  describe('what Entra repeats of what it was sent', () => {
    it.each(['code', 'code_verifier', 'refresh_token'])('(%s) is neither told, kept nor logged', async (name) => {
      await signInAs(ada);
      const { fetch } = net;
      let secret = '';
      net.fetch = async (input, init) => {
        const asked = new URLSearchParams(String(init?.body));
        if (!asked.has(name)) return fetch(input, init);
        secret = asked.get(name) ?? '';
        const error_description = `AADSTS900144: It has ${secret} in it.`;
        return Response.json({ error: 'invalid_grant', error_description, correlation_id: secret }, { status: 400 });
      };
      startWorker();
      if (name !== 'refresh_token') entra.endRefreshTokens(700084);
      const told = [await tokenAt(OTHER).catch((cause: unknown) => cause), await signInAs(ben)];
      expect(secret).toMatch(/^\S{20}/);
      expect(JSON.stringify([told, logged])).not.toContain(secret);
      expect(JSON.stringify([told, logged])).toContain('It has [access token] in it');
    });
  });

  /** Somebody signs in at Entra behind the extension's back. */
  async function visitorIs(account: TestAccount): Promise<void> {
    const elsewhere = { ...connection, id: testGuid('e', 1) };
    person = account.user;
    await signIn.start(elsewhere, { user: null, tenant: null });
    person = null;
    await secrets.forgetAccounts(elsewhere.id);
    opened.length = 0;
  }

  describe('several accounts', () => {
    it('are signed in side by side, each with its own tokens', async () => {
      await signInAs(ada);
      await signInAs(ben);
      expect(await signIn.accounts(connection)).toEqual(
        [ada, ben].map(({ user, homeTenant, username, name }) => ({ user, homeTenant, username, name })),
      );
      expect(await judged(await tokenAt(HOME, ada))).toMatchObject({ objectId: ada.objectIds.get(HOME) });
      expect(await judged(await tokenAt(HOME, ben))).toMatchObject({ objectId: ben.objectIds.get(HOME) });
      expect(windows()).toHaveLength(2);
    });

    it('keep the one that came in place of the one that was wanted, and say so', async () => {
      await signInAs(ada);
      expect(await signInAs(ben, { user: ada.user, tenant: OTHER })).toMatchObject({
        kind: 'signedIn',
      });
      visitor.forget();
      expect(await signInAs(ben, { user: ada.user, tenant: OTHER })).toMatchObject({
        kind: 'otherAccount',
        account: { user: ben.user },
        wanted: ada.user,
      });
      expect((await signIn.accounts(connection)).map(({ user }) => user)).toEqual([ada.user, ben.user]);
      expect(await judged(await tokenAt(OTHER, ada))).toMatchObject({ objectId: ada.objectIds.get(OTHER) });
    });

    it('leave one by one, and nothing of the one that left stays', async () => {
      connection = { ...connection, staySignedIn: true };
      await signInAs(ada);
      await tokenAt(OTHER);
      await signInAs(ben);
      await signIn.end(connection, ada.user);
      expect((await signIn.accounts(connection)).map(({ user }) => user)).toEqual([ben.user]);
      expect(await tokenAt(OTHER)).toBeNull();
      expect(JSON.stringify(areas.session.everything())).not.toContain(ada.user);
      startBrowser();
      expect((await signIn.accounts(connection)).map(({ user }) => user)).toEqual([ben.user]);
    });

    it('do not come back by an answer that was on its way while one left', async () => {
      await signInAs(ada);
      const { fetch } = net;
      net.fetch = async (input, init) => {
        const response = await fetch(input, init);
        await signIn.end(connection, ada.user);
        return response;
      };
      startWorker();
      expect(await tokenAt(OTHER)).toBeNull();
      expect(JSON.stringify(areas.session.everything())).not.toContain(ada.user);
    });
  });

  describe('a token', () => {
    it('is asked for once while it lasts, and anew a minute before its end', async () => {
      await signInAs(ada);
      const [first, second] = [await tokenAt(HOME), await tokenAt(HOME)];
      expect(second).toEqual(first);
      expect(tokenRequests()).toHaveLength(1);
      pass(59 * MINUTE + 1);
      expect((await tokenAt(HOME))?.token).not.toBe(first?.token);
      expect(tokenRequests().at(-1)?.asked).toMatchObject({ grant_type: 'refresh_token', client_info: '1' });
    });

    it('of a second tenant comes by the same refresh token, and no page opens', async () => {
      await signInAs(ada);
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER, objectId: ada.objectIds.get(OTHER) });
      expect(tokenRequests().at(-1)).toMatchObject({ tenant: OTHER, asked: { grant_type: 'refresh_token' } });
      expect(opened).toHaveLength(1);
    });

    it('of sixty tenants is asked for side by side, once for each', async () => {
      await signInAs(ada);
      let [underWay, most] = [0, 0];
      const { fetch } = net;
      net.fetch = async (input, init) => {
        underWay += 1;
        most = Math.max(most, underWay);
        return fetch(input, init).finally(() => {
          underWay -= 1;
        });
      };
      startWorker();
      const all = directory.tenants.map(({ id }) => id);
      const credentials = await Promise.all([...all, ...all].map((tenant) => tokenAt(tenant)));
      const tenants = await Promise.all(credentials.map(async (one) => (await judged(one))?.tenant));
      expect(tenants).toEqual([...all, ...all]);
      // Home's came with the sign-in.
      expect(tokenRequests()).toHaveLength(1 + TENANTS - 1);
      expect(most).toBeGreaterThan(TENANTS / 2);
      expect(opened).toHaveLength(1);
    });

    it('that was refused is not handed out again', async () => {
      await signInAs(ada);
      const refused = (await tokenAt(HOME))?.token ?? '';
      const renewed = await signIn.token(connection, { of: at(HOME), refused });
      expect(renewed?.token).not.toBe(refused);
      // Who was refused with the same one at the same time gets the new one.
      expect(await signIn.token(connection, { of: at(HOME), refused })).toEqual(renewed);
      expect(tokenRequests()).toHaveLength(2);
    });

    it('that was refused is gone, also where only the person gets another', async () => {
      await signInAs(ada);
      const refused = (await tokenAt(OTHER))?.token ?? '';
      entra.demand({ tenant: OTHER, number: 50076, error: 'interaction_required', until: 'signedInThere' });
      await expect(signIn.token(connection, { of: at(OTHER), refused })).rejects.toMatchObject(needed());
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed());
    });

    it('is there in the next worker', async () => {
      await signInAs(ada);
      const held = await tokenAt(OTHER);
      startWorker();
      expect(await tokenAt(OTHER)).toEqual(held);
      expect(await judged(await tokenAt(THIRD))).toMatchObject({ tenant: THIRD });
      expect(opened).toHaveLength(1);
    });

    it('is had after the browser was closed where the person stays signed in, and else not', async () => {
      await signInAs(ada);
      startBrowser();
      expect(await tokenAt(HOME)).toBeNull();
      connection = { ...connection, staySignedIn: true };
      await signInAs(ada);
      startBrowser();
      opened.length = 0;
      expect(await judged(await tokenAt(HOME))).toMatchObject({ tenant: HOME });
      expect(opened).toEqual([]);
    });

    it('is nobody’s for an account that is not signed in here', async () => {
      await signInAs(ada);
      expect(await tokenAt(HOME, ben)).toBeNull();
      expect(await signIn.needsPerson(connection, at(HOME, ben))).toBe(true);
    });

    it('is not another application’s', async () => {
      await signInAs(ada);
      connection = { ...connection, clientId: testGuid('f', 1) };
      expect(await signIn.accounts(connection)).toEqual([]);
      expect(await tokenAt(HOME)).toBeNull();
    });
  });

  describe('after a day', () => {
    it('the browser’s session brings one page out of sight, and all tenants go on with what that brought', async () => {
      await signInAs(ada);
      pass(25 * HOUR);
      const some = directory.tenants.slice(0, 12).map(({ id }) => id);
      await Promise.all(some.map((tenant) => tokenAt(tenant)));
      expect(pagesUnseen()).toHaveLength(1);
      expect(asked(-1)).toMatchObject({ prompt: 'none', login_hint: ada.username });
      expect(windows()).toHaveLength(1);
    });

    it('without a session of the browser’s the person is asked for once, for all tenants', async () => {
      await signInAs(ada);
      visitor.forget();
      pass(25 * HOUR);
      const ended = needed({ code: 'entra', number: 50058 });
      const some = directory.tenants.slice(1, 12).map(({ id }) => id);
      const all = await Promise.allSettled(some.map((tenant) => tokenAt(tenant)));
      for (const one of all) expect(one).toMatchObject({ status: 'rejected', reason: ended });
      startWorker();
      await expect(tokenAt(OTHER)).rejects.toMatchObject(ended);
      expect(pagesUnseen()).toHaveLength(1);
      expect(await signIn.needsPerson(connection, at(THIRD))).toBe(true);
      await signInAs(ada, { user: ada.user });
      expect(await signIn.needsPerson(connection, at(THIRD))).toBe(false);
      expect(await judged(await tokenAt(THIRD))).toMatchObject({ tenant: THIRD });
    });

    it.each([700082, 700084, 50173])('and where Entra ends it before (%s)', async (number) => {
      await signInAs(ada);
      entra.endRefreshTokens(number);
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER });
      expect(await judged(await tokenAt(THIRD))).toMatchObject({ tenant: THIRD });
      expect(pagesUnseen()).toHaveLength(1);
    });
  });

  describe('a tenant that demands its own sign-in', () => {
    const demand = (number: number, more: object = {}) =>
      entra.demand({
        user: ada.user,
        tenant: OTHER,
        number,
        error: 'interaction_required',
        until: 'signedInThere',
        ...more,
      });

    it.each([50076, 50079, 50158, 53003])('waits for the person, who is asked for once (%s)', async (number) => {
      await signInAs(ada);
      demand(number);
      for (let time = 0; time < 3; time += 1) {
        await expect(tokenAt(OTHER)).rejects.toMatchObject(
          needed({ code: 'entra', number }, { requestId: '66666666-7777-4888-8999-aaaaaaaaaaaa' }),
        );
      }
      startWorker();
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed({ code: 'entra', number }));
      expect(pagesUnseen()).toHaveLength(1);
      expect(windows()).toHaveLength(1);
      expect(await signIn.needsPerson(connection, at(OTHER))).toBe(true);
    });

    it('holds up no other tenant, and goes on once the person signed in there', async () => {
      await signInAs(ada);
      demand(50076);
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed());
      expect(await judged(await tokenAt(THIRD))).toMatchObject({ tenant: THIRD });
      // A sign-in elsewhere does not end it.
      await signInAs(ada, { user: ada.user, tenant: THIRD });
      expect(await signIn.needsPerson(connection, at(OTHER))).toBe(true);
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(await signIn.needsPerson(connection, at(OTHER))).toBe(false);
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER });
    });

    it('gets the claims that it names, out of sight and from the person', async () => {
      await signInAs(ada);
      demand(50076, { claims: '{"access_token":{"capolids":{"essential":true,"values":["p1"]}}}' });
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed());
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      for (const page of [1, 2]) {
        expect(JSON.parse(asked(page)['claims'] ?? '')).toEqual({
          access_token: { capolids: { essential: true, values: ['p1'] }, xms_cc: { values: ['cp1'] } },
        });
      }
    });

    it('is no hindrance where the browser’s session is enough', async () => {
      await signInAs(ada);
      demand(50076, { by: 'token', until: 'ended' });
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER });
      expect(pagesUnseen()).toHaveLength(1);
    });

    it('for want of consent says so, and asks for none', async () => {
      await signInAs(ada);
      demand(65001, { error: 'invalid_grant' });
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed({ code: 'entra', number: 65001 }));
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER });
    });

    it('where the account is not at all, says so', async () => {
      await signInAs(ben);
      await expect(tokenAt(THIRD, ben)).rejects.toMatchObject(needed({ code: 'entra', number: 50020 }));
      expect(await judged(await tokenAt(HOME, ben))).toMatchObject({ tenant: HOME });
    });

    it('goes on by the refresh token that was not to blame', async () => {
      await signInAs(ada);
      demand(50076);
      await expect(tokenAt(OTHER)).rejects.toMatchObject(needed());
      visitor.forget();
      expect(await judged(await tokenAt(THIRD))).toMatchObject({ tenant: THIRD });
    });
  });

  describe('a claims challenge', () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    const challenged = async () => {
      const refused = (await tokenAt(OTHER))?.token ?? '';
      return { refused, again: () => signIn.token(connection, { of: at(OTHER), refused, claims }) };
    };
    const wanted = { access_token: { acrs: { essential: true, value: 'c1' }, xms_cc: { values: ['cp1'] } } };

    it('is met by the refresh token where Entra allows it', async () => {
      await signInAs(ada);
      const { refused, again } = await challenged();
      const credential = await again();
      expect(credential?.token).not.toBe(refused);
      expect(await judged(credential)).toMatchObject({ tenant: OTHER, claims: ['c1'] });
      expect(JSON.parse(tokenRequests().at(-1)?.asked['claims'] ?? '')).toEqual(wanted);
      // What was got with them needs them no more.
      pass(2 * HOUR);
      await tokenAt(OTHER);
      expect(tokenRequests().at(-1)?.asked['claims']).not.toContain('acrs');
    });

    it('that needs the person is kept for the window, also by the next worker, and then met', async () => {
      await signInAs(ada);
      const { refused, again } = await challenged();
      entra.demand({ number: 50076, error: 'interaction_required', until: 'signedInThere', forAcrs: 'c1' });
      await expect(again()).rejects.toMatchObject(needed({ code: 'entra', number: 50076 }));
      await expect(again()).rejects.toMatchObject(needed({ code: 'entra', number: 50076 }));
      expect(pagesUnseen()).toHaveLength(1);
      // It is good for all else.
      expect((await tokenAt(OTHER))?.token).toBe(refused);
      startWorker();
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(JSON.parse(asked(-1)['claims'] ?? '')).toEqual(wanted);
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ claims: ['c1'] });
    });

    it('that comes while Entra does not answer gets nothing, and is kept', async () => {
      await signInAs(ada);
      const { again } = await challenged();
      const end = entra.break({ how: 'noAnswer' });
      await expect(again()).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      end();
      startWorker();
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(JSON.parse(asked(-1)['claims'] ?? '')).toEqual(wanted);
    });

    it('that a token with those claims meets again takes the person, who is asked for them', async () => {
      await signInAs(ada);
      const { again } = await challenged();
      const refused = (await again())?.token ?? '';
      const inVain = () => signIn.token(connection, { of: at(OTHER), refused, claims });
      for (let time = 0; time < 3; time += 1) {
        await expect(inVain()).rejects.toMatchObject(needed({ code: 'moreProof' }));
        if (time === 0) startWorker();
      }
      expect(await signIn.needsPerson(connection, at(OTHER))).toBe(true);
      expect(windows()).toHaveLength(1);
      // It is good for all else.
      expect((await tokenAt(OTHER))?.token).toBe(refused);
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(JSON.parse(asked(-1)['claims'] ?? '')).toEqual(wanted);
      // The window was in vain, too: the next one asks for them again.
      const shown = (await tokenAt(OTHER))?.token ?? '';
      await expect(signIn.token(connection, { of: at(OTHER), refused: shown, claims })).rejects.toMatchObject(needed());
      await signInAs(ada, { user: ada.user, tenant: OTHER });
      expect(JSON.parse(asked(-1)['claims'] ?? '')).toEqual(wanted);
    });

    it('of one tenant is no other’s', async () => {
      await signInAs(ada);
      const { again } = await challenged();
      entra.demand({ number: 50076, error: 'interaction_required', until: 'signedInThere', forAcrs: 'c1' });
      await expect(again()).rejects.toMatchObject(needed());
      await tokenAt(THIRD);
      expect(tokenRequests().at(-1)?.asked['claims']).not.toContain('acrs');
    });

    it('that nobody can read asks for nothing more', async () => {
      await signInAs(ada);
      const refused = (await tokenAt(OTHER))?.token ?? '';
      await signIn.token(connection, { of: at(OTHER), refused, claims: 'neither JSON' });
      expect(JSON.parse(tokenRequests().at(-1)?.asked['claims'] ?? '')).toEqual({
        access_token: { xms_cc: { values: ['cp1'] } },
      });
    });
  });

  describe('while Entra does not answer', () => {
    it.each<[string, () => void]>([
      ['at all', () => entra.break({ how: 'noAnswer' })],
      ['but with a 500', () => entra.break({ how: { status: 500 } })],
      ['but with a page of a proxy’s', () => entra.break({ how: { status: 503, body: '<html>' } })],
      [
        'but with too many requests',
        () => entra.break({ how: { status: 429, body: '{"error":"invalid_grant","error_codes":[50196]}' } }),
      ],
      ['now', () => entra.demand({ number: 90033, error: 'invalid_request', until: 'ended' })],
    ])('%s, nothing is forgotten and no page opens', async (_how, breaks) => {
      await signInAs(ada);
      const held = await tokenAt(OTHER);
      pass(59 * MINUTE + 1);
      breaks();
      expect(await tokenAt(OTHER)).toEqual(held);
      pass(MINUTE);
      await expect(tokenAt(OTHER)).rejects.toMatchObject({
        failure: { reason: 'noAnswer', code: 'IdentityProviderAway' },
      });
      expect(await signIn.needsPerson(connection, at(OTHER))).toBe(false);
      expect(opened).toHaveLength(1);
    });

    it('it is left alone for a while at that tenant alone, and then asked again', async () => {
      await signInAs(ada);
      const end = entra.break({ how: { status: 503 }, tenant: OTHER });
      await expect(tokenAt(OTHER)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      end();
      const before = tokenRequests().length;
      await expect(tokenAt(OTHER)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      expect(tokenRequests()).toHaveLength(before);
      expect(await judged(await tokenAt(THIRD))).toMatchObject({ tenant: THIRD });
      pass(5001);
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER });
    });

    it('offline and back, everybody is as they were', async () => {
      await signInAs(ada);
      await entra.stop();
      await expect(tokenAt(OTHER)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      await entra.start();
      pass(5001);
      expect(await judged(await tokenAt(OTHER))).toMatchObject({ tenant: OTHER });
    });

    it('the person who signs in hears that nobody answered', async () => {
      instead = () => Promise.reject(new Error('Authorization page could not be loaded.'));
      expect(await signIn.start(connection, { user: null, tenant: null })).toMatchObject({
        kind: 'failed',
        failure: { reason: 'signInNeeded', code: 'SignInAway' },
      });
      await expect(signIn.token(connection, {})).rejects.toMatchObject({ failure: { code: 'SignInAway' } });
      // The next attempt, which the person gives up, is another one.
      instead = null;
      await signIn.start(connection, { user: null, tenant: null });
      expect(await signIn.token(connection, {})).toBeNull();
    });

    it('a refused token is not handed out', async () => {
      await signInAs(ada);
      const refused = (await tokenAt(HOME))?.token ?? '';
      entra.break({ how: 'noAnswer' });
      await expect(signIn.token(connection, { of: at(HOME), refused })).rejects.toMatchObject({
        failure: { reason: 'noAnswer' },
      });
    });
  });

  describe('a no at the page', () => {
    it.each([
      ['the person', 65004, () => Object.assign(entra, { declines: true })],
      [
        'the tenant’s rules',
        90094,
        () => entra.demand({ number: 90094, error: 'access_denied', until: 'ended', by: 'page' }),
      ],
    ])(
      'of %s is told with Entra’s reason (%s), and kept for that tenant until somebody signs in there',
      async (...args) => {
        const [, number, refuse] = args;
        await signInAs(ada);
        await tokenAt(HOME);
        refuse();
        expect(await signInAs(ada, { user: ada.user, tenant: OTHER })).toMatchObject({
          kind: 'failed',
          ...needed({ code: 'entra', number }),
        });
        await expect(tokenAt(OTHER)).rejects.toMatchObject(needed({ code: 'entra', number }));
        expect(await tokenAt(HOME)).not.toBeNull();
      },
    );

    it('that Entra gives no number for is told in Entra’s words', async () => {
      instead = async (address) =>
        `${REDIRECT}?${new URLSearchParams({ error: 'invalid_scope', error_description: 'No such scope', state: address.searchParams.get('state') ?? '' })}`;
      expect(await signIn.start(connection, { user: null, tenant: null })).toMatchObject({
        kind: 'failed',
        failure: { reason: 'signInNeeded', code: 'SignInFailed', said: 'No such scope' },
      });
      await expect(signIn.token(connection, {})).rejects.toMatchObject({ failure: { said: 'No such scope' } });
    });

    it('quotes what Entra said without what only its support can use', async () => {
      const error_description =
        'AADSTS900971: No reply address provided.\r\nTrace ID: 1-2\r\nCorrelation ID: 3-4\r\nTimestamp: 2026-01-01 00:00:00Z';
      instead = async (address) =>
        `${REDIRECT}?${new URLSearchParams({ error: 'invalid_request', error_description, state: address.searchParams.get('state') ?? '' })}`;
      expect(await signIn.start(connection, { user: null, tenant: null })).toMatchObject({
        failure: {
          detail: { code: 'entra', number: 900971 },
          said: 'No reply address provided.',
          requestId: '3-4',
        },
      });
    });

    it.each([
      [
        'with another behind it',
        'AADSTS50076: Prove more. AADSTS50079: Set it up.',
        'Prove more. AADSTS50079: Set it up.',
      ],
      ['behind a word', 'interaction_required: AADSTS50076: Prove more.', 'Prove more.'],
      ['on a line of its own', '\r\nAADSTS50076 : Prove more.\r\n', 'Prove more.'],
      ['alone', 'AADSTS50076', ''],
    ])('is known by its number, which stands there %s', async (_how, error_description, said) => {
      instead = async (address) =>
        `${REDIRECT}?${new URLSearchParams({ error: 'invalid_request', error_description, state: address.searchParams.get('state') ?? '' })}`;
      expect(await signIn.start(connection, { user: null, tenant: null })).toMatchObject({
        failure: { detail: { code: 'entra', number: 50076 }, said },
      });
    });

    it('is no more than a cancelled window where the person pressed Cancel', async () => {
      instead = async (address) =>
        `${REDIRECT}?${new URLSearchParams({ error: 'access_denied', error_subcode: 'cancel', state: address.searchParams.get('state') ?? '' })}`;
      expect(await signIn.start(connection, { user: null, tenant: null })).toEqual({ kind: 'cancelled' });
    });
  });

  describe('a personal Microsoft account', () => {
    it('is told to name a tenant first', async () => {
      expect(await signInAs(pat)).toMatchObject({ kind: 'failed', ...needed({ code: 'personalAccount' }) });
      expect(await signIn.accounts(connection)).toEqual([]);
    });

    it('signs in at the tenant that it named, which is its own from then on', async () => {
      expect(await signInAs(pat, { tenant: THIRD })).toMatchObject({
        kind: 'signedIn',
        account: { user: pat.user, homeTenant: THIRD },
      });
      expect(await judged(await signIn.token(connection, {}))).toMatchObject({ tenant: THIRD });
      expect(await signInAs(pat, { user: pat.user, tenant: OTHER })).toMatchObject({ kind: 'signedIn', tenant: OTHER });
      expect(await signInAs(pat, { user: pat.user })).toMatchObject({ kind: 'signedIn', tenant: THIRD });
    });

    it('that is not known here is told so before any page opens', async () => {
      expect(await signInAs(pat, { user: pat.user })).toMatchObject(needed({ code: 'personalAccount' }));
      expect(opened).toEqual([]);
    });
  });

  describe('a clock that is off', () => {
    it.each([2 * HOUR, -2 * HOUR])('lets nobody sign in, and says by how much: %s ms', async (ahead) => {
      await entra.stop();
      entra = await startEntra({
        directory: { ...directory, accounts: [ada] },
        clientId: connection.clientId,
        redirectUris: [REDIRECT],
      });
      net = createEntraFetch(entra);
      visitor = createEntraVisitor(entra, REDIRECT);
      startWorker();
      clock.setBy(ahead);
      const aheadMs = expect.toSatisfy((told: number) => Math.abs(told - ahead) < 10_000);
      expect(await signInAs(ada)).toMatchObject(needed({ code: 'clockOff', aheadMs }));
    });
  });
});
