import * as oauth from 'oauth4webapi';
import { BackendError } from '../backends/backend';
import { withoutTokens } from '../backends/http';
import type { Skew } from '../backends/skew';
import type { Failure } from '../domain/failure';
import { type Credential, isSamePerson } from '../domain/person';
import { isSameScopes, type NamedScopes, OWN_SCOPES, scopesFor } from '../domain/scopes';
import type { OpenIdConnection } from '../domain/connection';
import { isClockOff } from '../domain/skew';
import type { SignInAnswer } from '../messaging/protocol';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import { describe, type Log } from '../platform/log';
import { showAuthFlow, tryAuthFlow } from '../platform/web-auth-flow';
import { matchPatternOf } from '../portals';
import type { Secrets, SignedInPerson, Tokens } from '../storage/secrets';
import { noteSignIn, readSignInNotes } from '../storage/sign-in-notes';
import { askedOf, discover, mayNameService, namedScopes, type Provider } from './provider';
import { AnotherPerson, ClockOff, isAway, NotLetThrough, saidBy, verdictOf, why, wordsOf } from './sign-in-errors';

export interface SignInParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly skew: Skew;
}

/** Signing in at identity providers, by authorization code with PKCE. */
export interface SignIn {
  /**
   * Has the person sign in on the provider's own page.
   * @param another the person wants to choose the account there
   */
  start(connection: OpenIdConnection, another: boolean): Promise<SignInOutcome>;
  /** Whether `start` may go ahead: the browser allows it, and what is asked for has been agreed to. */
  mayStart(connection: OpenIdConnection): Promise<boolean>;
  /** What the service names to be asked for. It decides nothing: the person does. */
  named(address: string): Promise<NamedScopes>;
  /**
   * An access token that is good for a while, and whose it is; renewed without the person where need be; null when the person
   * must sign in.
   * @param refused one that the service has just refused, so that another is wanted
   * @throws {BackendError} when the provider does not answer, or signing in did not work
   */
  token(connection: OpenIdConnection, refused?: string): Promise<Credential | null>;
  /** Forgets the tokens; answers whether the provider ended them too. The next to sign in chooses the account. */
  end(connection: OpenIdConnection): Promise<boolean>;
}

export type SignInOutcome = Exclude<SignInAnswer, 'optionsOpened' | 'tooMany'>;

/** A token is renewed this long before its end, or at half its life when that is shorter. */
const RENEW_BEFORE_MS = 60_000;
const LEFT_ALONE_MS = 5000;
/** How long a page that shows nothing may take to redirect, by script too. */
const SILENT_WITHIN_MS = 10_000;

/** A clock may be off by this much at most: a hundred years. */
const ANY_CLOCK_SECONDS = 100 * 365 * 24 * 60 * 60;

interface Moment {
  readonly at: number;
  readonly elapsed: number;
}

type AccessToken = Exclude<Tokens['access'], null>;

/** How to go to the provider's page. `hint`: who is expected back. */
interface Way {
  readonly interactive: boolean;
  readonly prompts: readonly string[];
  readonly hint: Pick<Tokens, 'idToken' | 'loginHint'> | null;
}

export function createSignIn({ secrets, clock, log, skew }: SignInParts): SignIn {
  const asking = { fetch: skew.fetch, clock, log };
  const providers = new Map<string, Provider>();
  const starting = new Map<string, Promise<SignInOutcome>>();
  // Why the last attempt of each connection did not work, to be shown where the person is asked to sign in.
  const problems = new Map<string, Failure>();
  // A provider that did not answer is left alone until then (in this worker's life), so that not everybody who wants a token waits.
  const leftAloneUntil = new Map<string, number>();
  // The access token that this worker got for each connection, and when in its life it asked for it.
  const got = new Map<string, { readonly token: string; readonly elapsed: number }>();

  /**
   * Work that reads tokens and then writes them runs one after the other: a refresh token that is used twice looks stolen to a
   * provider, which then ends everything that came of it.
   */
  function inTurn<T>({ id }: OpenIdConnection, work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`tokens ${id}`, work);
  }

  async function providerOf(connection: OpenIdConnection): Promise<Provider> {
    const known = providers.get(connection.issuer);
    if (known !== undefined) return known;
    const provider = await discover(connection, skew.fetch);
    providers.set(connection.issuer, provider);
    return provider;
  }

  /** Goes to the provider's page and back. Without `interactive` only a provider that knows the person already lets one through. */
  async function authorize(connection: OpenIdConnection, way: Way): Promise<Tokens> {
    const provider = await providerOf(connection);
    const endpoint = provider.authorization_endpoint;
    if (endpoint === undefined) throw new Error('The provider has no page to sign in on');
    const client = { client_id: connection.clientId };
    const state = oauth.generateRandomState();
    const nonce = oauth.generateRandomNonce();
    const verifier = oauth.generateRandomCodeVerifier();
    const redirectUri = browser.identity.getRedirectURL();
    const address = new URL(endpoint);
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: connection.clientId,
      redirect_uri: redirectUri,
      scope: (await asksFor(connection, provider)).join(' '),
      state,
      nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(way.prompts.length > 0 && { prompt: way.prompts.join(' ') }),
      ...hintOf(way),
      ...resourceOf(connection, provider),
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
      { ...askedOf(connection.issuer, skew.fetch), additionalParameters: resourceOf(connection, provider) },
    );
    const given = await oauth.processAuthorizationCodeResponse(provider, timed(client, provider), response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    if (way.interactive) requireRightClock(provider, given);
    return tokensOf(connection, given, asked, null);
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
  function requireRightClock(provider: Provider, given: oauth.TokenEndpointResponse): void {
    const madeAt = (oauth.getValidatedIdTokenClaims(given)?.iat ?? 0) * 1000;
    const aheadMs = aheadOf(provider) ?? clock.now() - madeAt;
    if (isClockOff(aheadMs)) throw new ClockOff(aheadMs);
  }

  /** This moment, by the clock and by this worker's life. */
  function moment(): Moment {
    return { at: clock.now(), elapsed: clock.elapsed() };
  }

  /**
   * @param asked when they were asked for: their time began then at the earliest
   * @param before what was renewed: what the provider does not say anew goes on
   */
  function tokensOf(
    { id, issuer }: OpenIdConnection,
    given: oauth.TokenEndpointResponse,
    asked: Moment,
    before: Tokens | null,
  ): Tokens {
    if (given.token_type !== 'bearer') throw new Error(`The provider gave a token of the kind ${given.token_type}`);
    const claims = oauth.getValidatedIdTokenClaims(given);
    got.set(id, { token: given.access_token, elapsed: asked.elapsed });
    return {
      access: {
        token: given.access_token,
        since: asked.at,
        lastsMs: given.expires_in === undefined ? null : given.expires_in * 1000,
      },
      refreshToken: given.refresh_token ?? before?.refreshToken ?? null,
      person: claims === undefined ? (before?.person ?? null) : personIn(issuer, claims, before?.person ?? null),
      idToken: given.id_token ?? before?.idToken ?? null,
      loginHint: textIn(claims, ['preferred_username', 'email']) ?? before?.loginHint ?? null,
    };
  }

  async function attempt(connection: OpenIdConnection, another: boolean): Promise<SignInOutcome> {
    problems.delete(connection.id);
    try {
      const notes = await readSignInNotes(connection);
      const choose = another || notes.chooseAccount;
      const first = await chosen(connection, choose, notes.askConsent);
      await inTurn(connection, () => secrets.saveTokens(connection, first));
      await noteSignIn(connection, { chooseAccount: false });
      // Nobody waits for this: work that waited for the sign-in goes on meanwhile.
      if (await lacksConsent(connection, first)) void consentTo(connection, first);
      return 'signedIn';
    } catch (cause) {
      if (verdictOf(cause) === 'cancelled') return 'cancelled';
      log.error('Signing in did not work', cause);
      if (cause instanceof ClockOff) {
        const { aheadMs } = cause;
        const detail = { code: 'clockOff', aheadMs } as const;
        problems.set(connection.id, { reason: 'signInNeeded', code: 'SignInFailed', detail });
        return { problem: 'clockOff', aheadMs };
      }
      const away = isAway(cause);
      const code = away ? 'SignInAway' : 'SignInFailed';
      problems.set(connection.id, { reason: 'signInNeeded', code, ...saidBy(cause) });
      return away ? 'providerAway' : 'failed';
    }
  }

  /** Has the person sign in. A provider that offers no choice of account asks for a login, which is a choice too. */
  async function chosen(connection: OpenIdConnection, choose: boolean, consent: boolean): Promise<Tokens> {
    const way = (prompt: string): Way => ({
      interactive: true,
      prompts: [...(choose ? [prompt] : []), ...(consent ? ['consent'] : [])],
      hint: null,
    });
    try {
      return await authorize(connection, way('select_account'));
    } catch (cause) {
      const isUnknown = cause instanceof oauth.AuthorizationResponseError && cause.error === 'invalid_request';
      if (!choose || !isUnknown) throw cause;
      log.info('The identity provider does not let anyone choose an account', { why: why(cause) });
      return authorize(connection, way('login'));
    }
  }

  /** Whether the provider withheld a refresh token because the person had not consented; from then on consent is asked for. */
  async function lacksConsent(connection: OpenIdConnection, { refreshToken }: Tokens): Promise<boolean> {
    if (refreshToken !== null) return false;
    const asked = await asksFor(connection, await providerOf(connection));
    if (!asked.includes('offline_access') || (await readSignInNotes(connection)).askConsent) return false;
    await noteSignIn(connection, { askConsent: true });
    return connection.staySignedIn;
  }

  /** The person wants to stay signed in, so the provider's page asks for their consent at once. Without it they are signed in all the same. */
  async function consentTo(connection: OpenIdConnection, present: Tokens): Promise<void> {
    try {
      const tokens = await authorize(connection, { interactive: true, prompts: ['consent'], hint: present });
      await inTurn(connection, async () => {
        const now = (await secrets.readTokens(connection))?.person ?? null;
        // Meanwhile the person may have left, or somebody else may have come.
        const isStillThere = now !== null && tokens.person !== null && isSamePerson(now, tokens.person);
        if (isStillThere) await secrets.saveTokens(connection, tokens);
        else log.info('Consent came for somebody who is not signed in any more');
      });
    } catch (cause) {
      log.info('The person is signed in until the browser closes', { why: why(cause) });
    }
  }

  async function token(connection: OpenIdConnection, refused?: string): Promise<Credential | null> {
    const tokens = await secrets.readTokens(connection);
    const problem = problems.get(connection.id);
    if (tokens === null && problem !== undefined) throw new BackendError(problem);
    if (tokens === null) return null;
    const { access } = tokens;
    const isFresh = access !== null && lasts(connection, access, RENEW_BEFORE_MS) === 'yes';
    const present = credentialOf(tokens);
    return present !== null && isFresh && present.token !== refused ? present : renewed(connection, tokens, refused);
  }

  /**
   * Whether an access token lasts for that time yet, or for half its life where that is shorter. This worker measured the age of a
   * token that it got itself. The clock gives the age of another, unless the clock was put back since: then nobody knows it.
   */
  function lasts({ id }: OpenIdConnection, access: AccessToken, forMs: number): 'yes' | 'no' | 'unknown' {
    if (access.lastsMs === null) return 'yes';
    const own = got.get(id);
    const ageMs = own?.token === access.token ? clock.elapsed() - own.elapsed : clock.now() - access.since;
    if (ageMs < 0) return 'unknown';
    return ageMs < Math.max(access.lastsMs - forMs, access.lastsMs / 2) ? 'yes' : 'no';
  }

  async function renewed(connection: OpenIdConnection, tokens: Tokens, refused?: string): Promise<Credential | null> {
    const { access, refreshToken, idToken } = tokens;
    const clean = withoutTokens([access?.token ?? '', refreshToken ?? '', idToken ?? '']);
    const isLeftAlone = clock.elapsed() < (leftAloneUntil.get(connection.id) ?? 0);
    try {
      if (isLeftAlone) throw new Error('It did not answer a moment ago');
      const given = await renew(connection, tokens);
      const credential = credentialOf(given);
      if (credential === null) throw new AnotherPerson('The provider did not say whose the token is');
      if (tokens.person !== null && !isSamePerson(tokens.person, credential.person))
        throw new AnotherPerson('The provider now knows somebody else');
      await secrets.saveTokens(connection, given);
      return credential;
    } catch (cause) {
      if (verdictOf(cause) !== 'later') {
        log.info('The identity provider wants the person to sign in again', { why: clean(why(cause)) });
        await secrets.forgetTokens(connection.id);
        return null;
      }
      log.info('No access token could be had from the identity provider', { why: clean(why(cause)) });
      // Whoever asks meanwhile does not put this off.
      if (!isLeftAlone) leftAloneUntil.set(connection.id, clock.elapsed() + LEFT_ALONE_MS);
      const present = credentialOf(tokens);
      // Nobody knows the token's age: the service judges it.
      const isGood = access !== null && lasts(connection, access, 0) !== 'no';
      if (present !== null && present.token !== refused && isGood) return present;
      const said = wordsOf(cause);
      throw new BackendError(
        { reason: 'noAnswer', code: 'IdentityProviderAway', ...(said !== null && { said: clean(said) }) },
        { cause },
      );
    }
  }

  /** Gets other tokens without the person: by the refresh token; where there is none or it is refused, by the provider's own session. */
  async function renew(connection: OpenIdConnection, tokens: Tokens): Promise<Tokens> {
    const silently = () => authorize(connection, { interactive: false, prompts: ['none'], hint: tokens });
    if (tokens.refreshToken === null) return silently();
    try {
      return await refresh(connection, tokens, tokens.refreshToken);
    } catch (cause) {
      if (verdictOf(cause) === 'later') throw cause;
      log.info('The identity provider refused the refresh token', { why: why(cause) });
      return silently();
    }
  }

  async function refresh(connection: OpenIdConnection, before: Tokens, refreshToken: string): Promise<Tokens> {
    const provider = await providerOf(connection);
    const client = { client_id: connection.clientId };
    const asked = moment();
    const response = await oauth.refreshTokenGrantRequest(provider, client, oauth.None(), refreshToken, {
      ...askedOf(connection.issuer, skew.fetch),
      additionalParameters: resourceOf(connection, provider),
    });
    const given = await oauth.processRefreshTokenResponse(provider, timed(client, provider), response);
    return tokensOf(connection, given, asked, before);
  }

  return {
    token: (connection, refused) => inTurn(connection, () => token(connection, refused)),

    start(connection, another) {
      const underWay = starting.get(connection.id);
      if (underWay !== undefined) return underWay;
      const started = attempt(connection, another).finally(() => starting.delete(connection.id));
      starting.set(connection.id, started);
      return started;
    },

    async mayStart(connection) {
      const wanted = { origins: [matchPatternOf(connection.issuer)], permissions: ['identity' as const] };
      if (!(await browser.permissions.contains(wanted))) return false;
      if ((await agreedTo(connection)) !== null) return true;
      // Nobody has decided yet: only scopes that open no API may be asked for without a question.
      const named = scopesFor(await namedScopes(connection.address, asking));
      return named === null || isSameScopes(named, OWN_SCOPES);
    },

    named: (address) => namedScopes(address, asking),

    async end(connection) {
      problems.delete(connection.id);
      const tokens = await inTurn(connection, async () => {
        const present = await secrets.readTokens(connection);
        await secrets.forgetTokens(connection.id);
        await noteSignIn(connection, { chooseAccount: true });
        return present;
      });
      if (tokens === null) return true;
      // A provider that ends the refresh token ends what came of it; most cannot end an access token that is a JWT.
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
          askedOf(connection.issuer, skew.fetch),
        );
        await oauth.processRevocationResponse(response);
        return true;
      } catch (cause) {
        log.info('The identity provider has not heard of the end', {
          why: withoutTokens([last ?? ''])(why(cause)),
        });
        return false;
      }
    },
  };
}

/** What the person, or policy, decided that the provider is asked for; null while nobody has. */
async function agreedTo(connection: OpenIdConnection): Promise<readonly string[] | null> {
  return connection.scopes ?? (await readSignInNotes(connection)).scopes;
}

/** What a request asks for: what was agreed to and nothing besides, however the service's metadata change. */
async function asksFor(connection: OpenIdConnection, provider: Provider): Promise<readonly string[]> {
  const agreed = (await agreedTo(connection)) ?? OWN_SCOPES;
  const known = provider.scopes_supported;
  const optional = ['profile', 'offline_access'];
  const asked = agreed.filter((scope) => !optional.includes(scope) || known === undefined || known.includes(scope));
  return [...new Set(['openid', ...asked])];
}

function resourceOf(connection: OpenIdConnection, provider: Provider): Record<string, string> {
  return mayNameService(provider, connection) ? { resource: connection.address } : {};
}

function hintOf({ hint }: Way): Record<string, string> {
  if (hint === null) return {};
  if (hint.idToken !== null) return { id_token_hint: hint.idToken };
  return hint.loginHint === null ? {} : { login_hint: hint.loginHint };
}

/** Token and person as one; null where either is missing: no token is handed out without whose it is. */
function credentialOf({ access, person }: Tokens): Credential | null {
  return access === null || person === null ? null : { token: access.token, person };
}

/** @param before keeps its name where an ID token of a renewal leaves it out */
function personIn(issuer: string, claims: oauth.IDToken, before: SignedInPerson | null): SignedInPerson {
  const name = textIn(claims, ['name', 'preferred_username', 'email']);
  const person = { kind: 'openIdConnect', issuer, sub: claims.sub, name } as const;
  return before !== null && name === null && isSamePerson(before, person) ? before : person;
}

/** The first of the claims that is a text with something in it. */
function textIn(claims: oauth.IDToken | undefined, names: readonly string[]): string | null {
  const found = names.map((name) => claims?.[name]).find((claim) => typeof claim === 'string' && claim.trim() !== '');
  return typeof found === 'string' ? found : null;
}

async function launch(url: string, interactive: boolean): Promise<string> {
  try {
    return await (interactive ? showAuthFlow(url) : withinLimit(tryAuthFlow(url, SILENT_WITHIN_MS)));
  } catch (cause) {
    throw new NotLetThrough(describe(cause), { cause });
  }
}

/** A browser may not keep its own time limit, so we have ours. */
async function withinLimit<T>(work: Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(2 * SILENT_WITHIN_MS);
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      limit.addEventListener('abort', () => reject(limit.reason), { once: true });
    }),
  ]);
}
