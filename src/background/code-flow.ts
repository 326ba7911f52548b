import * as oauth from 'oauth4webapi';
import * as v from 'valibot';
import { decodedText } from '../backends/base64url';
import type { Skew } from '../backends/skew';
import { isClockOff } from '../domain/skew';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import { describe } from '../platform/log';
import { showAuthFlow, tryAuthFlow } from '../platform/web-auth-flow';
import { within } from '../platform/within';
import type { AccessToken } from '../storage/access-token';
import { askedOf, type Provider } from './provider';
import { ClockOff, NotLetThrough } from './sign-in-errors';

/** What one kind of identity provider has of its own. `Of`: whom and what a request to it is about. */
export interface Profile<Of> {
  clientId(of: Of): string;
  /** Where the provider's pages are. @throws when nobody knows */
  provider(of: Of): Promise<Provider>;
  /** What the page to sign in on is asked besides what the protocol asks: at least the `scope`. */
  asksPage(of: Of, provider: Provider): Promise<Record<string, string>>;
  /** What the token endpoint is asked besides. */
  asksTokens(of: Of, provider: Provider): Record<string, string>;
  /**
   * There where a provider goes by many names: the one that an ID token must be of.
   * @param claims that nobody has checked yet
   */
  issuerOf?(of: Of, claims: Claims): string;
}

const claimsSchema = v.record(v.string(), v.unknown());
type Claims = v.InferOutput<typeof claimsSchema>;

/** How to go to the provider's page: shown to the person or not, and what it is asked this time. */
export interface Way {
  readonly interactive: boolean;
  readonly asks: Readonly<Record<string, string>>;
}

/** What the token endpoint gave. */
export interface Given {
  readonly access: AccessToken;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
  /** What the ID token says; null where there is none. */
  readonly claims: oauth.IDToken | null;
  /** All of the answer, for what only some providers say. */
  readonly answer: oauth.TokenEndpointResponse;
  /** When they were asked for, in this worker's life. */
  readonly elapsed: number;
}

/** The ways to tokens at one kind of provider, by authorization code with PKCE. */
export interface CodeFlow<Of> {
  /** Goes to the provider's page and back. Unless it is shown, only a provider that knows the person already lets one through. */
  authorize(of: Of, way: Way): Promise<Given>;
  refresh(of: Of, refreshToken: string): Promise<Given>;
}

/** How long a page that shows nothing may take to redirect, by script too. */
const SILENT_WITHIN_MS = 10_000;
/** A clock may be off by this much at most: a hundred years. */
const ANY_CLOCK_SECONDS = 100 * 365 * 24 * 60 * 60;

export function createCodeFlow<Of>(
  profile: Profile<Of>,
  { clock, skew }: { readonly clock: Clock; readonly skew: Skew },
): CodeFlow<Of> {
  async function authorize(of: Of, way: Way): Promise<Given> {
    const provider = await profile.provider(of);
    const endpoint = provider.authorization_endpoint;
    if (endpoint === undefined) throw new Error('The provider has no page to sign in on');
    const client = { client_id: profile.clientId(of) };
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const verifier = oauth.generateRandomCodeVerifier();
    const redirectUri = browser.identity.getRedirectURL();
    const address = new URL(endpoint);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(await profile.asksPage(of, provider)),
      ...way.asks,
    })) {
      address.searchParams.set(name, value);
    }
    const returned = await launch(address.href, way.interactive);
    const asked = moment();
    const code = oauth.validateAuthResponse(provider, client, new URL(returned), state);
    const response = await oauth.authorizationCodeGrantRequest(
      provider,
      client,
      oauth.None(),
      code,
      redirectUri,
      verifier,
      options(of, provider),
    );
    const named = await namedProvider(of, provider, response);
    const answer = await oauth.processAuthorizationCodeResponse(named, timed(client, named), response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    if (way.interactive) requireRightClock(named, answer);
    return givenIn(answer, asked);
  }

  async function refresh(of: Of, refreshToken: string): Promise<Given> {
    const provider = await profile.provider(of);
    const client = { client_id: profile.clientId(of) };
    const asked = moment();
    const response = await oauth.refreshTokenGrantRequest(
      provider,
      client,
      oauth.None(),
      refreshToken,
      options(of, provider),
    );
    const named = await namedProvider(of, provider, response);
    return givenIn(await oauth.processRefreshTokenResponse(named, timed(client, named), response), asked);
  }

  function options(of: Of, provider: Provider) {
    return {
      ...askedOf(provider.issuer, skew.fetch),
      additionalParameters: profile.asksTokens(of, provider),
    };
  }

  /** The provider under the name that the ID token of an answer must be of. */
  async function namedProvider(of: Of, provider: Provider, response: Response): Promise<Provider> {
    if (profile.issuerOf === undefined || !response.ok) return provider;
    const claims = await unverifiedClaims(response.clone());
    return claims === null ? provider : { ...provider, issuer: profile.issuerOf(of, claims) };
  }

  /** By how much our clock is ahead of the provider's, as its answers say; null where they do not. */
  function aheadOf({ issuer, token_endpoint }: Provider): number | null {
    return (token_endpoint === undefined ? null : skew.aheadOf(token_endpoint)) ?? skew.aheadOf(issuer);
  }

  /**
   * The client. It reads the times in an ID token by the provider's clock: the provider gives a token once and ends the one before, and
   * a clock of ours that is off must not lose both. Where nobody knows the provider's clock, any time will do.
   */
  function timed(client: oauth.Client, provider: Provider): oauth.Client {
    const aheadMs = aheadOf(provider);
    if (aheadMs === null) return { ...client, [oauth.clockTolerance]: ANY_CLOCK_SECONDS };
    // The library asks the system what time it is.
    return { ...client, [oauth.clockSkew]: (clock.now() - aheadMs - Date.now()) / 1000 };
  }

  /** Somebody is here who can set the clock. @throws {ClockOff} */
  function requireRightClock(provider: Provider, answer: oauth.TokenEndpointResponse): void {
    const madeAt = (oauth.getValidatedIdTokenClaims(answer)?.iat ?? 0) * 1000;
    const aheadMs = aheadOf(provider) ?? clock.now() - madeAt;
    if (isClockOff(aheadMs)) throw new ClockOff(aheadMs);
  }

  /** This moment, by the clock and by this worker's life. */
  function moment(): Moment {
    return { at: clock.now(), elapsed: clock.elapsed() };
  }

  return { authorize, refresh };
}

interface Moment {
  readonly at: number;
  readonly elapsed: number;
}

/** @param asked when they were asked for: their time began then at the earliest */
function givenIn(answer: oauth.TokenEndpointResponse, asked: Moment): Given {
  if (answer.token_type !== 'bearer') throw new Error(`The provider gave a token of the kind ${answer.token_type}`);
  return {
    access: {
      token: answer.access_token,
      since: asked.at,
      lastsMs: answer.expires_in === undefined ? null : answer.expires_in * 1000,
    },
    refreshToken: answer.refresh_token ?? null,
    idToken: answer.id_token ?? null,
    claims: oauth.getValidatedIdTokenClaims(answer) ?? null,
    answer,
    elapsed: asked.elapsed,
  };
}

/** A token is renewed this long before its end, or at half its life when that is shorter. */
export const RENEW_BEFORE_MS = 60_000;
/** A provider that did not answer is left alone for so long, so that not everybody who wants a token waits. */
const LEFT_ALONE_MS = 5000;

/** What this worker knows of tokens by its own watch, which nobody sets. It is lost with the worker. */
export interface Ages {
  /** Tokens came that were asked for under that name. */
  came(name: string, given: Given): void;
  /**
   * Whether an access token lasts for that time yet, or for half its life where that is shorter. This worker measured the age of a
   * token that it got itself. The clock gives the age of another, unless the clock was put back since: then nobody knows it.
   */
  lasts(name: string, access: AccessToken, forMs: number): 'yes' | 'no' | 'unknown';
  /** Whoever is asked under that name did not answer. Whoever asks meanwhile does not put the end of the rest off. */
  rest(name: string): void;
  isResting(name: string): boolean;
}

export function createAges(clock: Clock): Ages {
  // The access token that this worker got under each name, and when in its life it asked for it.
  const got = new Map<string, { readonly token: string; readonly elapsed: number }>();
  const restingUntil = new Map<string, number>();

  function isResting(name: string): boolean {
    return clock.elapsed() < (restingUntil.get(name) ?? 0);
  }

  return {
    came: (name, { access, elapsed }) => {
      got.set(name, { token: access.token, elapsed });
    },
    lasts(name, { token, since, lastsMs }, forMs) {
      if (lastsMs === null) return 'yes';
      const own = got.get(name);
      const ageMs = own?.token === token ? clock.elapsed() - own.elapsed : clock.now() - since;
      if (ageMs < 0) return 'unknown';
      return ageMs < Math.max(lastsMs - forMs, lastsMs / 2) ? 'yes' : 'no';
    },
    rest(name) {
      if (!isResting(name)) restingUntil.set(name, clock.elapsed() + LEFT_ALONE_MS);
    },
    isResting,
  };
}

/** What the ID token of an answer says before anybody has checked it; null where it can't be read, which the library then tells. */
async function unverifiedClaims(response: Response): Promise<Claims | null> {
  try {
    const { id_token } = v.parse(v.object({ id_token: v.string() }), await response.json());
    return v.parse(claimsSchema, JSON.parse(decodedText(id_token.split('.')[1] ?? '')));
  } catch {
    return null;
  }
}

async function launch(url: string, interactive: boolean): Promise<string> {
  try {
    if (interactive) return await showAuthFlow(url);
    // A browser may not keep its own time limit, so we have ours.
    return await within(AbortSignal.timeout(2 * SILENT_WITHIN_MS), tryAuthFlow(url, SILENT_WITHIN_MS));
  } catch (cause) {
    throw new NotLetThrough(describe(cause), { cause });
  }
}
