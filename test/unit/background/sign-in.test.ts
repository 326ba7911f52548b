import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignIn, type SignIn } from '../../../src/background/sign-in';
import { createSkew } from '../../../src/backends/skew';
import type { OpenIdConnection } from '../../../src/domain/connection';
import { browser } from '../../../src/platform/browser';
import type { Log } from '../../../src/platform/log';
import { createDatabase } from '../../../src/storage/database';
import { createSecrets, type Secrets, type Tokens } from '../../../src/storage/secrets';
import { noteSignIn, readSignInNotes } from '../../../src/storage/sign-in-notes';
import { type Between, startIdentityProvider, type TestProvider } from '../../server/support/identity-provider';
import { createStorageAreas } from '../../support/storage-areas';
import { anOpenIdConnection } from '../../support/connections';
import { createClock, type HandClock } from '../../support/clock';
import { createLocks } from '../../support/locks';
import { createVisitor } from './provider-visit';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const REDIRECT = 'https://helper.chromiumapp.org/';
const ADA = 'ada';
const EVE = 'eve';
const log: Log = { info: () => undefined, error: () => undefined };

/** The real provider, with a browser that goes where the test says. The way through a real browser is proved end to end. */
describe('signing in', () => {
  let provider: TestProvider;
  let connection: OpenIdConnection;
  let secrets: Secrets;
  let signIn: SignIn;
  let clock: HandClock;
  const pass = (ms: number) => clock.moveTo(clock.now() + ms);
  /** What the browser comes back with, from the address it was sent to. */
  let goThere: (address: URL, interactive: boolean) => Promise<string>;
  const sentTo: URL[] = [];
  /** How the browser was told to go there, besides the address. */
  const told: object[] = [];
  let visitor: ReturnType<typeof createVisitor>;

  beforeAll(async () => {
    const client = { client_id: 'helper', token_endpoint_auth_method: 'none' } as const;
    provider = await startIdentityProvider({
      clients: [{ ...client, redirect_uris: [REDIRECT], grant_types: ['authorization_code', 'refresh_token'] }],
    });
  });
  afterAll(() => provider.stop());

  beforeEach(() => {
    vi.stubGlobal('indexedDB', new IDBFactory());
    vi.stubGlobal('navigator', { locks: createLocks() });
    sentTo.length = 0;
    told.length = 0;
    visitor = createVisitor(REDIRECT);
    provider.standBetween(null);
    clock = createClock(Date.now());
    goThere = () => Promise.reject(new Error('The user did not approve access.'));
    Object.assign(browser, {
      storage: createStorageAreas(),
      permissions: { contains: async () => true },
      identity: {
        getRedirectURL: () => REDIRECT,
        launchWebAuthFlow({ url, interactive, ...how }: { url: string; interactive: boolean }) {
          sentTo.push(new URL(url));
          told.push(how);
          return goThere(new URL(url), interactive);
        },
      },
    });
    connection = anOpenIdConnection({ address: `${provider.issuer}/v1`, issuer: provider.issuer });
    secrets = createSecrets(createDatabase(() => undefined));
    startWorker();
  });

  function startWorker(): void {
    signIn = createSignIn({ secrets, clock, log, skew: createSkew(clock, (input, init) => fetch(input, init)) });
  }

  const back = (parameters: Record<string, string>) => `${REDIRECT}?${new URLSearchParams(parameters)}`;
  const stateOf = (address: URL) => address.searchParams.get('state') ?? '';
  const asked = (nth: number) => Object.fromEntries(sentTo.at(nth)?.searchParams ?? []);
  const tokenRequests = () => provider.requests.filter((request) => request === 'POST /token').length;
  const ada = () => ({ kind: 'openIdConnect', issuer: provider.issuer, sub: ADA, name: `${ADA}’s name` }) as const;

  function stored(more: Partial<Tokens> = {}): Promise<void> {
    // Wanted anew in a second, and over in a minute.
    const access = { token: 'access', since: clock.now() - 58_000, lastsMs: 118_000 };
    const whose = { person: ada(), idToken: null, loginHint: null };
    return secrets.saveTokens(connection, { access, refreshToken: 'refresh', ...whose, ...more });
  }

  /** Somebody signs in, on the provider's own pages. */
  async function signInAs(person: string, another = false): Promise<void> {
    goThere = (address, interactive) => visitor.goTo(address.href, interactive ? person : null);
    expect(await signIn.start(connection, another)).toBe('signedIn');
  }

  /** What the provider's token endpoint answers from now on. */
  function tokenEndpoint(status: number, body: string | object, headers: Record<string, string> = {}): void {
    provider.standBetween((url, _request, response) => {
      if (url.pathname !== '/token') return false;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
      return true;
    });
  }

  function idToken(sub: string): Promise<string> {
    const seconds = Math.floor(clock.now() / 1000);
    return provider.sign({ sub, aud: 'helper', iat: seconds, exp: seconds + 300 }, { typ: 'JWT' });
  }

  it('asks for a code with PKCE, a state and a nonce, and to stay signed in', async () => {
    expect(await signIn.start(connection, false)).toBe('cancelled');
    expect(asked(0)).toMatchObject({
      response_type: 'code',
      client_id: 'helper',
      redirect_uri: REDIRECT,
      scope: 'openid profile offline_access',
      code_challenge_method: 'S256',
    });
    for (const random of ['state', 'nonce', 'code_challenge']) expect(asked(0)[random]).toMatch(/^[\w-]{43}$/);
    await signIn.start(connection, false);
    for (const random of ['state', 'nonce', 'code_challenge']) expect(asked(1)[random]).not.toBe(asked(0)[random]);
  });

  it.each([
    ['another state', () => back({ code: 'stolen', state: 'guessed', iss: provider.issuer })],
    ['no state', () => back({ code: 'stolen', iss: provider.issuer })],
    [
      'the name of another provider',
      (address: URL) => back({ code: 'stolen', state: stateOf(address), iss: 'https://elsewhere.example' }),
    ],
  ])('changes no code that comes with %s for tokens', async (_what, answer) => {
    goThere = async (address) => answer(address);
    const before = tokenRequests();
    expect(await signIn.start(connection, false)).toBe('failed');
    expect(tokenRequests()).toBe(before);
    expect(await secrets.readTokens(connection)).toBeNull();
    await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { reason: 'signInNeeded' } });
  });

  it('keeps nothing when the provider does not take the code, and tells its words', async () => {
    goThere = async (address) => back({ code: 'wrong', state: stateOf(address), iss: provider.issuer });
    expect(await signIn.start(connection, false)).toBe('failed');
    await expect(signIn.token(connection)).rejects.toMatchObject({
      failure: { reason: 'signInNeeded', code: 'SignInFailed', said: expect.stringMatching(/grant/i) },
    });
  });

  it('is cancelled when the person says no', async () => {
    goThere = async (address) => back({ error: 'access_denied', state: stateOf(address), iss: provider.issuer });
    expect(await signIn.start(connection, false)).toBe('cancelled');
    expect(await signIn.token(connection)).toBeNull();
  });

  it('opens one window, however often it is asked to', async () => {
    await Promise.all([signIn.start(connection, false), signIn.start(connection, false)]);
    expect(sentTo).toHaveLength(1);
  });

  describe('whose the token is', () => {
    it('is told with it, as one', async () => {
      await signInAs(ADA);
      const credential = await signIn.token(connection);
      expect(credential).toEqual({ token: expect.stringMatching(/^ey/), person: ada() });
      pass(290_000);
      const renewed = await signIn.token(connection);
      expect(renewed?.person).toEqual(ada());
      expect(renewed?.token).not.toBe(credential?.token);
    });

    it('is expected of the provider by the session’s ID token when nobody is asked', async () => {
      await signInAs(ADA);
      const held = (await secrets.readTokens(connection))?.idToken;
      pass(290_000);
      expect(await signIn.token(connection)).not.toBeNull();
      expect(asked(1)).toMatchObject({ prompt: 'none', id_token_hint: held });
      expect(asked(1)).not.toHaveProperty('login_hint');
    });

    it('is expected by the name typed there where no ID token is held', async () => {
      await stored({ refreshToken: null, loginHint: 'ada@example.com' });
      pass(2000);
      await signIn.token(connection);
      expect(asked(0)).toMatchObject({ prompt: 'none', login_hint: 'ada@example.com' });
      expect(asked(0)).not.toHaveProperty('id_token_hint');
    });

    /** The provider's own session becomes somebody else's, behind the extension's back. */
    async function sessionBecomes(person: string): Promise<void> {
      const before = sentTo.length;
      const elsewhere = { ...connection, id: '00000000-0000-4000-8000-000000000000' };
      visitor.forget();
      goThere = (address) => visitor.goTo(address.href, person);
      expect(await signIn.start(elsewhere, false)).toBe('signedIn');
      sentTo.splice(before);
    }

    it.each([
      ['heeds the hint', (address: URL) => address],
      [
        'heeds no hint',
        (address: URL) => {
          address.searchParams.delete('id_token_hint');
          return address;
        },
      ],
    ])(
      'is never somebody else: a session of another account is signed out where the provider %s',
      async (_what, hinted) => {
        await signInAs(ADA);
        await sessionBecomes(EVE);
        goThere = (address) => visitor.goTo(hinted(address).href, null);
        pass(290_000);
        expect(await signIn.token(connection)).toBeNull();
        expect(sentTo).toHaveLength(2);
        expect(await secrets.readTokens(connection)).toBeNull();
        // Nor does asking again bring it.
        expect(await signIn.token(connection)).toBeNull();
      },
    );

    it('is never somebody else that a refresh names', async () => {
      await stored();
      tokenEndpoint(200, { access_token: 'eves', token_type: 'Bearer', expires_in: 300, id_token: await idToken(EVE) });
      pass(2000);
      expect(await signIn.token(connection)).toBeNull();
      expect(await secrets.readTokens(connection)).toBeNull();
    });

    it('goes on where a refresh names the same, or nobody', async () => {
      for (const named of [{ id_token: await idToken(ADA) }, {}]) {
        await stored();
        tokenEndpoint(200, { access_token: 'next', token_type: 'Bearer', expires_in: 300, ...named });
        expect(await signIn.token(connection, 'access')).toEqual({ token: 'next', person: ada() });
      }
    });

    it('is somebody else once the person signed in as somebody else', async () => {
      await signInAs(ADA);
      visitor.forget();
      await signInAs(EVE, true);
      expect((await signIn.token(connection))?.person).toMatchObject({ sub: EVE });
    });

    it('is learnt first for tokens that an earlier version kept', async () => {
      await stored({ person: null });
      tokenEndpoint(200, { access_token: 'next', token_type: 'Bearer', expires_in: 300, id_token: await idToken(ADA) });
      expect(await signIn.token(connection)).toEqual({ token: 'next', person: { ...ada(), name: null } });
    });

    it('where it can not be learnt, the person signs in', async () => {
      await stored({ person: null });
      tokenEndpoint(200, { access_token: 'next', token_type: 'Bearer', expires_in: 300 });
      expect(await signIn.token(connection)).toBeNull();
      expect(await secrets.readTokens(connection)).toBeNull();
    });

    it('where nobody answers, a token of an earlier version is not handed out', async () => {
      await stored({ person: null });
      tokenEndpoint(503, '');
      await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { code: 'IdentityProviderAway' } });
      expect((await secrets.readTokens(connection))?.refreshToken).toBe('refresh');
    });
  });

  describe('choosing the account', () => {
    const promptOf = (nth: number) => sentTo.at(nth)?.searchParams.get('prompt');

    it('is asked for when the person wants another, and after a sign-out until somebody signed in', async () => {
      await signIn.start(connection, true);
      expect(promptOf(0)).toBe('select_account');
      await signIn.start(connection, false);
      expect(promptOf(1)).toBeNull();
      await signIn.end(connection);
      await signIn.start(connection, false);
      expect(promptOf(2)).toBe('select_account');
      await signInAs(ADA);
      await signIn.start(connection, false);
      expect(promptOf(-1)).not.toMatch(/select_account/);
    });

    it('goes together with consent', async () => {
      await noteSignIn(connection, { askConsent: true });
      await signIn.start(connection, true);
      expect(promptOf(0)).toBe('select_account consent');
    });

    it('is a login where the provider knows no choosing', async () => {
      await signInAs(ADA, true);
      expect([promptOf(0), promptOf(1)]).toEqual(['select_account', 'login']);
    });
  });

  describe('consent', () => {
    const prompts = () => sentTo.map((address) => address.searchParams.get('prompt'));

    it('is prompted for only after an answer without the refresh token that was asked for', async () => {
      await signInAs(ADA);
      expect((await secrets.readTokens(connection))?.refreshToken).toBeNull();
      await signInAs(ADA);
      expect(prompts()).toEqual([null, 'consent']);
      expect((await secrets.readTokens(connection))?.refreshToken).toMatch(/./);
      expect(await readSignInNotes(connection)).toMatchObject({ askConsent: true });
      expect(await readSignInNotes({ ...connection, clientId: 'another' })).toMatchObject({ askConsent: false });
    });

    it('is prompted for at once where the person wants to stay signed in, and nobody waits for it', async () => {
      connection = { ...connection, staySignedIn: true };
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      goThere = async (address) =>
        sentTo.length === 1 ? visitor.goTo(address.href, ADA) : answered.then(() => visitor.goTo(address.href, ADA));
      expect(await signIn.start(connection, false)).toBe('signedIn');
      expect((await signIn.token(connection))?.person).toEqual(ada());
      await vi.waitFor(() => expect(prompts()).toEqual([null, 'consent']));
      expect((await secrets.readTokens(connection))?.refreshToken).toBeNull();
      answer();
      await vi.waitFor(async () => expect((await secrets.readTokens(connection))?.refreshToken).toMatch(/./));
    });

    it('that comes after the person has left brings nothing back', async () => {
      connection = { ...connection, staySignedIn: true };
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      goThere = async (address) => {
        if (sentTo.length > 1) await answered;
        return visitor.goTo(address.href, ADA);
      };
      expect(await signIn.start(connection, false)).toBe('signedIn');
      await vi.waitFor(() => expect(prompts()).toEqual([null, 'consent']));
      await signIn.end(connection);
      const info = vi.spyOn(log, 'info');
      answer();
      await vi.waitFor(() =>
        expect(info).toHaveBeenCalledWith('Consent came for somebody who is not signed in any more'),
      );
      expect(await secrets.readTokens(connection)).toBeNull();
    });

    it('that is not given leaves the person signed in', async () => {
      connection = { ...connection, staySignedIn: true };
      goThere = (address) =>
        sentTo.length === 1
          ? visitor.goTo(address.href, ADA)
          : Promise.reject(new Error('The user did not approve access.'));
      expect(await signIn.start(connection, false)).toBe('signedIn');
      await vi.waitFor(() => expect(prompts()).toEqual([null, 'consent']));
      expect((await signIn.token(connection))?.person).toEqual(ada());
    });

    it('is not prompted for where nobody asked to stay signed in', async () => {
      connection = { ...connection, staySignedIn: true, scopes: ['openid'] };
      await signInAs(ADA);
      await signInAs(ADA);
      expect(prompts()).toEqual([null, null]);
    });
  });

  describe('a no', () => {
    it('of the refresh token asks the provider’s own session first, with time for pages that redirect by script', async () => {
      await signInAs(ADA);
      await signInAs(ADA);
      await provider.revokeRefreshTokens();
      pass(290_000);
      expect((await signIn.token(connection))?.person).toEqual(ada());
      expect(asked(-1)).toMatchObject({ prompt: 'none' });
      expect(told.at(-1)).toEqual({ abortOnLoadForNonInteractive: false, timeoutMsForNonInteractive: 10_000 });
      expect(told[0]).toEqual({});
    });

    it('of both signs out, and asks no more', async () => {
      await stored();
      goThere = async (address) => back({ error: 'login_required', state: stateOf(address), iss: provider.issuer });
      pass(2000);
      expect(await signIn.token(connection)).toBeNull();
      const before = tokenRequests();
      expect(await signIn.token(connection)).toBeNull();
      expect(tokenRequests()).toBe(before);
      expect(sentTo).toHaveLength(1);
    });

    it('of the one while nobody answers the other keeps what is there', async () => {
      await stored();
      goThere = () => Promise.reject(new Error('Authorization page could not be loaded.'));
      pass(70_000);
      await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { code: 'IdentityProviderAway' } });
      expect((await secrets.readTokens(connection))?.refreshToken).toBe('refresh');
    });

    it.each(['User interaction required. Try setting `abortOnLoadForNonInteractive`.', 'Requires user interaction'])(
      'of the browser signs out: %s',
      async (words) => {
        await stored({ refreshToken: null });
        goThere = () => Promise.reject(new Error(words));
        pass(2000);
        expect(await signIn.token(connection)).toBeNull();
        expect(await secrets.readTokens(connection)).toBeNull();
      },
    );

    it('is asked for plainly where the browser knows no patience', async () => {
      await stored({ refreshToken: null });
      const patient = browser.identity.launchWebAuthFlow;
      // Firefox 153 throws in place of a rejection.
      const refuse = (words: string): never => {
        throw new Error(words);
      };
      Object.assign(browser.identity, {
        launchWebAuthFlow: (details: { url: string; interactive: boolean }) =>
          'abortOnLoadForNonInteractive' in details
            ? refuse('Type error for parameter details (Unexpected properties: a, b) for identity.launchWebAuthFlow.')
            : patient(details),
      });
      goThere = async (address) => back({ error: 'login_required', state: stateOf(address), iss: provider.issuer });
      pass(2000);
      expect(await signIn.token(connection)).toBeNull();
      expect(told).toEqual([{}]);
    });
  });

  describe('an answer that is no no', () => {
    const error = (code: string) => async (address: URL) =>
      back({ error: code, state: stateOf(address), iss: provider.issuer });
    const words = (said: string) => () => Promise.reject(new Error(said));

    it.each([
      ['temporarily_unavailable', error('temporarily_unavailable')],
      ['server_error', error('server_error')],
      ['invalid_scope, which is no word about the person', error('invalid_scope')],
      ['a code that no standard has', error('try_tuesday')],
      ['a page that can not be loaded', words('Authorization page could not be loaded.')],
      ['a page that is not loaded in time', words('Authorization page load timed out.')],
      ['a window that can not be made', words('Couldn’t create a browser window to display an authorization page.')],
      ['a page that Firefox can not load', words('Invalid request')],
      ['an answer to somebody else’s question', async () => back({ code: 'x', state: 'other' })],
    ])('of the authorize page, %s, keeps who is signed in and is tried again', async (_what, answer) => {
      await stored({ refreshToken: null });
      goThere = answer;
      pass(2000);
      expect((await signIn.token(connection))?.token).toBe('access');
      pass(70_000);
      await expect(signIn.token(connection)).rejects.toMatchObject({
        failure: { reason: 'noAnswer', code: 'IdentityProviderAway' },
      });
      expect((await secrets.readTokens(connection))?.person).toEqual(ada());
      goThere = error('login_required');
      pass(6000);
      expect(await signIn.token(connection)).toBeNull();
    });

    const refused = { error: 'invalid_grant' };
    it.each([
      ['408', () => tokenEndpoint(408, refused)],
      ['429', () => tokenEndpoint(429, refused)],
      ['500', () => tokenEndpoint(500, refused)],
      ['503 of a proxy', () => tokenEndpoint(503, '<html>', { 'content-type': 'text/html' })],
      ['a page in place of tokens', () => tokenEndpoint(200, '<html>', { 'content-type': 'text/html' })],
      ['half of them', () => tokenEndpoint(200, '{"access_token":"x"')],
      ['a refusal without words', () => tokenEndpoint(400, '')],
      ['a refusal of the client', () => tokenEndpoint(401, { error: 'invalid_client' })],
      ['a demand of a proxy', () => tokenEndpoint(401, '', { 'www-authenticate': 'Basic realm="proxy"' })],
      ['a redirect', () => tokenEndpoint(302, '', { location: 'https://elsewhere.example/' })],
      ['more than anybody reads', () => tokenEndpoint(200, 'x'.repeat(6_000_000))],
    ])('of the token endpoint, %s, keeps who is signed in and asks nobody else', async (_what, fault) => {
      await stored();
      fault();
      pass(70_000);
      await expect(signIn.token(connection)).rejects.toMatchObject({
        failure: { reason: 'noAnswer', code: 'IdentityProviderAway' },
      });
      expect((await secrets.readTokens(connection))?.refreshToken).toBe('refresh');
      expect(sentTo).toEqual([]);
    });

    it('is forgotten after a while, however often somebody asks meanwhile', async () => {
      await stored();
      tokenEndpoint(503, '');
      pass(70_000);
      await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      tokenEndpoint(200, { access_token: 'next', token_type: 'Bearer', expires_in: 300 });
      for (let asked = 0; asked < 4; asked += 1) {
        pass(1200);
        await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      }
      pass(1200);
      expect(await signIn.token(connection)).toMatchObject({ token: 'next' });
    });

    it('tells the provider’s words without the tokens that it repeats', async () => {
      await stored({ refreshToken: 'the-refresh-token-itself' });
      tokenEndpoint(429, { error: 'server_error', error_description: 'No room for the-refresh-token-itself' });
      pass(70_000);
      await expect(signIn.token(connection)).rejects.toMatchObject({
        failure: { said: 'No room for [access token]' },
      });
    });

    it.each([
      ['a page that can not be loaded', words('Authorization page could not be loaded.')],
      ['temporarily_unavailable', error('temporarily_unavailable')],
    ])('while the person signs in says that nobody answered: %s', async (_what, answer) => {
      goThere = answer;
      expect(await signIn.start(connection, false)).toBe('providerAway');
      await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { code: 'SignInAway' } });
    });

    it('while another signs in leaves who is signed in', async () => {
      await stored();
      goThere = words('Authorization page could not be loaded.');
      expect(await signIn.start(connection, true)).toBe('providerAway');
      expect((await signIn.token(connection))?.token).toBe('access');
    });
  });

  describe('what is asked for', () => {
    /** The service says so about itself. */
    function serviceSays(body: string | object, status = 200): void {
      provider.standBetween((url, _request, response) => {
        if (!url.pathname.startsWith('/.well-known/oauth-protected-resource')) return false;
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
        return true;
      });
    }
    const api = 'api://another/everything';
    const scopeOf = () => sentTo.at(-1)?.searchParams.get('scope');

    it('is what was agreed to, whatever the service names by now', async () => {
      connection = { ...connection, scopes: ['openid', 'api://service/access'] };
      serviceSays({ resource: connection.address, scopes_supported: [api] });
      expect(await signIn.mayStart(connection)).toBe(true);
      await signIn.start(connection, false);
      expect(scopeOf()).toBe('openid api://service/access');
      await stored({ refreshToken: null });
      pass(2000);
      await signIn.token(connection);
      expect(scopeOf()).toBe('openid api://service/access');
    });

    it('waits for the person where nobody has agreed to what the service names', async () => {
      serviceSays({ resource: connection.address, scopes_supported: [api] });
      expect(await signIn.mayStart(connection)).toBe(false);
      await signIn.start(connection, false);
      expect(scopeOf()).not.toContain(api);
      await noteSignIn(connection, { scopes: ['openid', 'api://service/access'] });
      expect(await signIn.mayStart(connection)).toBe(true);
    });

    it.each([
      ['nothing', '', 404],
      ['no scopes', { resource: 'RESOURCE' }, 200],
      [
        'no more than who the person is',
        { resource: 'RESOURCE', scopes_supported: ['profile', 'offline_access'] },
        200,
      ],
      ['scopes of another resource', { resource: 'https://graph.example/v1', scopes_supported: [api] }, 200],
      ['scopes of no resource', { scopes_supported: [api] }, 200],
    ])('needs nobody where the service names %s', async (_what, body, status) => {
      serviceSays(JSON.parse(JSON.stringify(body).replace('RESOURCE', connection.address)), status);
      expect(await signIn.mayStart(connection)).toBe(true);
      await signIn.start(connection, false);
      expect(scopeOf()).toBe('openid profile offline_access');
    });

    it.each([
      ['its own', (own: string) => own, { kind: 'named', scopes: [api] }],
      ['with a slash at its end', (own: string) => `${own}/`, { kind: 'named', scopes: [api] }],
      [
        'in capitals where they do not matter',
        (own: string) => own.replace('localhost', 'LOCALHOST'),
        { kind: 'named', scopes: [api] },
      ],
      ['of another path', (own: string) => `${own}/more`, { kind: 'ignored', why: 'otherResource' }],
      ['of another host', () => 'https://graph.example/v1', { kind: 'ignored', why: 'otherResource' }],
      ['of another port', (own: string) => own.replace(/:\d+/, ':1'), { kind: 'ignored', why: 'otherResource' }],
      ['that is no address', () => 'partner-of-record', { kind: 'ignored', why: 'otherResource' }],
    ])('is heard of a service whose resource is %s', async (_what, resource, named) => {
      serviceSays({ resource: resource(connection.address), scopes_supported: [api] });
      expect(await signIn.named(connection.address)).toEqual(named);
    });

    it.each([
      ['no JSON', '<html>'],
      ['no scopes', { resource: 'x', scopes_supported: 'all' }],
      ['more than anybody reads', 'x'.repeat(6_000_000)],
    ])('is not heard where the metadata are %s', async (_what, body) => {
      serviceSays(body);
      expect(await signIn.named(connection.address)).toEqual({ kind: 'ignored', why: 'unreadable' });
    });

    it('is not known while the service does not answer', async () => {
      serviceSays('', 503);
      expect(await signIn.named(connection.address)).toEqual({ kind: 'away' });
      expect(await signIn.named('http://localhost:9/v1')).toEqual({ kind: 'away' });
    });
  });

  describe('the resource', () => {
    /** The provider's metadata say so besides. */
    function providerSays(more: object): Between {
      return (url, _request, response) => {
        if (url.pathname !== '/.well-known/openid-configuration') return false;
        const { issuer } = provider;
        const known = { issuer, authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...known, ...more }));
        return true;
      };
    }

    it.each([
      ['nobody names the service', {}, false, null],
      ['the provider lists others', { protected_resources: ['https://graph.example/'] }, false, null],
      ['the provider lists the service', { protected_resources: ['SERVICE/'] }, false, 'SERVICE'],
      ['the person switched it on', {}, true, 'SERVICE'],
    ])('when %s', async (_what, metadata, sendResource, expected) => {
      const here = (text: string) => text.replace('SERVICE', connection.address);
      provider.standBetween(providerSays(JSON.parse(here(JSON.stringify(metadata)))));
      connection = { ...connection, sendResource };
      await signIn.start(connection, false);
      expect(sentTo[0]?.searchParams.get('resource')).toBe(expected === null ? null : here(expected));
    });
  });

  describe('a clock that is off', () => {
    const HOUR = 60 * 60_000;
    const DAY = 24 * HOUR;
    /** The token endpoint's answers do not tell their time to whoever asks, as from a host that is not the issuer's. */
    function hideDates(): void {
      provider.standBetween((_url, _request, response) => {
        response.sendDate = false;
        return false;
      });
    }
    const close = (ms: number) => expect.toSatisfy((told: number) => Math.abs(told - ms) < 10_000);

    it.each([
      ['two hours ahead', 2 * HOUR],
      ['two hours behind', -2 * HOUR],
      ['a year ahead', 365 * DAY],
    ])('lets nobody sign in, with that reason and the amount: %s', async (_what, ahead) => {
      clock.setBy(ahead);
      goThere = (address) => visitor.goTo(address.href, ADA);
      expect(await signIn.start(connection, false)).toEqual({ problem: 'clockOff', aheadMs: close(ahead) });
      await expect(signIn.token(connection)).rejects.toMatchObject({
        failure: { reason: 'signInNeeded', code: 'SignInFailed', detail: { code: 'clockOff', aheadMs: close(ahead) } },
      });
      clock.setBy(-ahead);
      expect(await signIn.start(connection, false)).toBe('signedIn');
      expect((await signIn.token(connection))?.person).toEqual(ada());
    });

    it.each([
      ['ahead', 2 * HOUR],
      ['behind', -2 * HOUR],
    ])('is told by the ID token where no answer tells its time: %s', async (_what, ahead) => {
      hideDates();
      clock.setBy(ahead);
      goThere = (address) => visitor.goTo(address.href, ADA);
      expect(await signIn.start(connection, false)).toEqual({ problem: 'clockOff', aheadMs: close(ahead) });
    });

    it('by a few minutes is no hindrance', async () => {
      clock.setBy(-4 * 60_000);
      await signInAs(ADA);
      expect(await signIn.token(connection)).not.toBeNull();
    });

    it.each([
      ['two hours ahead', 2 * HOUR],
      ['a day behind', -DAY],
    ])('loses nothing that a renewal brings: %s', async (_what, ahead) => {
      await stored();
      const times = { iat: Math.floor(Date.now() / 1000), exp: Math.floor(Date.now() / 1000) + 300 };
      const id_token = await provider.sign({ sub: ADA, aud: 'helper', ...times }, { typ: 'JWT' });
      clock.setBy(ahead);
      tokenEndpoint(200, {
        access_token: 'next',
        refresh_token: 'next-refresh',
        token_type: 'Bearer',
        expires_in: 300,
        id_token,
      });
      expect(await signIn.token(connection, 'access')).toMatchObject({ token: 'next' });
      expect(await secrets.readTokens(connection)).toMatchObject({ refreshToken: 'next-refresh' });
    });

    it.each([
      ['ahead', 30 * DAY],
      ['back', -30 * DAY],
    ])('set %s while the worker lives says nothing of how long a token lasts', async (_where, by) => {
      await signInAs(ADA);
      const before = tokenRequests();
      clock.setBy(by);
      expect(await signIn.token(connection)).not.toBeNull();
      pass(200_000);
      expect(await signIn.token(connection)).not.toBeNull();
      expect(tokenRequests()).toBe(before);
      // By then the minute before its end has begun, whatever the clock says.
      pass(50_000);
      expect(await signIn.token(connection)).not.toBeNull();
      expect(tokenRequests()).toBe(before + 1);
    });

    it('put back after the worker ended makes a token of unknown age be renewed, not trusted for the time put back', async () => {
      await stored();
      tokenEndpoint(200, { access_token: 'next', token_type: 'Bearer', expires_in: 300 });
      clock.setBy(-DAY);
      startWorker();
      expect(await signIn.token(connection)).toMatchObject({ token: 'next' });
    });

    it.each([
      ['set ahead while the worker lives', DAY, () => undefined],
      ['put back between two workers', -DAY, startWorker],
    ])('%s forgets no good token while nobody can be reached', async (_what, by, death) => {
      await signInAs(ADA);
      const held = await signIn.token(connection);
      clock.setBy(by);
      death();
      provider.standBetween((_url, request) => {
        request.socket.destroy();
        return true;
      });
      pass(60_000);
      expect(await signIn.token(connection)).toEqual(held);
      expect(await secrets.readTokens(connection)).not.toBeNull();
    });

    it('set ahead does not put off by its hours a provider that did not answer', async () => {
      await stored();
      tokenEndpoint(503, '');
      await expect(signIn.token(connection, 'access')).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      clock.setBy(-DAY);
      tokenEndpoint(200, { access_token: 'next', token_type: 'Bearer', expires_in: 300 });
      pass(6000);
      expect(await signIn.token(connection, 'access')).toMatchObject({ token: 'next' });
    });
  });

  describe('while the provider is away', () => {
    beforeEach(() => provider.stop());
    afterEach(() => provider.start());

    it('goes on with a token that has not ended, and then asks to try again, not to sign in', async () => {
      await stored();
      pass(2000);
      expect((await signIn.token(connection))?.token).toBe('access');
      await expect(signIn.token(connection, 'access')).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      pass(60_000);
      await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      expect((await secrets.readTokens(connection))?.refreshToken).toBe('refresh');
    });

    it('signs out here, and says that the provider was not told', async () => {
      await stored();
      expect(await signIn.end(connection)).toBe(false);
      expect(await secrets.readTokens(connection)).toBeNull();
    });
  });
});
