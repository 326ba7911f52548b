import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { BackendError } from '../backends/backend';
import type { SignInAnswer } from '../messaging/protocol';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import { describe, type Log } from '../platform/log';
import { matchPatternOf } from '../portals';
import type { OpenIdConnection, Secrets, Tokens } from '../storage/secrets';

export interface SignInParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
}

/** Signing in at identity providers, by authorization code with PKCE. */
export interface SignIn {
  /** Has the person sign in on the provider's own page. */
  start(connection: OpenIdConnection): Promise<SignInOutcome>;
  /** Whether the browser lets `start` go ahead. */
  mayStart(connection: OpenIdConnection): Promise<boolean>;
  /**
   * An access token that is good for a while, renewed without the person where need be; null when the person must sign in.
   * @param refused one that the service has just refused, so that another is wanted
   * @throws {BackendError} when the provider does not answer, or signing in did not work
   */
  token(connection: OpenIdConnection, refused?: string): Promise<string | null>;
  /** Forgets the tokens; answers whether the provider ended them too. */
  end(connection: OpenIdConnection): Promise<boolean>;
}

export type SignInOutcome = Exclude<SignInAnswer, 'optionsOpened'>;

type Provider = oauth.AuthorizationServer;

const ANSWER_WITHIN_MS = 20_000;
/** A token is renewed this long before its end, or at half its life when that is shorter. */
const RENEW_BEFORE_MS = 60_000;
const LEFT_ALONE_MS = 5000;
const WHAT_TO_ASK_FOR = ['openid', 'offline_access'];

const resourceSchema = v.object({
  scopes_supported: v.optional(
    v.pipe(v.array(v.pipe(v.string(), v.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))), v.maxLength(50)),
  ),
});

export function createSignIn({ secrets, clock, log }: SignInParts): SignIn {
  const providers = new Map<string, Provider>();
  const starting = new Map<string, Promise<SignInOutcome>>();
  // Why the last attempt of each connection did not work, to be told where the person is asked to sign in.
  const problems = new Map<string, string>();
  // Until when a provider that did not answer is left alone, so that not everyone who wants a token waits for it in turn.
  const leftAloneUntil = new Map<string, number>();

  /**
   * What reads tokens and then writes them goes one after the other: a refresh token used twice looks stolen to a provider,
   * which then ends everything that came of it.
   */
  function inTurn<T>({ id }: OpenIdConnection, work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`tokens ${id}`, work);
  }

  async function providerOf({ issuer }: OpenIdConnection): Promise<Provider> {
    const known = providers.get(issuer);
    if (known !== undefined) return known;
    const url = new URL(issuer);
    const provider = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options(issuer)));
    providers.set(issuer, provider);
    return provider;
  }

  /** Goes to the provider's page and back. Without `interactive` only a provider that knows the person already lets one through. */
  async function authorize(connection: OpenIdConnection, interactive: boolean): Promise<Tokens> {
    const provider = await providerOf(connection);
    const endpoint = provider.authorization_endpoint;
    if (endpoint === undefined) throw new Error('The provider has no page to sign in on');
    const client = { client_id: connection.clientId };
    const scopes = await scopesFor(connection.serviceUrl, provider);
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const verifier = oauth.generateRandomCodeVerifier();
    const redirectUri = browser.identity.getRedirectURL();
    const address = new URL(endpoint);
    // A provider may let a client in for longer only if the person is asked each time (OpenID Connect Core, 11).
    const prompt = interactive ? (scopes.includes('offline_access') ? 'consent' : null) : 'none';
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: connection.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(' '),
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(prompt !== null && { prompt }),
    })) {
      address.searchParams.set(name, value);
    }
    const returned = await launch(address.href, interactive);
    const code = oauth.validateAuthResponse(provider, client, new URL(returned), state);
    const response = await oauth.authorizationCodeGrantRequest(
      provider,
      client,
      oauth.None(),
      code,
      redirectUri,
      verifier,
      options(connection.issuer),
    );
    const given = await oauth.processAuthorizationCodeResponse(provider, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    return tokensOf(given, null);
  }

  function tokensOf(given: oauth.TokenEndpointResponse, refreshToken: string | null): Tokens {
    if (given.token_type !== 'bearer') throw new Error(`The provider gave a token of the kind ${given.token_type}`);
    const now = clock.now();
    const lasts = given.expires_in === undefined ? null : given.expires_in * 1000;
    return {
      access: {
        token: given.access_token,
        freshUntil: lasts === null ? null : now + Math.max(lasts - RENEW_BEFORE_MS, lasts / 2),
        expiresAt: lasts === null ? null : now + lasts,
      },
      // A provider that gives no new one means the old one to go on.
      refreshToken: given.refresh_token ?? refreshToken,
    };
  }

  async function attempt(connection: OpenIdConnection): Promise<SignInOutcome> {
    problems.delete(connection.id);
    try {
      const tokens = await authorize(connection, true);
      await inTurn(connection, () => secrets.saveTokens(connection, tokens));
      return 'signedIn';
    } catch (cause) {
      if (isCancelled(cause)) return 'cancelled';
      log.error('Signing in did not work', cause);
      problems.set(connection.id, why(cause));
      return 'failed';
    }
  }

  async function token(connection: OpenIdConnection, refused?: string): Promise<string | null> {
    const tokens = await secrets.readTokens(connection);
    const problem = problems.get(connection.id);
    if (tokens === null && problem !== undefined)
      throw new BackendError({ reason: 'signInNeeded', code: 'SignInFailed', message: problem });
    if (tokens === null) return null;
    const { access } = tokens;
    const isFresh = access !== null && (access.freshUntil === null || clock.now() < access.freshUntil);
    return isFresh && access.token !== refused ? access.token : renewed(connection, tokens, refused);
  }

  async function renewed(connection: OpenIdConnection, tokens: Tokens, refused?: string): Promise<string | null> {
    const { access, refreshToken } = tokens;
    try {
      if (clock.now() < (leftAloneUntil.get(connection.id) ?? 0)) throw new Error('It did not answer a moment ago');
      const given =
        refreshToken === null ? await authorize(connection, false) : await refresh(connection, refreshToken);
      await secrets.saveTokens(connection, given);
      return given.access?.token ?? null;
    } catch (cause) {
      if (isNo(cause)) {
        log.info('The identity provider wants the person to sign in again', { why: why(cause) });
        await secrets.forgetTokens(connection.id);
        return null;
      }
      log.info('No access token could be had from the identity provider', { why: why(cause) });
      leftAloneUntil.set(connection.id, clock.now() + LEFT_ALONE_MS);
      const stillGood = access !== null && access.token !== refused && clock.now() < (access.expiresAt ?? 0);
      if (stillGood) return access.token;
      throw new BackendError({ reason: 'noAnswer', code: 'IdentityProviderAway', message: why(cause) }, { cause });
    }
  }

  async function refresh(connection: OpenIdConnection, refreshToken: string): Promise<Tokens> {
    const provider = await providerOf(connection);
    const client = { client_id: connection.clientId };
    const response = await oauth.refreshTokenGrantRequest(
      provider,
      client,
      oauth.None(),
      refreshToken,
      options(connection.issuer),
    );
    return tokensOf(await oauth.processRefreshTokenResponse(provider, client, response), refreshToken);
  }

  return {
    token: (connection, refused) => inTurn(connection, () => token(connection, refused)),

    start(connection) {
      const underWay = starting.get(connection.id);
      if (underWay !== undefined) return underWay;
      const started = attempt(connection).finally(() => starting.delete(connection.id));
      starting.set(connection.id, started);
      return started;
    },

    mayStart: ({ issuer }) =>
      browser.permissions.contains({ origins: [matchPatternOf(issuer)], permissions: ['identity'] }),

    async end(connection) {
      problems.delete(connection.id);
      const tokens = await inTurn(connection, async () => {
        const present = await secrets.readTokens(connection);
        await secrets.forgetTokens(connection.id);
        return present;
      });
      if (tokens === null) return true;
      // With the refresh token a provider ends what came of it; most can not end an access token that is a JWT.
      const last = tokens.refreshToken ?? tokens.access?.token;
      try {
        const provider = await providerOf(connection);
        if (provider.revocation_endpoint === undefined || last === undefined) return false;
        const client = { client_id: connection.clientId };
        const response = await oauth.revocationRequest(
          provider,
          client,
          oauth.None(),
          last,
          options(connection.issuer),
        );
        await oauth.processRevocationResponse(response);
        return true;
      } catch (cause) {
        log.info('The identity provider could not be told of the end', { why: why(cause) });
        return false;
      }
    },
  };

  /** What to ask the provider for: what the service says (RFC 9728), else to know the person, and to stay signed in. */
  async function scopesFor(serviceUrl: string, provider: Provider): Promise<readonly string[]> {
    const said = await scopesOfService(serviceUrl);
    const wanted = said === null ? WHAT_TO_ASK_FOR : [...new Set(['openid', ...said])];
    const known = provider.scopes_supported;
    return wanted.filter((scope) => scope !== 'offline_access' || known === undefined || known.includes(scope));
  }

  async function scopesOfService(serviceUrl: string): Promise<readonly string[] | null> {
    try {
      const { origin, pathname } = new URL(serviceUrl);
      const response = await fetch(`${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}`, {
        redirect: 'error',
        credentials: 'omit',
        cache: 'no-store',
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      if (!response.ok) return null;
      return v.parse(resourceSchema, await response.json()).scopes_supported ?? null;
    } catch (cause) {
      // Most services say nothing of the kind; the provider's own answer tells whether it mattered.
      log.info('The service did not say what to ask for', { why: describe(cause) });
      return null;
    }
  }
}

/** The browser came back from the provider without an answer of it; the message is the browser's. */
class NotLetThrough extends Error {}

async function launch(url: string, interactive: boolean): Promise<string> {
  try {
    return await browser.identity.launchWebAuthFlow({ url, interactive });
  } catch (cause) {
    throw new NotLetThrough(describe(cause), { cause });
  }
}

/** Whether the provider said no, rather than nothing: then asking again is no use until the person has signed in. */
function isNo(cause: unknown): boolean {
  if (cause instanceof oauth.ResponseBodyError || cause instanceof oauth.WWWAuthenticateChallengeError) {
    return cause.status < 500 && cause.status !== 429;
  }
  return cause instanceof oauth.AuthorizationResponseError || cause instanceof NotLetThrough;
}

/** The person closed the provider's page, or said no there. */
function isCancelled(cause: unknown): boolean {
  if (cause instanceof oauth.AuthorizationResponseError) return cause.error === 'access_denied';
  return cause instanceof NotLetThrough && /approve|cancel|denied/i.test(cause.message);
}

/** What to tell of a failure: the provider's own words, where it has any. */
function why(cause: unknown): string {
  if (cause instanceof oauth.AuthorizationResponseError || cause instanceof oauth.ResponseBodyError) {
    return cause.error_description ?? cause.error;
  }
  return describe(cause);
}

/** Plain http is for a provider on this machine. */
function options(issuer: string) {
  return {
    [oauth.allowInsecureRequests]: new URL(issuer).protocol === 'http:',
    signal: () => AbortSignal.timeout(ANSWER_WITHIN_MS),
  };
}
