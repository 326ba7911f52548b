import * as oauth from 'oauth4webapi';
import { BackendError } from '../backends/backend';
import { withoutTokens } from '../backends/http';
import type { Failure } from '../domain/failure';
import { type Credential, isSamePerson } from '../domain/person';
import { isSameScopes, type NamedScopes, OWN_SCOPES, scopesFor } from '../domain/scopes';
import type { OpenIdConnection } from '../domain/connection';
import type { SignInAnswer } from '../messaging/protocol';
import { browser } from '../platform/browser';
import type { Clock } from '../platform/clock';
import { describe, type Log } from '../platform/log';
import { matchPatternOf } from '../portals';
import type { Secrets, SignedInPerson, Tokens } from '../storage/secrets';
import { noteSignIn, readSignInNotes } from '../storage/sign-in-notes';
import { askedOf, discover, mayNameService, namedScopes, type Provider } from './provider';
import { AnotherPerson, isAway, NotLetThrough, toldBy, verdictOf, why, wordsOf } from './sign-in-errors';

export interface SignInParts {
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
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

/** How the provider's page is gone to. `hint`: who is expected back. */
interface Way {
  readonly interactive: boolean;
  readonly prompts: readonly string[];
  readonly hint: Pick<Tokens, 'idToken' | 'loginHint'> | null;
}

export function createSignIn({ secrets, clock, log }: SignInParts): SignIn {
  const providers = new Map<string, Provider>();
  const starting = new Map<string, Promise<SignInOutcome>>();
  // Why the last attempt of each connection did not work, to be told where the person is asked to sign in.
  const problems = new Map<string, Failure>();
  // Until when a provider that did not answer is left alone, so that not everyone who wants a token waits for it in turn.
  const leftAloneUntil = new Map<string, number>();

  /**
   * What reads tokens and then writes them goes one after the other: a refresh token used twice looks stolen to a provider,
   * which then ends everything that came of it.
   */
  function inTurn<T>({ id }: OpenIdConnection, work: () => Promise<T>): Promise<T> {
    return navigator.locks.request(`tokens ${id}`, work);
  }

  async function providerOf(connection: OpenIdConnection): Promise<Provider> {
    const known = providers.get(connection.issuer);
    if (known !== undefined) return known;
    const provider = await discover(connection);
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
    const code = oauth.validateAuthResponse(provider, client, new URL(returned), state);
    const response = await oauth.authorizationCodeGrantRequest(
      provider,
      client,
      oauth.None(),
      code,
      redirectUri,
      verifier,
      { ...askedOf(connection.issuer), additionalParameters: resourceOf(connection, provider) },
    );
    const given = await oauth.processAuthorizationCodeResponse(provider, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    });
    return tokensOf(connection, given, null);
  }

  /** @param before what was renewed: what the provider does not say anew goes on */
  function tokensOf({ issuer }: OpenIdConnection, given: oauth.TokenEndpointResponse, before: Tokens | null): Tokens {
    if (given.token_type !== 'bearer') throw new Error(`The provider gave a token of the kind ${given.token_type}`);
    const now = clock.now();
    const lasts = given.expires_in === undefined ? null : given.expires_in * 1000;
    const claims = oauth.getValidatedIdTokenClaims(given);
    return {
      access: {
        token: given.access_token,
        freshUntil: lasts === null ? null : now + Math.max(lasts - RENEW_BEFORE_MS, lasts / 2),
        expiresAt: lasts === null ? null : now + lasts,
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
      // Nobody waits for that: what waited for the sign-in goes on meanwhile.
      if (await lacksConsent(connection, first)) void consentTo(connection, first);
      return 'signedIn';
    } catch (cause) {
      if (verdictOf(cause) === 'cancelled') return 'cancelled';
      log.error('Signing in did not work', cause);
      const away = isAway(cause);
      const code = away ? 'SignInAway' : 'SignInFailed';
      problems.set(connection.id, { reason: 'signInNeeded', code, ...toldBy(cause) });
      return away ? 'providerAway' : 'failed';
    }
  }

  /** Has the person sign in. A provider that knows no choosing of accounts asks for a login, which is one. */
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

  /** Whether a refresh token was asked for and not given for want of the person's consent; from then on that is asked for. */
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
    const isFresh = access !== null && (access.freshUntil === null || clock.now() < access.freshUntil);
    const present = credentialOf(tokens);
    return present !== null && isFresh && present.token !== refused ? present : renewed(connection, tokens, refused);
  }

  async function renewed(connection: OpenIdConnection, tokens: Tokens, refused?: string): Promise<Credential | null> {
    const { access, refreshToken, idToken } = tokens;
    const clean = withoutTokens([access?.token ?? '', refreshToken ?? '', idToken ?? '']);
    const isLeftAlone = clock.now() < (leftAloneUntil.get(connection.id) ?? 0);
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
      // Whoever asks meanwhile does not put off the end of that.
      if (!isLeftAlone) leftAloneUntil.set(connection.id, clock.now() + LEFT_ALONE_MS);
      const present = credentialOf(tokens);
      const isGood = clock.now() < (access?.expiresAt ?? 0);
      if (present !== null && present.token !== refused && isGood) return present;
      const said = wordsOf(cause);
      throw new BackendError(
        { reason: 'noAnswer', code: 'IdentityProviderAway', ...(said !== null && { said: clean(said) }) },
        { cause },
      );
    }
  }

  /** Other tokens without the person: by the refresh token, and where that is refused, or there is none, by the provider's own session. */
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
    const response = await oauth.refreshTokenGrantRequest(provider, client, oauth.None(), refreshToken, {
      ...askedOf(connection.issuer),
      additionalParameters: resourceOf(connection, provider),
    });
    return tokensOf(connection, await oauth.processRefreshTokenResponse(provider, client, response), before);
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
      // Nobody has decided yet: then only what opens no API goes without a question.
      const named = scopesFor(await namedScopes(connection.address, clock, log));
      return named === null || isSameScopes(named, OWN_SCOPES);
    },

    named: (address) => namedScopes(address, clock, log),

    async end(connection) {
      problems.delete(connection.id);
      const tokens = await inTurn(connection, async () => {
        const present = await secrets.readTokens(connection);
        await secrets.forgetTokens(connection.id);
        await noteSignIn(connection, { chooseAccount: true });
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
          askedOf(connection.issuer),
        );
        await oauth.processRevocationResponse(response);
        return true;
      } catch (cause) {
        log.info('The identity provider could not be told of the end', {
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

// The polyfill hands on what its types do not know.
interface AuthFlow {
  readonly url: string;
  readonly interactive: boolean;
  readonly abortOnLoadForNonInteractive?: boolean;
  readonly timeoutMsForNonInteractive?: number;
}

async function launch(url: string, interactive: boolean): Promise<string> {
  const identity: { launchWebAuthFlow(details: AuthFlow): Promise<string> } = browser.identity;
  const plain = { url, interactive };
  try {
    if (interactive) return await identity.launchWebAuthFlow(plain);
    return await withinLimit(
      identity
        .launchWebAuthFlow({
          ...plain,
          abortOnLoadForNonInteractive: false,
          timeoutMsForNonInteractive: SILENT_WITHIN_MS,
        })
        // A browser that does not know these says so: Firefox goes without.
        .catch((cause: unknown) =>
          /unexpected property/i.test(describe(cause)) ? identity.launchWebAuthFlow(plain) : Promise.reject(cause),
        ),
    );
  } catch (cause) {
    throw new NotLetThrough(describe(cause), { cause });
  }
}

/** Not every browser keeps to a time of its own. */
async function withinLimit<T>(work: Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(2 * SILENT_WITHIN_MS);
  return Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      limit.addEventListener('abort', () => reject(limit.reason), { once: true });
    }),
  ]);
}
