import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignIn, type SignIn } from '../../../src/background/sign-in';
import { browser } from '../../../src/platform/browser';
import { createDatabase } from '../../../src/storage/database';
import { createSecrets, type OpenIdConnection, type Secrets, type Tokens } from '../../../src/storage/secrets';
import { startIdentityProvider, type TestProvider } from '../../server/support/identity-provider';
import { createStorageAreas } from '../storage/storage-areas';
import { createLocks } from './in-memory-locks';

vi.mock('../../../src/platform/browser', () => ({ browser: {} }));

const REDIRECT = 'https://helper.chromiumapp.org/';
const log = { info: () => undefined, error: () => undefined };

/** The real provider, with a browser that goes where the test says. The way through a real browser is proved end to end. */
describe('signing in', () => {
  let provider: TestProvider;
  let connection: OpenIdConnection;
  let secrets: Secrets;
  let signIn: SignIn;
  let now: number;
  /** What the browser comes back with, from the address it was sent to. */
  let goThere: (address: URL, interactive: boolean) => Promise<string>;
  const sentTo: URL[] = [];

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
    now = Date.now();
    goThere = () => Promise.reject(new Error('The user did not approve access.'));
    Object.assign(browser, {
      storage: createStorageAreas(),
      identity: {
        getRedirectURL: () => REDIRECT,
        launchWebAuthFlow({ url, interactive }: { url: string; interactive: boolean }) {
          sentTo.push(new URL(url));
          return goThere(new URL(url), interactive);
        },
      },
    });
    connection = {
      id: '6f1de3c8-5f0a-4a1a-9d9e-0d8b7c1b2a30',
      kind: 'service',
      serviceUrl: `${provider.issuer}/v1`,
      signIn: 'openIdConnect',
      issuer: provider.issuer,
      clientId: 'helper',
      staySignedIn: false,
    };
    secrets = createSecrets(createDatabase(() => undefined));
    signIn = createSignIn({
      secrets,
      clock: { now: () => now, chance: () => 0, callAt: () => undefined },
      log,
    });
  });

  const back = (parameters: Record<string, string>) => `${REDIRECT}?${new URLSearchParams(parameters)}`;
  const stateOf = (address: URL) => address.searchParams.get('state') ?? '';
  const tokenRequests = () => provider.requests.filter((request) => request === 'POST /token').length;

  function stored(more: Partial<Tokens> = {}): Promise<void> {
    const access = { token: 'access', freshUntil: now + 1000, expiresAt: now + 60_000 };
    return secrets.saveTokens(connection, { access, refreshToken: 'refresh', ...more });
  }

  it('asks for a code with PKCE, a state and a nonce, and to stay signed in', async () => {
    expect(await signIn.start(connection)).toBe('cancelled');
    const [address] = sentTo;
    const asked = Object.fromEntries(address?.searchParams ?? []);
    expect(asked).toMatchObject({
      response_type: 'code',
      client_id: 'helper',
      redirect_uri: REDIRECT,
      scope: 'openid offline_access',
      prompt: 'consent',
      code_challenge_method: 'S256',
    });
    for (const random of ['state', 'nonce', 'code_challenge']) expect(asked[random]).toMatch(/^[\w-]{43}$/);
    await signIn.start(connection);
    for (const random of ['state', 'nonce', 'code_challenge']) {
      expect(sentTo[1]?.searchParams.get(random)).not.toBe(asked[random]);
    }
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
    expect(await signIn.start(connection)).toBe('failed');
    expect(tokenRequests()).toBe(before);
    expect(await secrets.readTokens(connection)).toBeNull();
    await expect(signIn.token(connection)).rejects.toMatchObject({ failure: { reason: 'signInNeeded' } });
  });

  it('keeps nothing when the provider does not take the code, and tells its words', async () => {
    goThere = async (address) => back({ code: 'wrong', state: stateOf(address), iss: provider.issuer });
    expect(await signIn.start(connection)).toBe('failed');
    await expect(signIn.token(connection)).rejects.toMatchObject({
      failure: { reason: 'signInNeeded', message: expect.stringMatching(/grant/i) },
    });
  });

  it('is cancelled when the person says no', async () => {
    goThere = async (address) => back({ error: 'access_denied', state: stateOf(address), iss: provider.issuer });
    expect(await signIn.start(connection)).toBe('cancelled');
    expect(await signIn.token(connection)).toBeNull();
  });

  it('opens one window, however often it is asked to', async () => {
    await Promise.all([signIn.start(connection), signIn.start(connection)]);
    expect(sentTo).toHaveLength(1);
  });

  it('needs the person once the provider refuses the refresh token, and asks no more', async () => {
    await stored();
    now += 2000;
    expect(await signIn.token(connection)).toBeNull();
    const before = tokenRequests();
    expect(await signIn.token(connection)).toBeNull();
    expect(tokenRequests()).toBe(before);
    expect(sentTo).toEqual([]);
  });

  it('without a refresh token asks the provider whether it still knows the person, showing nothing', async () => {
    await stored({ refreshToken: null });
    now += 2000;
    goThere = async (address, interactive) => {
      expect(interactive).toBe(false);
      return back({ error: 'login_required', state: stateOf(address), iss: provider.issuer });
    };
    expect(await signIn.token(connection)).toBeNull();
    expect(sentTo[0]?.searchParams.get('prompt')).toBe('none');
    expect(await secrets.readTokens(connection)).toBeNull();
  });

  describe('while the provider is away', () => {
    beforeAll(() => provider.stop());
    afterAll(() => provider.start());

    it('goes on with a token that has not ended, and then asks to try again, not to sign in', async () => {
      await stored();
      now += 2000;
      expect(await signIn.token(connection)).toBe('access');
      await expect(signIn.token(connection, 'access')).rejects.toMatchObject({ failure: { reason: 'noAnswer' } });
      now += 60_000;
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
